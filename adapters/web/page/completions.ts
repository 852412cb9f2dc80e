// What the box offers for what stands before the caret: commands, options, their values, things and colours of the model.

import type { WireSuggestion, WireVocabulary } from '../wire.ts';
import { t } from './words.ts';

export type Completion = {
  readonly kind: 'command' | 'flag' | 'value' | 'word';
  readonly label: string;
  readonly about: string;
  readonly mark: string;
  /** What it stands in for: from here to there. */
  readonly from: number;
  readonly to: number;
  readonly insert: string;
};

const COMMANDS: readonly (readonly [name: string, about: string, mark: string])[] = [
  ['/imagine', 'draw pictures of words', '🖌'],
  ['/gallery', 'pictures that somebody kept', '★'],
  ['/settings', 'your own defaults', '⚙'],
  ['/help', 'what I can do', '?'],
  ['/easel', 'what you have left, why, settings, and more', '⌘'],
];

const FLAGS: readonly (readonly [name: string, about: string, takesValue: boolean])[] = [
  ['--n', 'how many pictures, 1 to 4', true],
  ['--style', 'a style of the model', true],
  ['--no', 'what to leave out', true],
  ['--seed', 'a number that repeats a picture', true],
  ['--guidance', 'how strictly to follow the words', true],
  ['--ar', 'the shape, such as 1:1', true],
  ['--private', 'only you see it', false],
];

const VALUES: Readonly<Record<string, readonly string[]>> = {
  '--n': ['1', '2', '3', '4'],
  '--ar': ['1:1'],
  '--guidance': ['1', '2', '3'],
};

const OFFERED_MAX = 7;
const WORD_LETTERS_MIN = 2;

export function completionsFor(text: string, caret: number, vocabulary: WireVocabulary): readonly Completion[] {
  const before = text.slice(0, caret);
  if (/^\/\w*$/u.test(before)) {
    return COMMANDS.filter(([name]) => name.startsWith(before) && name !== before).map(([name, about, mark]) => ({
      ...{ kind: 'command', label: name, about: t(about), mark, from: 0, to: caret, insert: `${name} ` },
    }));
  }
  const flag = /(?:^|\s)(?:--|\u2014)([a-z]*)$/u.exec(before);
  if (flag !== null) return flagsFor(text, flag[1] ?? '', caret);
  const value = /(--[a-z]+)[ =]([\p{L}\p{N}:._-]*)$/u.exec(before);
  if (value !== null) return valuesFor(value[1] ?? '', value[2] ?? '', caret, vocabulary);
  const word = /(?:^|[\s{,])([\p{L}-]+)$/u.exec(before)?.[1] ?? '';
  return word.length < WORD_LETTERS_MIN ? [] : wordsFor(word, caret, vocabulary);
}

export function isDeskText(text: string): boolean {
  return /^\/easel\s/iu.test(text);
}

/** What the server offers stands for all that was typed. */
export function toCompletions(typed: string, suggestions: readonly WireSuggestion[]): readonly Completion[] {
  return suggestions.slice(0, OFFERED_MAX).map(({ text, about }) => ({
    ...{ kind: 'command', label: text, about, mark: '⌘', from: 0, to: typed.length, insert: `/easel ${text} ` },
  }));
}

function flagsFor(text: string, typed: string, caret: number): readonly Completion[] {
  const isGiven = (name: string) =>
    name !== '--no' && new RegExp(`${name}(?=[\\s=]|$)`, 'u').test(text.slice(0, caret - typed.length - 2));
  return FLAGS.filter(([name]) => name.startsWith(`--${typed}`) && !isGiven(name)).map(([name, about, takesValue]) => ({
    kind: 'flag',
    label: name,
    about: t(about),
    mark: '–',
    from: caret - typed.length - (text[caret - typed.length - 1] === '\u2014' ? 1 : 2),
    to: caret,
    insert: takesValue ? `${name} ` : name,
  }));
}

function valuesFor(flag: string, typed: string, caret: number, { models }: WireVocabulary): readonly Completion[] {
  const styles = (models[0]?.styles ?? []).map(({ name, words }) => [name, words] as const);
  const plain = (VALUES[flag] ?? []).map((name) => [name, ''] as const);
  return (flag === '--style' ? styles : plain)
    .filter(([name]) => name.startsWith(typed) && name !== typed)
    .slice(0, OFFERED_MAX)
    .map(([name, about]) => ({
      ...{ kind: 'value', label: name, about, mark: '=', from: caret - typed.length, to: caret, insert: `${name} ` },
    }));
}

function wordsFor(typed: string, caret: number, { objects, colours }: WireVocabulary): readonly Completion[] {
  const start = typed.toLowerCase();
  const fits = (name: string) => name.toLowerCase().startsWith(start) && name.length > start.length;
  const word = (label: string, about: string, mark: string): Completion => ({
    ...{ kind: 'word', label, about, mark, from: caret - typed.length, to: caret, insert: `${label} ` },
  });
  const things = objects.filter(({ name }) => fits(name)).sort((one, other) => one.name.length - other.name.length);
  return [
    ...colours.filter(fits).map((name) => word(name, t('colour'), '●')),
    ...things.map(({ name, emoji, category }) => word(name, category, emoji ?? '·')),
  ].slice(0, OFFERED_MAX);
}
