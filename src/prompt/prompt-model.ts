// Models of the catalog as the prompt language sees them.

import { type AppError, toAppError } from '../errors.ts';
import { type Catalog, type CatalogModel, readVocabulary } from '../models/catalog.ts';
import type { PromptModel } from './types.ts';

export type PromptModels = {
  /** The default first; a model that cannot be read stands in with its name only. */
  readonly models: readonly [PromptModel, ...PromptModel[]];
  /** Why a model cannot be read, by name: to be thrown when it is asked for, and no sooner. */
  readonly failures: ReadonlyMap<string, AppError>;
};

/** @throws {AppError} `MODEL_UNKNOWN` when the catalog has no model of the default's name */
export async function readPromptModels(
  catalog: Catalog,
  defaultName: string = catalog.defaultName,
): Promise<PromptModels> {
  if (!catalog.names.includes(defaultName)) await catalog.resolve(defaultName);
  const failures = new Map<string, AppError>();
  const read = async (name: string): Promise<PromptModel> => {
    try {
      return await readPromptModel(await catalog.resolve(name));
    } catch (thrown) {
      failures.set(name, toAppError(thrown, 'MODEL_INVALID'));
      return {
        name,
        picture: { widthPx: 1, heightPx: 1 },
        styles: [],
        sheetStyles: [],
        guided: true,
        vocabulary: null,
      };
    }
  };
  const others = catalog.names.filter((name) => name !== defaultName);
  const [first, ...rest] = await Promise.all([read(defaultName), ...others.map(read)]);
  return { models: [first, ...rest], failures };
}

/** @throws {AppError} `MODEL_MISSING`, `MODEL_INVALID` */
export async function readPromptModel(model: CatalogModel): Promise<PromptModel> {
  const { picture, styles } = model.manifest;
  const sheetStyles = model.manifest.sheetStyles.flatMap((name) => styles.find((style) => style.name === name) ?? []);
  return {
    name: model.name,
    picture,
    styles,
    sheetStyles: sheetStyles.map(({ words }) => words),
    guided: true,
    vocabulary: await readVocabulary(model),
  };
}
