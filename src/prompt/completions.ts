// What may follow what was typed: the model's own things, colours, backgrounds and styles, for chats that complete a prompt.

import type { PromptVocabulary } from './types.ts';

export type PromptCompletion = {
  /** The whole text with its last words completed. */
  readonly text: string;
  /** The category of a thing, else what kind of word it is. */
  readonly about: string;
};

const LETTERS_MIN = 2;
/** Words of a name that may already stand there: "cup of co" completes to "cup of coffee". */
const WORDS_MAX = 4;

/**
 * Completes the last words of a prompt from what the model knows; the longest beginning of a name wins.
 *
 * @param most how many to offer; Discord takes 25
 */
export function completePrompt(text: string, vocabulary: PromptVocabulary, most = 25): readonly PromptCompletion[] {
  const words = text.split(/(?<=\s)/u);
  for (let count = Math.min(WORDS_MAX, words.length); count > 0; count--) {
    const typed = words.slice(-count).join('').toLowerCase();
    if (typed.trim().length < LETTERS_MIN || typed !== typed.trimStart()) continue;
    const before = words.slice(0, -count).join('');
    const found = namesOf(vocabulary).filter(({ name }) => name.startsWith(typed) && name !== typed);
    if (found.length > 0) return found.slice(0, most).map(({ name, about }) => ({ text: before + name, about }));
  }
  return [];
}

function namesOf(vocabulary: PromptVocabulary): readonly { name: string; about: string }[] {
  const { objects, colours, backgrounds, styles } = vocabulary;
  return [
    ...objects.map(({ name, category }) => ({ name, about: category })),
    ...colours.map(({ name }) => ({ name, about: 'colour' })),
    ...backgrounds.flatMap(({ aliases }) => aliases.slice(0, 1).map((name) => ({ name, about: 'background' }))),
    ...styles.map(({ words }) => ({ name: words, about: 'style' })),
  ];
}
