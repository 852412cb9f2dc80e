import { describe, expect, it } from 'vitest';
import { EN } from '../../../src/conversation/words/en.ts';
import { ZH } from '../../../src/conversation/words/zh.ts';
import { LOCALES, toLocale, wordsFor } from '../../../src/conversation/words.ts';
import { AppError, ERRORS, type ErrorCode } from '../../../src/errors.ts';
import { CONTEXT, parsed } from '../prompt/fixture.ts';

type Tree = { [key: string]: string | Tree };
const leaves = (tree: Tree, path = ''): [string, string][] =>
  Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [[`${path}${key}`, value] as [string, string]] : leaves(value, `${path}${key}.`),
  );
const placeholders = (text: string) => [...text.matchAll(/\{\{(\w+)(?:, list)?\}\}/gu)].map(([, name]) => name).sort();

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

  it.each([
    ['a {red,blue} fox', '花括号生成 2 个描述，共 2 张图。'],
    ['a fox --ar 16:9', 'easel-nano 只画 128 × 128 像素的图，--ar 16:9 不起作用。'],
    ['a fox --style fluant', 'easel-nano 没有“fluant”这种风格，--style 不起作用。可用的风格：noto和fluent。'],
    ['a fox --style=fluant --model janus-pro-1b', 'janus-pro-1b 没有“fluant”这种风格，--style 不起作用。'],
    ['a fox --guidance 2 --model janus-pro-1b', 'janus-pro-1b 不用引导，--guidance 不起作用。'],
    ['a fox --private', '这里的图本来就没有别人看得到，--private 不起作用。'],
    ['a fox 🫨', 'easel-nano 画不出 🫨，略去了。'],
    ['a fox, 🐻‍❄️', 'easel-nano 不认识 🐻‍❄️ 这个整体，改画 bear和snowflake。'],
    [
      'a rainbo, a zeppelin',
      '我不认识 rainbo和zeppelin，其余的照画。easel-nano 认识日常的东西和颜色。是不是想说：rainbow？',
    ],
  ])('says in Chinese what is to know of %s', (prompt, said) => {
    const models = CONTEXT.models.map((model) => (model.name === 'easel-nano' ? model : { ...model, styles: [] }));
    const [first, ...others] = models;
    const context = { ...CONTEXT, models: [first ?? CONTEXT.models[0], ...others] as const, canBePrivate: false };
    const [notice] = parsed(prompt, context).notices;
    expect(notice && wordsFor('zh').sayNotice(notice)).toBe(said);
    expect(notice && wordsFor('en').sayNotice(notice)).toBe(notice?.message);
  });

  it('says a notice of an older version as it was written', () => {
    expect(wordsFor('zh').sayNotice('no effect')).toBe('no effect');
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
