/** The tiny model of the tests as files. Nothing here loads the runtime. */
import { createHash } from 'node:crypto';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type CatalogModel, readModel } from '../../../src/models/catalog.ts';
import { FIXTURES_DIR } from './slot-of.ts';

export const PRECISIONS = ['fp32', 'int8', 'int4'] as const;
export type Precision = (typeof PRECISIONS)[number];

export async function tinyModel(precision: Precision = 'fp32'): Promise<CatalogModel> {
  const model = await readModel(join(FIXTURES_DIR, 'tiny-model'));
  if (precision === 'fp32') return model;
  const at = (path: string) => ({ path: `${precision}/${path}`, bytes: 0, sha256: '' });
  const files = {
    ...model.manifest.files,
    prefill: at('prefill.onnx'),
    row: at('row.onnx'),
    rowUnrolled: at('row-unrolled.onnx'),
    prefillHalf: at('prefill-half.onnx'),
    rowHalf: at('row-half.onnx'),
    rowUnrolledHalf: at('row-unrolled-half.onnx'),
    weights: at('gpt.data'),
  };
  return { ...model, manifest: { ...model.manifest, precision, files } };
}

/** A catalog of its own with the tiny model in int8, float16 graphs and all, as files that a worker verifies. */
export async function writeInt8Catalog(dir: string): Promise<void> {
  const folder = join(dir, 'tiny');
  const source = join(FIXTURES_DIR, 'tiny-model');
  await cp(source, folder, { recursive: true });
  await cp(join(source, 'int8'), folder, { recursive: true });
  const { manifest } = await tinyModel('int8');
  const files: Record<string, unknown> = {};
  for (const [role, file] of Object.entries(manifest.files)) {
    const path = basename(file?.path ?? '');
    const bytes = await readFile(join(folder, path));
    files[role] = { path, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  }
  await writeFile(join(folder, 'model.json'), JSON.stringify({ ...manifest, files }));
  const catalog = { formatVersion: 1, default: 'tiny', models: [{ name: 'tiny', path: 'tiny' }] };
  await writeFile(join(dir, 'catalog.json'), JSON.stringify(catalog));
}
