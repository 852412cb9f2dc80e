// The words of a prompt -> the words for the model, and what the model will not understand of them.

import { distance as editsOf } from 'fastest-levenshtein';
import { AppError } from '../errors.ts';
import { emojiToWords } from './emoji.ts';
import { nearestOf, tidy } from './scan.ts';
import type { Notice, PromptModel, PromptVocabulary } from './types.ts';

/** Words named in one notice; more would bury the rest of the message. */
const WORDS_NAMED_MAX = 8;
/** Scripts that are written without spaces: their words are known sign by sign. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
/** Counters, places and links of Chinese and Japanese captions. */
const UNSPACED_BETWEEN =
  '的个只在和与画一两二三四五旁边起左右上面下方是背景站格风のとにがを隣そば横個つ乗った絵文字スタイルー中';
const ARTICLES = /\b(?:an?|the)\b/giu;

/** What captions were found to lack, gathered over all prompts of a request so that it is said once. */
export type Findings = { readonly notices: Notice[]; readonly unknownWords: Map<PromptModel, Set<string>> };

/**
 * Makes the caption that a model draws.
 *
 * Emoji become words, other names of a thing become the model's own where the model never saw them, the words of the
 * style come last. A word that the model never saw stays in: it changes little, and a notice says so.
 *
 * @throws {AppError} `INPUT_NOTHING_DRAWABLE` when all of the prompt was emoji without a name
 */
export function makeCaption(prompt: string, style: string | null, model: PromptModel, findings: Findings): string {
  const words = toModelWords(prompt, model, findings);
  if (words.replace(ARTICLES, '').trim() === '') {
    throw new AppError(
      'INPUT_NOTHING_DRAWABLE',
      `${model.name} has no picture for ${prompt}. Say in words what to draw, like "a red apple".`,
    );
  }
  const styleWords = model.styles.find(({ name }) => name === style)?.words;
  return styleWords === undefined || styleWords === '' ? words : `${words}, ${styleWords}`;
}

/**
 * Captions for the pictures of a sheet after the first: the same in other styles, unless the words name a style, or a colour,
 * which a model that draws a thing in several colours may know in one style only.
 */
export function makeSheetCaptions(caption: string, { sheetStyles, vocabulary }: PromptModel): readonly string[] {
  const { styles = [], colours = [] } = vocabulary ?? {};
  const named = [...styles, ...colours].flatMap(({ name, aliases }) => [name, ...aliases]);
  const spaced = (text: string): string => ` ${wordsOf(text).join(' ')} `;
  const isNamed = named.some((name) =>
    UNSPACED.test(name) ? caption.includes(name) : spaced(caption).includes(spaced(name)),
  );
  return isNamed ? [] : sheetStyles.map((style) => `${caption}, ${style}`);
}

/** What picture `index` (0-based) of a sheet is drawn from. */
export function captionAt(caption: string, sheetCaptions: readonly string[], index: number): string {
  const inTurn = [caption, ...sheetCaptions];
  return inTurn[index % inTurn.length] ?? caption;
}

/** The unwanted things in words for the model; null when none of them has any. */
export function makeUnwantedCaption(unwanted: string | null, model: PromptModel, findings: Findings): string | null {
  const words = unwanted === null ? '' : toModelWords(unwanted, model, findings);
  return words === '' ? null : words;
}

/** The notices for the words that each model never saw. */
export function unknownWordNotices({ unknownWords }: Findings): readonly Notice[] {
  return [...unknownWords].map(([model, words]) => {
    const known = model.vocabulary?.words ?? [];
    const meant = [...words].slice(0, WORDS_NAMED_MAX).map((word) => ({ word, nearest: meantBy(word, known) }));
    const named = meant.map(({ word, nearest }) =>
      nearest === null ? `"${word}"` : `"${word}" (did you mean ${nearest}?)`,
    );
    const moreCount = words.size - meant.length;
    const more = moreCount > 0 ? ` and ${moreCount} more` : '';
    const languages = model.vocabulary?.languages ?? [];
    return {
      code: 'WORDS_UNKNOWN',
      message: `I don't know ${named.join(', ')}${more}; I draw the rest. ${model.name} knows everyday things and colours in ${listOf(languages)}.`,
      details: {
        model: model.name,
        words: [...meant.map(({ word }) => word), ...(moreCount > 0 ? ['…'] : [])],
        nearest: meant.flatMap(({ nearest }) => nearest ?? []),
      },
    };
  });
}

