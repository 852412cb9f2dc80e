/** Blocked words and phrases: lists of the host and the tenant, and a maintained one that they can switch on. */
import { englishDataset, englishRecommendedTransformers, RegExpMatcher } from 'obscenity';
import { AppError } from '../errors.ts';
import type { Filter } from './filter.ts';
import { type FoldedWord, foldText, foldWords, isUnspaced, spellingOf } from './fold-words.ts';
import type { TenantSettings } from './limits.ts';

export const BLOCKED_WORDS_MAX = 1_000;
export const BLOCKED_WORD_CHARACTERS_MAX = 100;

export type BlockedMatch = {
  /** As it stands in the list. */
  word: string;
  /** Whose list it is of: `default` is the maintained one. */
  list: 'host' | 'tenant' | 'default';
};

type Lists = TenantSettings['blockedWords'];
type Phrase = { word: string; parts: readonly string[]; isPrefix: boolean; isSuffix: boolean };
type Compiled = { phrases: readonly Phrase[]; unspaced: readonly { word: string; folded: string }[] };

/** The words of one list, folded once. */
const compiledLists = new WeakMap<readonly string[], Compiled>();
let maintained: RegExpMatcher | null = null;

export const blockedWordsFilter: Filter = {
  name: 'blockedWords',
  check(prompts, settings) {
    for (const prompt of prompts) {
      const match = findBlocked(prompt, settings);
      if (match === null) continue;
      const message = `The prompt holds a blocked word: “${match.word}”. Take it out; it costs you nothing.`;
      return new AppError('FILTER_WORDS', message, { details: { word: match.word, list: match.list } });
    }
    return null;
  },
};

/** @param settings the host's, then the tenant's: a word that either allows is not found in the maintained list */
export function findBlocked(prompt: string, settings: readonly TenantSettings[]): BlockedMatch | null {
  const lists = settings.map(({ blockedWords }) => blockedWords);
  if (lists.every(({ words, defaultList }) => words.length === 0 && !defaultList)) return null;
  const folded = foldText(prompt);
  const words = foldWords(prompt);
  for (const [index, { words: list }] of lists.entries()) {
    const word = findInList(compile(list), folded, words);
    if (word !== null) return { word, list: index === 0 && lists.length > 1 ? 'host' : 'tenant' };
  }
  return lists.some(({ defaultList }) => defaultList) ? findMaintained(folded, lists) : null;
}

/** @throws {AppError} `INPUT_SETTING` for what is no word, or too long */
export function cleanBlockedWord(typed: string): string {
  const word = typed.normalize('NFC').replaceAll(/\s+/gu, ' ').trim();
  const isGood = [...word].length <= BLOCKED_WORD_CHARACTERS_MAX && /[\p{L}\p{N}]/u.test(word);
  if (isGood) return word;
  throw new AppError(
    'INPUT_SETTING',
    `A blocked word or phrase has letters or digits, and at most ${BLOCKED_WORD_CHARACTERS_MAX} characters.`,
  );
}

function compile(list: readonly string[]): Compiled {
  const known = compiledLists.get(list);
  if (known !== undefined) return known;
  const phrases = list
    .filter((word) => !isUnspaced(word))
    .map((word) => ({ word, parts: partsOf(word), isPrefix: word.endsWith('*'), isSuffix: word.startsWith('*') }))
    .filter(({ parts }) => parts.length > 0);
  const unspaced = list.filter(isUnspaced).map((word) => ({ word, folded: foldText(word).replaceAll(/\s+/gu, '') }));
  const compiled = { phrases, unspaced };
  compiledLists.set(list, compiled);
  return compiled;
}

function partsOf(word: string): string[] {
  return word
    .split(/[\s*]+/u)
    .map(spellingOf)
    .filter((part) => part !== '');
}

function findInList({ phrases, unspaced }: Compiled, folded: string, words: readonly FoldedWord[]): string | null {
  const joined = unspaced.length === 0 ? '' : folded.replaceAll(/[\s\p{P}]+/gu, '');
  const anywhere = unspaced.find((each) => joined.includes(each.folded));
  if (anywhere !== undefined) return anywhere.word;
  for (const phrase of phrases) {
    for (let at = 0; at + phrase.parts.length <= words.length; at += 1)
      if (standsAt(phrase, words, at)) return phrase.word;
  }
  return null;
}

function standsAt({ parts, isPrefix, isSuffix }: Phrase, words: readonly FoldedWord[], at: number): boolean {
  return parts.every((part, index) => {
    const isLast = index === parts.length - 1;
    return words[at + index]?.spellings.some(
      (spelling) =>
        spelling === part ||
        (isPrefix && isLast && spelling.startsWith(part)) ||
        (isSuffix && index === 0 && spelling.endsWith(part)),
    );
  });
}

function findMaintained(folded: string, lists: readonly Lists[]): BlockedMatch | null {
  maintained ??= new RegExpMatcher({ ...englishDataset.build(), ...englishRecommendedTransformers });
  const allowed = new Set(lists.flatMap((list) => list.allowed).map(spellingOf));
  for (const match of maintained.getAllMatches(folded, true)) {
    const word = wordAround(folded, match.startIndex, match.endIndex);
    if (allowed.has(spellingOf(word))) continue;
    const { phraseMetadata } = englishDataset.getPayloadWithPhraseMetadata(match);
    return { word: phraseMetadata?.originalWord ?? word, list: 'default' };
  }
  return null;
}

/** @param endIndex of its last character */
function wordAround(text: string, startIndex: number, endIndex: number): string {
  const before = /[\p{L}\p{N}]*$/u.exec(text.slice(0, startIndex))?.[0] ?? '';
  const after = /^[\p{L}\p{N}]*/u.exec(text.slice(endIndex + 1))?.[0] ?? '';
  return `${before}${text.slice(startIndex, endIndex + 1)}${after}`;
}
