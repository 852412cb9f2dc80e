import { describe, expect, it } from 'vitest';
import { CONTEXT, first, parsed, refused } from './fixture.ts';

describe('flags', () => {
  it('are all read, and the words stay', () => {
    const text = 'a fox --seed 7 --n 4 --ar 1:1 --style noto --no red --guidance 2.5 --model easel-nano --private';
    expect(first(text)).toMatchObject({
      prompt: 'a fox',
      options: {
        seed: 7,
        count: 4,
        aspect: '1:1',
        style: 'noto',
        unwanted: 'red',
        guidanceScale: 2.5,
        model: 'easel-nano',
        private: true,
      },
    });
  });

  it('left out mean the defaults of the place', () => {
    expect(first('a fox', { ...CONTEXT, defaultCount: 4 }).options).toEqual({
      seed: null,
      count: 4,
      aspect: null,
      style: null,
      unwanted: null,
      guidanceScale: null,
      model: 'easel-nano',
      private: false,
    });
  });

  it.each([
    ['—', 'an em dash'],
    ['–', 'an en dash'],
    ['―', 'a horizontal bar'],
    ['−', 'a minus sign'],
    ['—-', 'a dash and a half'],
  ])('%s (%s) reads as --', (dash) => {
    expect(first(`a fox ${dash}seed 7 ${dash}no red`).options).toMatchObject({ seed: 7, unwanted: 'red' });
  });

  it('dashes in prose stay prose', () => {
    expect(first('a fox — red, well-fed — and a bear—blue -- on the hand').prompt).toBe(
      'a fox — red, well-fed — and a bear—blue -- on the hand',
    );
  });

  it('take a value after = or in quotes', () => {
    expect(first('a fox --seed=7 --style="noto" --no="red, blue"').options).toMatchObject({
      seed: 7,
      style: 'noto',
      unwanted: 'red, blue',
    });
    expect(first('a fox --style “noto” in the hand')).toMatchObject({
      prompt: 'a fox in the hand',
      options: { style: 'noto' },
    });
  });

  it('of one value give the words after it back to the prompt', () => {
    expect(first('--seed 7 a fox --private on the hand')).toMatchObject({
      prompt: 'a fox on the hand',
      options: { seed: 7, private: true },
    });
  });

  it('--no takes all words up to the next flag, and may come again', () => {
    expect(first('a fox --no red hand, blue --seed 7 --no snowflake').options.unwanted).toBe(
      'red hand, blue, snowflake',
    );
  });

  it('--no=x takes one word', () => {
    expect(first('a fox --no=red on the hand')).toMatchObject({
      prompt: 'a fox on the hand',
      options: { unwanted: 'red' },
    });
  });

  it('a backslash keeps dashes as words', () => {
    expect(first('a fox \\--seed 7')).toMatchObject({ prompt: 'a fox --seed 7', options: { seed: null } });
  });

  it('names may be in capitals, as phones write them', () => {
    expect(first('a fox --Seed 7 --Aspect 1:1').options).toMatchObject({ seed: 7, aspect: '1:1' });
  });

  it.each([
    ['sede', 'seed'],
    ['seeds', 'seed'],
    ['stile', 'style'],
    ['guidence', 'guidance'],
    ['guid', 'guidance'],
    ['privat', 'private'],
    ['modle', 'model'],
    ['not', 'no'],
    ['nn', 'n'],
  ])('unknown --%s is answered with --%s', (typed, nearest) => {
    const refusal = refused(`a fox --${typed} 7`);
    expect(refusal.code).toBe('INPUT_FLAG_UNKNOWN');
    expect(refusal.message).toContain(`--${typed}. Did you mean --${nearest}?`);
    expect(refusal.details).toEqual({ nearest });
  });

  it.each([
    'a fox --seed abc',
    'a fox --seed',
    'a fox --seed -1',
    'a fox --seed 1.5',
    'a fox --seed 4294967296',
    'a fox --seed --n 2',
    'a fox --n 0',
    'a fox --n two',
    'a fox --ar wide',
    'a fox --ar 0:1',
    'a fox --ar 16:9.5',
    'a fox --guidance 0',
    'a fox --guidance 999',
    'a fox --guidance strong',
    'a fox --no',
    'a fox --no , ,',
    'a fox --style',
    'a fox --model',
    'a fox --private=perhaps',
    'a fox --style "noto',
  ])('%s is refused with what the flag takes', (text) => {
    const refusal = refused(text);
    expect(refusal.code).toBe('INPUT_FLAG_VALUE');
    expect(refusal.message).toMatch(/It takes .+\.$|Add the closing quote\.$/u);
  });

  it('the largest seed is a seed', () => {
    expect(first('a fox --seed 4294967295').options.seed).toBe(4294967295);
  });

  it('--n 99 is refused with the most there is', () => {
    expect(refused('a fox --n 99')).toMatchObject({
      code: 'INPUT_TOO_MANY_PICTURES',
      message: '--n 99 is too many pictures: 16 is the most at a time. Ask for --n 16 or fewer.',
      details: { countMax: 16 },
    });
  });

  it('an unknown model is refused with the nearest and all there are', () => {
    const refusal = refused('a fox --model easel-nan');
    expect(refusal.code).toBe('MODEL_UNKNOWN');
    expect(refusal.message).toBe(
      'There is no model "easel-nan" here. Did you mean easel-nano? The models are: easel-nano, janus-pro-1b.',
    );
  });

  it('the same flag with another value is refused, with the same value it is fine', () => {
    expect(refused('a fox --seed 1 --seed 2').code).toBe('INPUT_FLAG_REPEATED');
    expect(first('a fox --seed 1 --seed 1').options.seed).toBe(1);
  });
});

