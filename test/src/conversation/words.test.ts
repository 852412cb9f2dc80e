import { describe, expect, it } from 'vitest';
import { EN } from '../../../src/conversation/words/en.ts';
import { ZH } from '../../../src/conversation/words/zh.ts';
import { LOCALES, toLocale, wordsFor } from '../../../src/conversation/words.ts';
import { AppError, ERRORS, type ErrorCode } from '../../../src/errors.ts';

type Tree = { [key: string]: string | Tree };
const leaves = (tree: Tree, path = ''): [string, string][] =>
  Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [[`${path}${key}`, value] as [string, string]] : leaves(value, `${path}${key}.`),
  );
const placeholders = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/gu)].map(([, name]) => name).sort();

describe('words', () => {
  it('every language says the same things with the same values', () => {
    const chinese = new Map(leaves(ZH as Tree));
    for (const [key, text] of leaves(EN as unknown as Tree)) {
      expect(placeholders(chinese.get(key) ?? ''), key).toEqual(placeholders(text));
      expect(chinese.get(key), key).not.toBe('');
    }
    expect(chinese.size).toBe(leaves(EN as unknown as Tree).length);
  });

  it('every code that concerns a person has words of its own, and no word is for a code that is gone', () => {
    const codes = (Object.keys(ERRORS) as ErrorCode[]).filter((code) => ERRORS[code].audience === 'user');
    const worded = Object.keys(EN.error);
    expect(codes.filter((code) => !worded.includes(code))).toEqual([]);
    expect(worded.filter((code) => !Object.hasOwn(ERRORS, code))).toEqual([]);
  });

  it.each(LOCALES)('every code is said in %s, without a gap or a key', (locale) => {
    for (const code of Object.keys(ERRORS)) {
      const text = wordsFor(locale).sayCode(code);
      expect(text, code).not.toMatch(/^(error|area)\./u);
      expect(text.length, code).toBeGreaterThan(3);
    }
  });

  it('says an English refusal in its own words, and the same code in Chinese by its values', () => {
    const error = new AppError('LIMIT_WAITING', 'You have 3 requests waiting.', {
      details: { waiting: 3, waitingMax: 3 },
    });
    expect(wordsFor('en').sayError(error)).toBe('You have 3 requests waiting.');
    expect(wordsFor('zh').sayError(error)).toBe('你已有 3 个请求在等待，最多 3 个。请等待或取消一个。');
  });

  it('tells members nothing of what only the host can mend but its code', () => {
    const error = new AppError('STORE_FAILED', 'password authentication failed for user "easel"');
    expect(wordsFor('en').sayError(error)).toContain('STORE_FAILED');
    expect(wordsFor('en').sayError(error)).not.toContain('password');
  });

  it('does not read words out of what a person typed', () => {
    expect(wordsFor('en').say('line.place', { place: '$t(view.help) {{place}}' })).toBe(
      'Place $t(view.help) {{place}}',
    );
  });

  it.each([
    [3, 'a moment'],
    [12, 'about 20 s'],
    [90, 'about 2 min'],
    [5_400, 'about 2 h'],
  ])('%i seconds are "%s"', (seconds, text) => {
    expect(wordsFor('en').sayDuration(seconds)).toBe(text);
  });

  it.each([
    ['zh-TW', 'zh'],
    ['en-GB', 'en'],
    ['fr', 'en'],
    [null, 'en'],
  ])('the tag %s is spoken to in %s', (tag, locale) => {
    expect(toLocale(tag)).toBe(locale);
  });
});
