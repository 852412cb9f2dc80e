/** From `/easel limits set 20 pictures per day for <role:7>` to a command: by the table, in any order that can be understood. */
import { distance } from 'fastest-levenshtein';
import { AppError } from '../../errors.ts';
import { readMention } from '../mention.ts';
import {
  COMMAND_NAMES,
  type CommandName,
  type EaselCommand,
  isCommandName,
  type OptionSpec,
  specOf,
} from './commands.ts';
import { readLimitWords } from './limit-words.ts';

type Values = Record<string, string | number | boolean>;

/** Names typed with a mark and not as mentions: looked up by whoever has a directory. */
export type NameFinder = (kind: 'user' | 'role' | 'channel', name: string) => Promise<string | null>;

const NEAR_EDITS_MAX = 2;
/** Options that are said without a mark also among the words of a limit. */
const BARE_IN_SENTENCES: readonly string[] = ['unlimited', 'shadow'];
const YES = ['on', 'yes', 'true', 'ja', '是', '开'];
const NO = ['off', 'no', 'false', '否', '关'];
/** A text option keeps spaces and line breaks as typed; only what stands before it is words. */
const WORD = /\S+/gu;

/**
 * Reads what a person typed after `/easel`.
 *
 * @throws {AppError} `INPUT_COMMAND_UNKNOWN`, `INPUT_COMMAND_OPTION`, `INPUT_NAME_UNKNOWN`
 */
export async function parseCommand(typed: string, find: NameFinder): Promise<EaselCommand> {
  const { name, rest } = nameOfCommand(typed);
  return toCommand(name, await readOptions(name, rest, find));
}

/** @throws {AppError} `INPUT_COMMAND_UNKNOWN` */
export function nameOfCommand(typed: string): { name: CommandName; rest: string } {
  const text = typed
    .trim()
    .replace(/^\/?easel(?=\s|$)/iu, '')
    .trim();
  const [first = '', second = ''] = text.split(/\s+/u).map((word) => word.toLowerCase());
  const name = nameOf(first, second);
  return { name, rest: text.replace(name.includes(' ') ? /^\S+(?:\s+\S+)?\s*/u : /^\S+\s*/u, '') };
}

function nameOf(first: string, second: string): CommandName {
  if (first === '') return 'help';
  const both = `${first} ${second}`;
  if (isCommandName(both)) return both;
  if (isCommandName(first)) return first;
  // A group alone shows what there is.
  for (const shown of ['list', 'show'])
    if (second === '' && isCommandName(`${first} ${shown}`)) return `${first} ${shown}` as CommandName;
  const near = COMMAND_NAMES.map((name) => ({ name, edits: distance(name, name.includes(' ') ? both : first) }))
    .filter(({ edits }) => edits <= NEAR_EDITS_MAX)
    .sort((one, other) => one.edits - other.edits)[0];
  throw new AppError(
    'INPUT_COMMAND_UNKNOWN',
    near === undefined
      ? 'There is no such command. /easel help lists what there is.'
      : `There is no such command. Did you mean /easel ${near.name}?`,
    { details: { nearest: near?.name ?? 'help' } },
  );
}

/** @throws {AppError} `INPUT_COMMAND_OPTION`, `INPUT_NAME_UNKNOWN` */
export async function readOptions(name: CommandName, rest: string, find: NameFinder): Promise<Values> {
  const { options } = specOf(name);
  const values: Values = {};
  const isOpen = (option: string) => !Object.hasOwn(values, option);
  const openOf = (kind: OptionSpec['kind']) =>
    Object.entries(options).find(([option, spec]) => spec.kind === kind && isOpen(option))?.[0];
  const textOption = openOf('text');
  const hasText = textOption !== undefined;
  const words = [...rest.matchAll(WORD)].map(([word], index, all) => ({ word, index, at: all[index]?.index ?? 0 }));
  /** "20 pictures per day": words that say what is limited, not names of options. */
  const isSentence = Object.hasOwn(options, 'what') || Object.keys(options).length === 1;
  const left: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const { word = '', at = 0 } = words[index] ?? {};
    const named =
      /^--([a-z]+)$/u.exec(word)?.[1] ??
      (isSentence && !BARE_IN_SENTENCES.includes(word) ? undefined : word.toLowerCase());
    const spec = named === undefined ? undefined : options[named];
    if (named !== undefined && spec !== undefined && Object.hasOwn(options, named)) {
      const next = words[index + 1]?.word;
      if (spec.kind === 'text') {
        values[named] = rest.slice(at + word.length).trim();
        return values;
      }
      if (spec.kind === 'toggle' && readToggle(next) === null) values[named] = true;
      else {
        values[named] = await readValue(named, spec, next ?? '', find);
        index += 1;
      }
      continue;
    }
    const mention = await readName(word, find);
    if (mention !== null) {
      const option = openOf(mention.kind);
      if (option === undefined) throw wrongOption(name, word);
      values[option] = mention.id;
      continue;
    }
    const choice = Object.entries(options).find(
      ([option, { kind, choices }]) =>
        kind === 'choice' &&
        isOpen(option) &&
        (option !== 'what' || word.includes('-')) &&
        choices?.includes(word.toLowerCase()) === true,
    )?.[0];
    const number = /^-?\d+(?:[.,]\d+)?$/u.test(word) ? openOf('number') : undefined;
    const isOn = readToggle(word);
    const toggle = isOn === null ? undefined : openOf('toggle');
    if (choice !== undefined) values[choice] = word.toLowerCase();
    else if (number !== undefined) values[number] = Number(word.replace(',', '.'));
    else if (toggle !== undefined && isOn !== null) values[toggle] = toggle === 'off' ? true : isOn;
    else if (openOf('word') !== undefined) values[openOf('word') ?? ''] = word;
    else if (hasText && isOpen(textOption)) {
      values[textOption] = rest.slice(at).trim();
      return values;
    } else left.push(word);
  }
  if (Object.hasOwn(options, 'what') && isOpen('what')) {
    const read = readLimitWords(left);
    if (read !== null) {
      values['what'] = read.what;
      if (read.per !== null && Object.hasOwn(options, 'per') && isOpen('per')) values['per'] = read.per;
      return values;
    }
  }
  if (left[0] !== undefined) throw wrongOption(name, left[0]);
  return values;
}

