import { describe, expect, it } from 'vitest';
import { emojiToWords, withArticle } from '../../../src/prompt/emoji.ts';
import { first, parsed, refused, VOCABULARY } from './fixture.ts';

const wordsOf = (text: string) => emojiToWords(text, VOCABULARY).text;

describe('emoji are words', () => {
  it.each([
    ['🦊🌈', 'a fox and a rainbow'],
    ['🦊 🌈', 'a fox and a rainbow'],
    ['🦊, 🌈, 🍎', 'a fox, a rainbow and an apple'],
    ['🦊 + 🌈', 'a fox and a rainbow'],
    ['a red 🦊 under a 🌈', 'a red fox under a rainbow'],
    ['🦊 under 🌈', 'a fox under a rainbow'],
    ['red 🦊🌈', 'red fox and a rainbow'],
    ['a fox and🌈in snow', 'a fox and a rainbow in snow'],
    ['🍒', 'cherries'],
    ['🦄!', 'a unicorn!'],
  ])('%s reads "%s"', (text, words) => {
    expect(wordsOf(text)).toBe(words);
  });

  it('whatever their skin tone, gender and presentation', () => {
    expect(wordsOf('👋🏽')).toBe('a waving hand');
    expect(wordsOf('🏃🏿‍♀️')).toBe('a runner');
    expect(wordsOf('✈')).toBe('an airplane');
    expect(wordsOf('✈️')).toBe('an airplane');
    expect(wordsOf('❤︎')).toBe('a heart');
  });

  it('joined ones without a name are drawn as their parts, and that is said', () => {
    const result = parsed('🐻‍❄️');
    expect(result.expansions[0].caption).toBe('a bear and a snowflake');
    expect(result.notices).toMatchObject([
      {
        code: 'EMOJI_APPROXIMATED',
        message: 'easel-nano does not know 🐻‍❄️ as one thing and draws bear and snowflake.',
      },
    ]);
  });

  it('unknown ones are left out, and that is said once', () => {
    const result = parsed('a fox 🫨 🇫🇷 1️⃣ 🫨');
    expect(result.expansions[0]).toMatchObject({ caption: 'a fox', prompt: 'a fox 🫨 🇫🇷 1️⃣ 🫨' });
    expect(result.notices).toMatchObject([
      { code: 'EMOJI_UNKNOWN', message: 'easel-nano has no picture for 🫨 🇫🇷 1️⃣ and leaves it out.' },
    ]);
  });

  it('a prompt of unknown ones alone is refused', () => {
    expect(refused('🫨 🇫🇷').code).toBe('INPUT_NOTHING_DRAWABLE');
    expect(refused('a 🫨').code).toBe('INPUT_NOTHING_DRAWABLE');
  });

  it('digits, # and © are text', () => {
    const text = 'fox #1 * 2 ©';
    expect(emojiToWords(text, VOCABULARY)).toEqual({ text, unknown: [], approximated: [] });
  });

  it('in --no are words too', () => {
    expect(first('a fox --no 🌈, 🍎')).toMatchObject({
      unwantedCaption: 'a rainbow and an apple',
      options: { unwanted: '🌈, 🍎' },
    });
  });
});

describe('articles', () => {
  it.each([
    ['fox', 'a fox'],
    ['octopus', 'an octopus'],
    ['umbrella', 'an umbrella'],
    ['unicorn', 'a unicorn'],
    ['hourglass', 'an hourglass'],
    ['glass', 'a glass'],
    ['tennis', 'a tennis'],
    ['scissors', 'scissors'],
    ['eyes', 'eyes'],
    ['cactus', 'a cactus'],
    ['ewe', 'a ewe'],
    ['bread', 'bread'],
  ])('%s -> %s', (name, words) => {
    expect(withArticle(name)).toBe(words);
  });
});
