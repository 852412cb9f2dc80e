// A small model as the prompt language sees it.

import type { AppError } from '../../../src/errors.ts';
import { parsePrompt } from '../../../src/prompt/parse-prompt.ts';
import type {
  Expansion,
  GivenFlag,
  ParsedPrompt,
  PromptContext,
  PromptModel,
  PromptVocabulary,
} from '../../../src/prompt/types.ts';

const thing = (name: string, emoji: string, aliases: readonly string[] = []) => ({
  name,
  emoji,
  category: 'things',
  aliases,
});

export const VOCABULARY: PromptVocabulary = {
  objects: [
    thing('fox', '🦊'),
    thing('rainbow', '🌈'),
    thing('airplane', '✈️', ['aeroplane']),
    { ...thing('bear', '🐻'), tags: ['teddy'] },
    thing('snowflake', '❄️'),
    thing('apple', '🍎'),
    thing('unicorn', '🦄'),
    thing('cherries', '🍒'),
    thing('waving hand', '👋'),
    thing('runner', '🏃'),
    thing('heart', '❤️'),
  ],
  colours: [{ name: 'red', aliases: ['scarlet'] }],
  styles: [{ name: 'noto', words: 'noto style', aliases: ['google'] }],
  backgrounds: [],
  words:
    'a an and the in on under with fox rainbow airplane bear snowflake apple unicorn cherries waving hand runner heart red blue noto style'.split(
      ' ',
    ),
};

export const MODEL: PromptModel = {
  name: 'easel-nano',
  picture: { widthPx: 128, heightPx: 128 },
  styles: [
    { name: 'noto', words: 'noto style' },
    { name: 'fluent', words: 'fluent style' },
  ],
  sheetStyles: [],
  guided: true,
  vocabulary: VOCABULARY,
};

export const CONTEXT: PromptContext = {
  models: [MODEL, { ...MODEL, name: 'janus-pro-1b', guided: false, vocabulary: null }],
  defaultCount: 1,
  limits: { charactersMax: 1000, countMax: 16, promptsMax: 8, picturesMax: 32 },
  canBePrivate: true,
};

export function parsed(text: string, context: PromptContext = CONTEXT, given: readonly GivenFlag[] = []): ParsedPrompt {
  const result = parsePrompt(text, context, given);
  if (!result.ok) throw result.refusal;
  return result.parsed;
}

/** The first prompt that a text makes. */
export function first(text: string, context: PromptContext = CONTEXT): Expansion {
  return parsed(text, context).expansions[0];
}

export function refused(text: string, context: PromptContext = CONTEXT, given: readonly GivenFlag[] = []): AppError {
  const result = parsePrompt(text, context, given);
  if (result.ok) throw new Error(`expected a refusal of ${text}`);
  return result.refusal;
}