describe('flags beside the text', () => {
  it('count like those in it', () => {
    const given = [
      { name: 'seed', value: '7' },
      { name: 'private', value: '' },
    ];
    expect(parsed('a fox', CONTEXT, given).expansions[0].options).toMatchObject({ seed: 7, private: true });
  });

  it('must not contradict it', () => {
    expect(refused('a fox --seed 1', CONTEXT, [{ name: 'seed', value: '2' }]).code).toBe('INPUT_FLAG_REPEATED');
  });

  it('never read as part of the words', () => {
    const given = [{ name: 'style', value: 'x --seed 3' }];
    expect(parsed('a fox', CONTEXT, given).expansions[0]).toMatchObject({ prompt: 'a fox', options: { seed: null } });
  });
});

describe('what a model cannot honour is said', () => {
  const noticesOf = (text: string, context = CONTEXT) => parsed(text, context).notices;

  it('a shape it does not draw', () => {
    const result = parsed('a fox --ar 16:9');
    expect(result.expansions[0].options.aspect).toBeNull();
    expect(result.notices).toMatchObject([
      {
        code: 'ASPECT_NOT_HONOURED',
        message: 'easel-nano draws square pictures only, so --ar 16:9 has no effect.',
      },
    ]);
    expect(noticesOf('a fox --ar 2:2')).toEqual([]);
  });

  it('a style it does not have, with the nearest', () => {
    expect(first('a fox --style fluant')).toMatchObject({ caption: 'a fox', options: { style: null } });
    expect(noticesOf('a fox --style fluant')).toMatchObject([
      { code: 'STYLE_NOT_HONOURED', message: expect.stringContaining('the nearest is fluent') },
    ]);
  });

  it('guidance and --no where there is none', () => {
    const codes = noticesOf('a fox --guidance 3 --no red --model janus-pro-1b').map(({ code }) => code);
    expect(codes).toEqual(['GUIDANCE_NOT_HONOURED', 'GUIDANCE_NOT_HONOURED']);
  });

  it('--private where nobody else looks', () => {
    expect(noticesOf('a fox --private', { ...CONTEXT, canBePrivate: false })).toMatchObject([
      { code: 'PRIVATE_NOT_HONOURED' },
    ]);
  });
});