async function readName(
  word: string,
  find: NameFinder,
): Promise<{ kind: 'user' | 'role' | 'channel'; id: string } | null> {
  const mention = readMention(word);
  if (mention !== null) return mention;
  const [, mark, name = ''] = /^([@#])(\S+)$/u.exec(word) ?? [];
  if (mark === undefined) return null;
  for (const kind of mark === '#' ? (['channel'] as const) : (['role', 'user'] as const)) {
    const id = await find(kind, name);
    if (id !== null) return { kind, id };
  }
  throw new AppError('INPUT_NAME_UNKNOWN', `Nobody and nothing here is called ${word}.`);
}

async function readValue(
  option: string,
  spec: OptionSpec,
  word: string,
  find: NameFinder,
): Promise<string | number | boolean> {
  switch (spec.kind) {
    case 'user':
    case 'role':
    case 'channel':
      return (await readName(word, find))?.id ?? word;
    case 'number':
      return Number(word);
    case 'toggle':
      return readToggle(word) ?? true;
    default:
      return option === '' ? '' : word;
  }
}

function readToggle(word: string | undefined): boolean | null {
  const plain = word?.toLowerCase() ?? '';
  if (YES.includes(plain)) return true;
  return NO.includes(plain) ? false : null;
}

/**
 * A command from options by name, as a platform hands them over or a parser read them.
 *
 * @throws {AppError} `INPUT_COMMAND_UNKNOWN`, `INPUT_COMMAND_OPTION`
 */
export function toCommand(name: string, given: Readonly<Record<string, unknown>>): EaselCommand {
  if (!isCommandName(name)) {
    throw new AppError('INPUT_COMMAND_UNKNOWN', 'There is no such command. /easel help lists what there is.', {
      details: { nearest: 'help' },
    });
  }
  const spec = specOf(name);
  const options: Values = {};
  for (const [option, value] of Object.entries(given)) {
    const known = spec.options[option];
    if (value === undefined || value === null) continue;
    if (known === undefined || !fits(known, value)) throw wrongOption(name, option);
    options[option] = value;
  }
  const isEmpty = Object.keys(options).length === 0;
  const missing = Object.entries(spec.options).find(
    ([option, { required }]) => required === true && !Object.hasOwn(options, option),
  );
  if (missing !== undefined && !(isEmpty && spec.forms?.[''] !== undefined)) throw wrongOption(name, missing[0]);
  return { name, options } as unknown as EaselCommand;
}

function fits({ kind, choices }: OptionSpec, value: unknown): value is string | number | boolean {
  switch (kind) {
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    case 'toggle':
      return typeof value === 'boolean';
    case 'choice':
      return typeof value === 'string' && choices?.includes(value) === true;
    default:
      return typeof value === 'string' && value !== '';
  }
}

function wrongOption(name: CommandName, option: string): AppError {
  const usage = usageOf(name);
  return new AppError('INPUT_COMMAND_OPTION', `“${option.slice(0, 40)}” does not fit here. It is written: ${usage}`, {
    details: { usage },
  });
}

/** Such as `/easel limits grant [amount] [what] [@user] [@role]`. */
export function usageOf(name: CommandName): string {
  const words = Object.entries(specOf(name).options).map(([option, { kind, required }]) => {
    const marked = { user: '@', role: '@', channel: '#' }[kind as string] ?? '';
    return required === true ? `<${marked}${option}>` : `[${marked}${option}]`;
  });
  return ['/easel', name, ...words].join(' ');
}
