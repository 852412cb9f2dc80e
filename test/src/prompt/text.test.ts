import { describe, expect, it } from 'vitest';
import { captionAt } from '../../../src/prompt/caption.ts';
import { CONTEXT, first, MODEL, parsed, refused, VOCABULARY } from './fixture.ts';

const promptsOf = (text: string) => parsed(text).expansions.map(({ prompt }) => prompt);

describe('the text of a prompt', () => {
  it.each(['', '   ', '\n\t', '\u200B', '\u202E', '--seed 7', '!?'])('%j is empty', (text) => {
    expect(refused(text)).toMatchObject({
      code: 'INPUT_PROMPT_EMPTY',
      message: 'The prompt is empty. Say what to draw, like "a red apple".',
    });
  });

  it('that --no took whole is empty, and says so', () => {
    expect(refused('--no red a fox').message).toContain('All words after --no are what to leave out');
  });

  it('of 10,000 characters is refused with the most there is', () => {
    expect(refused('fox '.repeat(2500))).toMatchObject({
      code: 'INPUT_PROMPT_TOO_LONG',
      message: 'The prompt is too long: it has 10,000 characters and 1,000 is the most. Shorten it.',
    });
  });

  it('counts characters, not the halves that some are made of', () => {
    expect(parsed('🦊'.repeat(1000)).pictureCount).toBe(1);
    expect(refused('🦊'.repeat(1001)).code).toBe('INPUT_PROMPT_TOO_LONG');
  });

  it.each(['\u0000', '\u001B[31m', '\u0007', '\u009B', '\u007F', '\uD800'])('with %j is refused', (sign) => {
    expect(refused(`a fox ${sign}`)).toMatchObject({
      code: 'INPUT_CONTROL_CHARACTER',
      message: expect.stringMatching(/^The prompt holds a control character \(U\+[0-9A-F]{4}\)/u),
    });
  });

  it('of several lines becomes one', () => {
    expect(first('a fox\r\n\tunder a\u00A0 rainbow ').prompt).toBe('a fox under a rainbow');
  });

  it('loses the marks that turn the direction of writing, not the writing', () => {
    expect(first('\u202Ea \u2066fox\u2069\u200F').prompt).toBe('a fox');
    expect(first('שועל אדום').prompt).toBe('שועל אדום');
  });

  it('is composed, so that the same letters are the same prompt', () => {
    expect(first('cafe\u0301 fox').prompt).toBe('caf\u00E9 fox');
  });
});

describe('braces', () => {
  it('make one prompt for each choice, the last braces turning fastest', () => {
    expect(promptsOf('a {red,blue} {fox, bear}')).toEqual(['a red fox', 'a red bear', 'a blue fox', 'a blue bear']);
  });

  it('may stand in each other, in flags and around nothing', () => {
    expect(promptsOf('a {red {fox,bear},apple}')).toEqual(['a red fox', 'a red bear', 'a apple']);
    expect(parsed('a fox --n {1,2}').expansions.map(({ options }) => options.count)).toEqual([1, 2]);
    expect(promptsOf('a {red,} fox')).toEqual(['a red fox', 'a fox']);
  });

  it('are told with their count before anything runs', () => {
    expect(parsed('a {red,blue} fox --n 2').notices).toMatchObject([
      { code: 'PERMUTATIONS', message: 'The braces make 2 prompts, 4 pictures in all.' },
    ]);
  });

  it('after a backslash are signs', () => {
    expect(promptsOf('a fox \\{red, {blue\\,red,apple}\\}')).toEqual(['a fox {red, blue,red}', 'a fox {red, apple}']);
  });

  it.each(['a {red,blue fox', 'a red} fox', 'a {} fox', 'a { , } fox'])('that do not pair are refused: %s', (text) => {
    expect(refused(text).code).toBe('INPUT_BRACES');
  });

  it('that make too many prompts are refused with the count', () => {
    expect(refused('a {red,blue,big} {fox,bear,apple}')).toMatchObject({
      code: 'INPUT_TOO_MANY_PROMPTS',
      message: 'The braces make 9 prompts and 8 is the most at a time. Take some words out of the braces.',
    });
  });

  it('that would make more prompts than there are numbers are refused at once', () => {
    expect(refused('{a,b}'.repeat(200)).message).toContain('countless prompts');
    expect(refused(`${'{'.repeat(400)}a,b${'}'.repeat(400)}{c,d,e,f,g}`).code).toBe('INPUT_TOO_MANY_PROMPTS');
  });

  it('that make too many pictures are refused with the count', () => {
    expect(refused('a {red,blue,big} fox --n 16').message).toContain('3 prompts make 48 pictures and 32 is the most');
  });
});

