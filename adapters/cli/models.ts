// `easel models`: what the catalog holds, and whether its files are the ones that were shipped.

import {
  AppError,
  type CatalogModel,
  loadCatalog,
  type ModelVocabulary,
  readVocabulary,
  toAppError,
  verifyModel,
} from '../../src/index.ts';
import { print, say, type Terminal } from './terminal.ts';

/** Room for the longest label, a category among them. */
const LABEL_CHARACTERS = 25;

export type ModelsOptions = { readonly json: boolean; readonly modelsDir: string | undefined };

export async function listModels({ json, modelsDir }: ModelsOptions, terminal: Terminal): Promise<void> {
  const catalog = await loadCatalog(modelsDir);
  const models = await Promise.all(
    catalog.names.map(async (name) => {
      const isDefault = name === catalog.defaultName;
      try {
        const model = await catalog.resolve(name);
        return { name, isDefault, title: model.manifest.title, bytes: bytesOf(model), license: model.manifest.license };
      } catch (thrown) {
        return { name, isDefault, problem: toAppError(thrown, 'MODEL_INVALID').message };
      }
    }),
  );
  if (json) {
    print(terminal, JSON.stringify({ models }));
    return;
  }
  for (const model of models) {
    const about = 'problem' in model ? model.problem : `${model.title}, ${megabytes(model.bytes)}, ${model.license}`;
    print(terminal, `${model.name}${model.isDefault ? ' (default)' : ''}: ${about}`);
  }
}

export async function showModel(
  name: string | null,
  { json, modelsDir }: ModelsOptions,
  terminal: Terminal,
): Promise<void> {
  const catalog = await loadCatalog(modelsDir);
  const model = await catalog.resolve(name ?? catalog.defaultName);
  const { manifest } = model;
  const vocabulary = await readVocabulary(model);
  if (json) {
    const things = Object.fromEntries(byCategory(vocabulary.objects));
    print(terminal, JSON.stringify({ ...manifest, hash: model.hash, folder: model.dir, things }));
    return;
  }
  const { picture, grid, transformer, sampling } = manifest;
  const lines: readonly (readonly [string, string])[] = [
    ['name', `${manifest.name} ${manifest.version} (${manifest.title})`],
    [
      'picture',
      `${picture.widthPx} x ${picture.heightPx} pixels, ${grid.rows} rows of ${grid.columns} tokens out of ${manifest.codebookSize}`,
    ],
    [
      'size',
      `${(transformer.parameters / 1e6).toFixed(1)} million parameters, ${manifest.precision}, ${megabytes(bytesOf(model))}`,
    ],
    ['defaults', `guidance ${sampling.guidanceScale}, top-k ${sampling.topK}, temperature ${sampling.temperature}`],
    ['styles', vocabulary.styles.map((style) => style.name).join(', ') || 'none'],
    [
      'draws',
      `${vocabulary.objects.length} things, in ${vocabulary.colours.length} colours, on ${vocabulary.backgrounds.length} backgrounds`,
    ],
    ...byCategory(vocabulary.objects).map(([category, names]) => [category, names.join(', ')] as const),
    ['colours', namesOf(vocabulary.colours)],
    ['backgrounds', namesOf(vocabulary.backgrounds)],
    ['languages', vocabulary.languages.join(', ') || 'English'],
    ['license', manifest.license],
    ...manifest.attribution.map((line) => ['attribution', line] as const),
    ...manifest.sources.map((source) => ['source', `${source.name} ${source.version} (${source.license})`] as const),
    ['folder', model.dir],
    ['hash', model.hash],
  ];
  for (const [label, text] of lines) print(terminal, `${`${label}:`.padEnd(LABEL_CHARACTERS)}${text}`);
}

/** Things by category, both in the order of the vocabulary. */
function byCategory(objects: ModelVocabulary['objects']): readonly (readonly [string, readonly string[]])[] {
  const categories = new Map<string, string[]>();
  for (const { name, category } of objects) {
    const label = category === '' ? 'things' : category;
    categories.set(label, [...(categories.get(label) ?? []), name]);
  }
  return [...categories];
}

function namesOf(words: readonly { readonly name: string }[]): string {
  return words.map(({ name }) => name).join(', ') || 'none';
}

/** @throws {AppError} `MODEL_ALTERED` when a file of any of them is not the one that was shipped */
export async function verifyModels(
  name: string | null,
  { json, modelsDir }: ModelsOptions,
  terminal: Terminal,
): Promise<void> {
  const catalog = await loadCatalog(modelsDir);
  const reports = [];
  for (const one of name === null ? catalog.names : [name]) reports.push(await verifyModel(one, catalog));
  const isWhole = reports.every((report) => report.ok);
  if (json) print(terminal, JSON.stringify({ ok: isWhole, models: reports }));
  for (const report of reports) {
    for (const file of report.files) if (file.state !== 'ok') say(terminal, file.message);
    if (!json && report.ok) print(terminal, `${report.model}: ${report.files.length} files, all as shipped`);
  }
  if (!isWhole) {
    const count = reports.flatMap(({ files }) => files.filter(({ state }) => state !== 'ok')).length;
    throw new AppError('MODEL_ALTERED', `${count === 1 ? 'One file is' : `${count} files are`} not as shipped.`, {
      details: { files: count },
    });
  }
}

function bytesOf(model: CatalogModel): number {
  return Object.values(model.manifest.files).reduce((sum, file) => sum + (file?.bytes ?? 0), 0);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
