import { describe, expect, it } from 'vitest';
import {
  COMMAND_NAMES,
  COMMANDS,
  type CommandName,
  opensForm,
  specOf,
} from '../../../../src/conversation/desk/commands.ts';
import { parseCommand, toCommand, usageOf } from '../../../../src/conversation/desk/parse-command.ts';
import { LOCALES, wordsFor } from '../../../../src/conversation/words.ts';

const NAMES: Record<string, string> = { 'role/Painters': '7', 'user/ada': 'U1', 'channel/art': 'C1' };
const read = (text: string) => parseCommand(text, async (kind, name) => NAMES[`${kind}/${name}`] ?? null);

describe('what is typed after /easel', () => {
  it.each([
    ['', 'help', {}],
    ['/easel me', 'me', {}],
    ['easel ME', 'me', {}],
    ['why <user:U9>', 'why', { user: 'U9' }],
    ['limits', 'limits list', {}],
    ['queue', 'queue show', {}],
    ['show 0198-ab', 'show', { id: '0198-ab' }],
    ['settings --style noto', 'settings', { style: 'noto' }],
    ['settings private on', 'settings', { private: true }],
    ['settings --private off --language zh', 'settings', { private: false, language: 'zh' }],
    ['settings --suffix with a hat, red', 'settings', { suffix: 'with a hat, red' }],
    ['forget-me yes', 'forget-me', { sure: true }],
    ['limits set 20 pictures per day for <role:7>', 'limits set', { amount: 20, what: 'pictures-day', role: '7' }],
    [
      'limits set 20 pictures a day each for @Painters',
      'limits set',
      {
        ...{ amount: 20, what: 'pictures-day', role: '7', per: 'each' },
      },
    ],
    [
      'limits set 100 pictures per hour together in #art',
      'limits set',
      {
        ...{ amount: 100, what: 'pictures-hour', per: 'everyone', channel: 'C1' },
      },
    ],
    ['limits set 3 pictures per request', 'limits set', { amount: 3, what: 'request' }],
    ['limits set 600 gpu seconds per day for <user:U1>', 'limits set', { amount: 600, what: 'gpu-day', user: 'U1' }],
    ['limits set 30 seconds between requests', 'limits set', { amount: 30, what: 'cooldown' }],
    ['limits set 每天 20 张 <role:7>', 'limits set', { amount: 20, what: 'pictures-day', role: '7' }],
    ['limits set pictures-week 50', 'limits set', { amount: 50, what: 'pictures-week' }],
    ['limits grant 20 more today @ada', 'limits grant', { amount: 20, what: 'pictures-day', user: 'U1' }],
    ['limits plan small', 'limits plan', { plan: 'small' }],
    ['limits import rules:\n  - limit: picturesPerDay', 'limits import', { yaml: 'rules:\n  - limit: picturesPerDay' }],
    ['words add two words', 'words add', { phrase: 'two words' }],
    ['words test a red fox --n 2', 'words test', { phrase: 'a red fox --n 2' }],
    ['words defaults off', 'words defaults', { on: false }],
    ['gallery off', 'gallery', { off: true }],
    ['gallery #art', 'gallery', { channel: 'C1' }],
    ['queue pause 2', 'queue pause', { hours: 2 }],
  ])('“%s” is %s %o', async (text, name, options) => {
    expect(await read(text)).toEqual({ name, options });
  });

  it.each([
    ['limts list', 'INPUT_COMMAND_UNKNOWN', /limits list/u],
    ['hlep', 'INPUT_COMMAND_UNKNOWN', /help/u],
    ['dance', 'INPUT_COMMAND_UNKNOWN', /help/u],
    ['show', 'INPUT_COMMAND_OPTION', /show <id>/u],
    ['why @nobody', 'INPUT_NAME_UNKNOWN', /@nobody/u],
    ['limits set 20 bananas per fortnight', 'INPUT_COMMAND_OPTION', /limits set/u],
    ['limits block <role:7>', 'INPUT_COMMAND_OPTION', /<@user>/u],
    ['me 7', 'INPUT_COMMAND_OPTION', /easel me/u],
  ])('“%s” is refused with %s, and how it is written', async (text, code, words) => {
    await expect(read(text)).rejects.toMatchObject({ code, message: expect.stringMatching(words) });
  });

  it('a button of every command is short enough, and its usage can be read', () => {
    for (const name of COMMAND_NAMES) expect(usageOf(name)).toMatch(/^\/easel [a-z]/u);
  });

  it('options by name are checked by the table', () => {
    expect(toCommand('limits grant', { amount: 5, user: 'U1', role: undefined })).toEqual({
      ...{ name: 'limits grant', options: { amount: 5, user: 'U1' } },
    });
    for (const [name, options] of [
      ['toString', {}],
      ['limits grant', { amount: '5' }],
      ['limits plan', { plan: 'huge' }],
      ['me', { amount: 1 }],
      ['limits block', {}],
    ] as const) {
      expect(() => toCommand(name, options)).toThrow(expect.objectContaining({ area: 'INPUT' }));
    }
  });

  it('opens its form where nothing was given, and only there', () => {
    expect(opensForm(toCommand('limits set', {}))).toBe(true);
    expect(opensForm(toCommand('limits set', { amount: 1 }))).toBe(false);
    expect(opensForm(toCommand('settings', {}))).toBe(false);
  });
});

describe('the table of commands', () => {
  it('fits what platforms allow: 25 a level, two levels, short names, five fields a form', () => {
    const groups = new Map<string, number>();
    for (const name of COMMAND_NAMES) {
      const [first = '', second, third] = name.split(' ');
      expect(third).toBeUndefined();
      expect(name).toMatch(/^[a-z-]{1,32}(?: [a-z-]{1,32})?$/u);
      if (second === undefined) groups.set('', (groups.get('') ?? 0) + 1);
      else groups.set(first, (groups.get(first) ?? 0) + 1);
      const { options, forms } = specOf(name as CommandName);
      expect(Object.keys(options).length).toBeLessThanOrEqual(25);
      for (const fields of Object.values(forms ?? {})) {
        expect(fields.length).toBeLessThanOrEqual(5);
        expect(fields.filter((field) => !Object.hasOwn(options, field))).toEqual([]);
      }
    }
    expect((groups.get('') ?? 0) + groups.size - 1).toBeLessThanOrEqual(25);
    expect(Math.max(...groups.values())).toBeLessThanOrEqual(25);
  });

  it.each(LOCALES)('every command, option and choice has short words in %s', (locale) => {
    const words = wordsFor(locale);
    for (const [name, { options }] of Object.entries(COMMANDS)) {
      const about = words.say(`command.${name as CommandName}`);
      expect(about, name).not.toMatch(/^command\./u);
      expect(about.length, name).toBeLessThanOrEqual(100);
      for (const [option, spec] of Object.entries(options)) {
        expect(words.say(`option.${option as 'user'}`), option).not.toMatch(/^option\./u);
        const choices: readonly string[] = 'choices' in spec ? (spec.choices as readonly string[]) : [];
        for (const choice of choices) expect(words.say(`choice.${choice as 'each'}`), choice).not.toMatch(/^choice\./u);
      }
    }
  });
});