describe('the caption', () => {
  it('ends with the words of the style', () => {
    expect(first('a fox --style Noto')).toMatchObject({ caption: 'a fox, noto style', options: { style: 'noto' } });
    expect(first('a fox --style google').options.style).toBe('noto');
  });

  it('names a thing as the model does, where the model never saw the other name', () => {
    expect(first('A Scarlet aeroplane')).toMatchObject({ caption: 'A red airplane', prompt: 'A Scarlet aeroplane' });
  });

  it('draws what a search word of its emoji stands for, where the model never saw the word', () => {
    expect(first('a fluffy teddy')).toMatchObject({ caption: 'a fluffy bear' });
    expect(parsed('a teddy').notices).toEqual([]);
  });

  it('says once which words the model never saw, with the nearest', () => {
    expect(parsed('a {red,blue} rainbo, a zeppelin').notices.slice(1)).toMatchObject([
      {
        code: 'WORDS_UNKNOWN',
        message:
          'I don\'t know "rainbo" (did you mean rainbow?), "zeppelin"; I draw the rest. easel-nano knows everyday things and colours in English.',
      },
    ]);
  });

  const colours = [...VOCABULARY.colours, { name: 'turquoise', aliases: ['azul turquesa', '青色'] }];
  const vocabulary = { ...VOCABULARY, colours, words: [...VOCABULARY.words, 'azul', 'turquesa'] };
  const sheetStyles = ['fluent style', 'noto style'];
  const varied = { ...CONTEXT, models: [{ ...MODEL, vocabulary, sheetStyles }] } as const;

  it('of the pictures after the first is in other styles, in turn', () => {
    const { caption, sheetCaptions } = first('a fox', varied);
    expect([0, 1, 2, 3].map((index) => captionAt(caption, sheetCaptions, index))).toEqual([
      'a fox',
      'a fox, fluent style',
      'a fox, noto style',
      'a fox',
    ]);
  });

  it.each([
    ...['a fox --style fluent', 'a fox, noto style', 'a google fox'],
    ...['a red fox', 'a scarlet fox', 'fox azul turquesa', '青色的狐狸'],
  ])('of all pictures is the same where the words name a style or a colour: %s', (prompt) => {
    expect(first(prompt, varied).sheetCaptions).toEqual([]);
  });

  it('of a model that takes any words is the prompt', () => {
    const result = parsed('🦊 zeppelin --model janus-pro-1b');
    expect(result.expansions[0].caption).toBe('🦊 zeppelin');
    expect(result.notices).toEqual([]);
  });

  it('in Chinese is known sign by sign, where the model reads Chinese', () => {
    const objects = VOCABULARY.objects.map((object) =>
      object.name === 'fox' ? { ...object, aliases: ['狐狸'] } : object,
    );
    const model = { ...MODEL, vocabulary: { ...VOCABULARY, objects, languages: ['English', 'Chinese'] } };
    const noticesOf = (text: string) => parsed(text, { ...CONTEXT, models: [model] }).notices;
    expect(noticesOf('一只狐狸, 3 fox')).toEqual([]);
    expect(first('狐狸', { ...CONTEXT, models: [model] }).caption).toBe('狐狸');
    expect(noticesOf('鲸')).toMatchObject([{ message: expect.stringContaining('in English and Chinese.') }]);
    expect(parsed('一只狐狸').notices).toMatchObject([{ code: 'WORDS_UNKNOWN' }]);
  });

  it('in Japanese is known sign by sign, kana too', () => {
    const objects = VOCABULARY.objects.map((object) =>
      object.name === 'fox' ? { ...object, aliases: ['キツネ'] } : object,
    );
    const model = { ...MODEL, vocabulary: { ...VOCABULARY, objects } };
    expect(parsed('キツネの隣', { ...CONTEXT, models: [model] }).notices).toEqual([]);
    expect(parsed('クジラ', { ...CONTEXT, models: [model] }).notices).toMatchObject([{ code: 'WORDS_UNKNOWN' }]);
  });

  it('of a plural of a known word raises no notice', () => {
    expect(parsed('red apples, a cherries hand', CONTEXT).notices).toEqual([]);
  });
});
