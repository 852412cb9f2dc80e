// One line of text -> its words and its raw flags. Knows what a flag looks like, not what its value means.

import { distance } from 'fastest-levenshtein';
import { AppError } from '../errors.ts';
import type { GivenFlag } from './types.ts';

export const FLAG_NAMES = ['seed', 'n', 'ar', 'style', 'no', 'guidance', 'model', 'private'] as const;
export type FlagName = (typeof FLAG_NAMES)[number];

/** What a flag takes: one word (or quoted words), every word up to the next flag, or nothing. */
const TAKES: Readonly<Record<FlagName, 'word' | 'words' | 'nothing'>> = {
  seed: 'word',
  n: 'word',
  ar: 'word',
  style: 'word',
  no: 'words',
  guidance: 'word',
  model: 'word',
  private: 'nothing',
};

/** Midjourney's long name for the same flag. */
const ALIASES: ReadonlyMap<string, FlagName> = new Map([['aspect', 'ar']]);

export type RawFlag = { readonly name: FlagName; readonly value: string };
export type Scanned = { readonly prompt: string; readonly flags: readonly RawFlag[] };

/** Phones and word processors turn `--` into a long dash; two short ones count as well. */
export const DASHES = '(?:--|[\u2012-\u2015\u2212]-?)';
/** At the start of a word only, and followed by a letter: "a fox -- red" and "fox—red" are prose. */
const FLAG = new RegExp(`(?<=^|\\s)${DASHES}(?<name>\\p{L}[\\p{L}\\p{N}-]*)(?<equals>=)?`, 'uy');
const QUOTES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\u201C', '\u201D'],
  ['\u201E', '\u201C'],
]);
/** What a backslash may stand before; before anything else it is a backslash. */
const ESCAPABLE = /[\\{},"=\u2012-\u2015\u2212\u201C-\u201E-]/u;

/**
 * Takes the flags out of a line.
 *
 * A flag may stand anywhere. A flag of one word gives back what follows it to the prompt; `--no` takes all words up to
 * the next flag. A value may be quoted or follow an `=`.
 *
 * @throws {AppError} `INPUT_FLAG_UNKNOWN`, `INPUT_FLAG_VALUE` when a quote does not end
 */
export function scanLine(line: string): Scanned {
  const flags: RawFlag[] = [];
  let prompt = '';
  let at = 0;
  while (at < line.length) {
    const flag = flagAt(line, at);
    if (flag === null) {
      const step = readSign(line, at);
      prompt += step.text;
      at = step.end;
      continue;
    }
    const name = toFlagName(flag.name);
    const value = readValue(line, flag.end, name, flag.equals);
    flags.push({ name, value: value.text });
    at = value.end;
    prompt += ' ';
  }
  return { prompt: tidy(prompt), flags };
}

/** The flag that a name means, whatever its case. */
export function toFlagName(typed: string): FlagName {
  const name = typed.toLowerCase();
  const known = FLAG_NAMES.find((candidate) => candidate === name) ?? ALIASES.get(name);
  if (known !== undefined) return known;
  const nearest = nearestOf(name, FLAG_NAMES) ?? 'seed';
  throw new AppError(
    'INPUT_FLAG_UNKNOWN',
    `There is no flag --${typed}. Did you mean --${nearest}? The flags are ${FLAG_NAMES.map((flag) => `--${flag}`).join(', ')}.`,
    { details: { nearest } },
  );
}

/** Flags from outside the text, with their names checked. */
export function toRawFlags(given: readonly GivenFlag[]): readonly RawFlag[] {
  return given.map(({ name, value }) => ({ name: toFlagName(name), value }));
}

/** The name closest to what was typed: one that it begins, else the one with the fewest edits, the same first letter first. */
export function nearestOf<Name extends string>(typed: string, names: readonly Name[]): Name | null {
  const wanted = typed.toLowerCase();
  let best: { name: Name; score: number } | null = null;
  for (const name of names) {
    const lower = name.toLowerCase();
    const edits = lower.startsWith(wanted) ? 0.5 : distance(wanted, lower);
    const score = edits - (lower[0] === wanted[0] ? 0.5 : 0);
    if (best === null || score < best.score) best = { name, score };
  }
  return best?.name ?? null;
}

export function tidy(text: string): string {
  return text.replace(/\s+/gu, ' ').trim();
}

function flagAt(line: string, at: number): { name: string; equals: boolean; end: number } | null {
  FLAG.lastIndex = at;
  const match = FLAG.exec(line);
  const name = match?.groups?.['name'];
  if (match === null || name === undefined) return null;
  return { name, equals: match.groups?.['equals'] !== undefined, end: FLAG.lastIndex };
}

/** One sign of the line, a backslash and what it keeps counting as one. */
function readSign(line: string, at: number): { text: string; end: number } {
  const sign = line.charAt(at);
  const next = line.charAt(at + 1);
  if (sign === '\\' && next !== '' && ESCAPABLE.test(next)) return { text: next, end: at + 2 };
  return { text: sign, end: at + 1 };
}

function readValue(line: string, from: number, name: FlagName, equals: boolean): { text: string; end: number } {
  const takes = TAKES[name];
  if (takes === 'nothing' && !equals) return { text: '', end: from };
  let at = from;
  if (!equals) while (line.charAt(at) === ' ') at++;
  const closing = QUOTES.get(line.charAt(at));
  if (closing !== undefined && (takes !== 'words' || equals)) return readQuoted(line, at + 1, closing, name);
  let text = '';
  while (at < line.length && flagAt(line, at) === null) {
    if (line.charAt(at) === ' ' && (takes !== 'words' || equals)) break;
    const step = readSign(line, at);
    text += step.text;
    at = step.end;
  }
  return { text: takes === 'words' ? text.replace(/["\u201C-\u201E]/gu, '') : text, end: at };
}

function readQuoted(line: string, from: number, closing: string, name: FlagName): { text: string; end: number } {
  let text = '';
  let at = from;
  while (at < line.length) {
    if (line.charAt(at) === closing) return { text, end: at + 1 };
    const step = readSign(line, at);
    text += step.text;
    at = step.end;
  }
  throw new AppError('INPUT_FLAG_VALUE', `The quote after --${name} does not end. Add the closing quote.`, {
    details: { flag: name },
  });
}