const listFormat = new Intl.ListFormat('en', { type: 'conjunction' });

function listOf(languages: readonly string[]): string {
  return languages.length === 0 ? 'English' : listFormat.format(languages);
}

function toModelWords(text: string, model: PromptModel, { notices, unknownWords }: Findings): string {
  const { vocabulary } = model;
  if (vocabulary === null) return text;
  const named = emojiToWords(text, vocabulary);
  if (named.unknown.length > 0) {
    notices.push({
      code: 'EMOJI_UNKNOWN',
      message: `${model.name} has no picture for ${named.unknown.join(' ')} and leaves it out.`,
      details: { model: model.name, emoji: named.unknown.join(' ') },
    });
  }
  for (const { emoji, names } of named.approximated) {
    notices.push({
      code: 'EMOJI_APPROXIMATED',
      message: `${model.name} does not know ${emoji} as one thing and draws ${names.join(' and ')}.`,
      details: { model: model.name, emoji, names },
    });
  }
  const words = useModelNames(named.text, vocabulary);
  const unknown = unknownOf(words, vocabulary);
  if (unknown.length > 0) unknownWords.set(model, new Set([...(unknownWords.get(model) ?? []), ...unknown]));
  return words;
}

/** Replaces other names ("aeroplane") by the model's ("airplane") where it never saw the other one. */
function useModelNames(text: string, vocabulary: PromptVocabulary): string {
  const known = new Set(vocabulary.words);
  const isKnown = (phrase: string): boolean => wordsOf(phrase).every((word) => known.has(word));
  let result = text;
  const { objects, colours, backgrounds } = vocabulary;
  // Tags are only near to a thing: other names of anything come first.
  const tagged = objects.map(({ name, tags }) => ({ name, aliases: tags ?? [] }));
  for (const { name, aliases } of [...objects, ...colours, ...backgrounds, ...tagged]) {
    for (const alias of aliases) {
      if (UNSPACED.test(alias) || isKnown(alias) || !result.toLowerCase().includes(alias.toLowerCase())) continue;
      result = result.replace(
        new RegExp(`(?<![\\p{L}\\p{N}])${escapeRegExp(alias)}(?![\\p{L}\\p{N}])`, 'giu'),
        () => name,
      );
    }
  }
  return tidy(result);
}

function unknownOf(text: string, vocabulary: PromptVocabulary): readonly string[] {
  const known = new Set(vocabulary.words);
  if (known.size === 0) return [];
  const signs = unspacedSignsOf(vocabulary);
  return wordsOf(text).filter((word) => !isKnownWord(word, known, signs));
}

/** A plural of a known word is known, and so is a number; of what is written without spaces each sign must be known. */
function isKnownWord(word: string, known: ReadonlySet<string>, unspacedSigns: ReadonlySet<string>): boolean {
  if (UNSPACED.test(word))
    return [...word].every((sign) => unspacedSigns.has(sign) || (!UNSPACED.test(sign) && /[\p{N}\p{P}]/u.test(sign)));
  if (/^\p{N}+$/u.test(word)) return true;
  return [word, `${word}s`, word.replace(/s$/u, ''), word.replace(/es$/u, '')].some((form) => known.has(form));
}

/** The Chinese and Japanese signs of a model's names and of the words between them; none for a model that reads neither. */
function unspacedSignsOf(vocabulary: PromptVocabulary): ReadonlySet<string> {
  const named = [...vocabulary.objects, ...vocabulary.colours, ...vocabulary.backgrounds, ...vocabulary.styles].flatMap(
    ({ aliases }) => aliases,
  );
  const signs = named.filter((alias) => UNSPACED.test(alias)).flatMap((alias) => [...alias]);
  return new Set(signs.length === 0 ? [] : [...signs, ...UNSPACED_BETWEEN]);
}

/** The known word that a person meant, if one is close enough: one letter in four is off. */
function meantBy(word: string, known: readonly string[]): string | null {
  const nearest = word.length > 3 ? nearestOf(word, known) : null;
  return nearest !== null && editsOf(word, nearest) <= Math.max(1, Math.floor(word.length / 4)) ? nearest : null;
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}\p{M}]+(?:['\u2019-][\p{L}\p{N}\p{M}]+)*/gu) ?? [];
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/gu, '\\$&');
}
