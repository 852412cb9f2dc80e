// What autocompletion offers: read once, answered from memory.

import {
  type Config,
  completePrompt,
  loadCatalog,
  type Person,
  type PromptVocabulary,
  readPromptModels,
  type Studio,
} from '../../src/index.ts';

export type Vocabulary = {
  readonly models: readonly string[];
  readonly styles: readonly string[];
  readonly aspects: readonly string[];
  /** What the model knows; null for one that takes any words. */
  readonly words: PromptVocabulary | null;
};

export type Completion = {
  /**
   * At most 25 that begin so, then those that hold it. Of a prompt: what was typed, so that nobody sends another by mistake, then
   * the same with its last words completed.
   */
  complete(option: string, typed: string, person: Person): Promise<readonly string[]>;
};

const CHOICES_MAX = 25;
/** Of one choice; a longer prompt is typed without help. */
const CHOICE_LENGTH_MAX = 100;
const PRESETS_FRESH_MS = 10_000;
const PEOPLE_MAX = 500;

export async function readVocabulary(config: Pick<Config, 'model'>, modelsDir?: string): Promise<Vocabulary> {
  const catalog = await loadCatalog(modelsDir);
  const { models } = await readPromptModels(catalog, config.model ?? catalog.defaultName);
  const [first] = models;
  const { widthPx, heightPx } = first.picture;
  const divisor = greatestCommonDivisor(widthPx, heightPx);
  return {
    // The others are not loaded, so they cannot be asked for.
    models: [first.name],
    styles: first.styles.map(({ name }) => name),
    aspects: [`${widthPx / divisor}:${heightPx / divisor}`],
    words: first.vocabulary,
  };
}

export function createCompletion(
  vocabulary: Vocabulary,
  studio: Pick<Studio, 'presets'>,
  nowMs: () => number = Date.now,
): Completion {
  const presets = new Map<string, { names: readonly string[]; atMs: number }>();

  async function presetsOf(person: Person): Promise<readonly string[]> {
    const known = presets.get(person.user);
    if (known !== undefined && nowMs() - known.atMs < PRESETS_FRESH_MS) return known.names;
    const names = Object.keys(await studio.presets(person));
    if (presets.size >= PEOPLE_MAX) presets.clear();
    presets.set(person.user, { names, atMs: nowMs() });
    return names;
  }

  async function wordsOf(option: string, person: Person): Promise<readonly string[]> {
    switch (option) {
      case 'model':
        return vocabulary.models;
      case 'style':
        return vocabulary.styles;
      case 'aspect':
        return vocabulary.aspects;
      case 'preset':
        return presetsOf(person);
      default:
        return [];
    }
  }

  function promptsFor(typed: string): readonly string[] {
    if (vocabulary.words === null) return [];
    const completed = completePrompt(typed, vocabulary.words, CHOICES_MAX - 1).map(({ text }) => text);
    const fitting = completed.filter((text) => text.length <= CHOICE_LENGTH_MAX);
    return fitting.length === 0 ? [] : [typed, ...fitting];
  }

  return {
    async complete(option, typed, person) {
      if (option === 'prompt') return promptsFor(typed);
      const words = await wordsOf(option, person);
      const text = typed.trim().toLowerCase();
      const begin = words.filter((word) => word.toLowerCase().startsWith(text));
      const hold = words.filter((word) => !begin.includes(word) && word.toLowerCase().includes(text));
      return [...begin, ...hold].slice(0, CHOICES_MAX);
    },
  };
}

function greatestCommonDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestCommonDivisor(other, one % other);
}
