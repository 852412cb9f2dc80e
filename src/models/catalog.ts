/** The models this installation knows: `models/catalog.json`, and a folder each with its `model.json`. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { distance } from 'fastest-levenshtein';
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { type FileRole, type ModelManifest, modelManifestSchema } from './manifest.ts';
import { shippedModelsDir } from './package-root.ts';
import { type VerifyReport, verifyFiles } from './verify.ts';
import { type ModelVocabulary, modelVocabularySchema } from './vocabulary.ts';

export type { FileRole, ModelManifest } from './manifest.ts';
export type { FileReport, VerifyReport } from './verify.ts';
export type { ModelVocabulary } from './vocabulary.ts';

const catalogSchema = z.object({
  formatVersion: z.literal(1),
  default: z.string(),
  models: z.array(z.object({ name: z.string(), path: z.string().regex(/^[a-z0-9][a-z0-9-]*$/) })).min(1),
});

/** A model of the catalog. */
export type CatalogModel = {
  name: string;
  /** Absolute. */
  dir: string;
  manifest: ModelManifest;
  /** Hex sha256 of `model.json`, which lists the sha256 of every other file: the model's identity. */
  hash: string;
};

export type Catalog = {
  /** Folder that holds `catalog.json`. */
  readonly dir: string;
  readonly defaultName: string;
  readonly names: readonly string[];
  /** @throws {AppError} `MODEL_UNKNOWN` with the nearest name, `MODEL_MISSING` or `MODEL_INVALID` for its `model.json` */
  resolve(name: string): Promise<CatalogModel>;
};

/**
 * Reads `catalog.json`; the models themselves are read when resolved.
 *
 * @param dir default: `models/` of this package
 * @throws {AppError} `MODEL_MISSING`, `MODEL_INVALID`
 */
export async function loadCatalog(dir: string = shippedModelsDir()): Promise<Catalog> {
  const { value: catalog } = await readJson(join(dir, 'catalog.json'), catalogSchema, 'the list of models');
  const pathOf = new Map(catalog.models.map((entry) => [entry.name, entry.path]));
  const names = [...pathOf.keys()];
  return {
    dir,
    defaultName: catalog.default,
    names,
    async resolve(name) {
      const path = pathOf.get(name);
      if (path === undefined) throw unknownModel(name, names);
      return readModel(join(dir, path));
    },
  };
}

/** Reads a model folder's `model.json`. @throws {AppError} `MODEL_MISSING`, `MODEL_INVALID` */
export async function readModel(dir: string): Promise<CatalogModel> {
  const { value, bytes } = await readJson(join(dir, 'model.json'), modelManifestSchema, 'the description of a model');
  return { name: value.name, dir, manifest: value, hash: createHash('sha256').update(bytes).digest('hex') };
}

/** Finds a model of the shipped catalog by name. @throws {AppError} `MODEL_UNKNOWN`, `MODEL_MISSING`, `MODEL_INVALID` */
export async function resolveModel(name: string, catalog?: Catalog): Promise<CatalogModel> {
  return (catalog ?? (await loadCatalog())).resolve(name);
}

/**
 * Compares size and sha256 of every file of a model with its `model.json`.
 *
 * Reads every byte. Never throws for what it finds: the report says it; `assertVerified` throws.
 */
export async function verifyModel(name: string, catalog?: Catalog): Promise<VerifyReport> {
  const model = await resolveModel(name, catalog);
  return verifyFiles(model.dir, model.name, model.manifest);
}

/** @throws {AppError} `MODEL_MISSING`, `MODEL_INVALID` */
export async function readVocabulary(model: CatalogModel): Promise<ModelVocabulary> {
  const path = join(model.dir, model.manifest.files.vocabulary.path);
  return (await readJson(path, modelVocabularySchema, 'the vocabulary of a model')).value;
}

/** Absolute path of a model's file by its role. @throws {AppError} `MODEL_INVALID` when the model has no such file */
export function filePath(model: CatalogModel, role: FileRole): string {
  const file = model.manifest.files[role];
  if (file !== undefined) return join(model.dir, file.path);
  throw new AppError('MODEL_INVALID', `${model.name} has no file "${role}" in its model.json: export the model again.`);
}

async function readJson<T>(path: string, schema: z.ZodType<T>, what: string): Promise<{ value: T; bytes: Buffer }> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new AppError('MODEL_MISSING', `${path} (${what}) cannot be read: restore it from the repository.`, { cause });
  }
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new AppError('MODEL_INVALID', `${path} (${what}) is not JSON: restore it from the repository.`, { cause });
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return { value: parsed.data, bytes };
  const first = parsed.error.issues[0];
  const where = first === undefined ? '' : ` at ${first.path.join('.') || 'its top level'}: ${first.message}`;
  throw new AppError(
    'MODEL_INVALID',
    `${path} (${what}) is not in format 1${where}. Restore it, or export the model again.`,
  );
}

function unknownModel(name: string, names: readonly string[]): AppError {
  const nearest = [...names].sort((a, b) => distance(name, a) - distance(name, b))[0];
  const shown = name.length > 40 ? `${name.slice(0, 40)}…` : name;
  const hint =
    nearest !== undefined && distance(name, nearest) <= Math.max(3, nearest.length / 2)
      ? `Did you mean ${nearest}?`
      : `Known: ${names.join(', ')}.`;
  return new AppError('MODEL_UNKNOWN', `There is no model "${shown}". ${hint}`);
}
