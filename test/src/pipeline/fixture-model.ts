/** The tiny model of the tests, whole or with the graphs of one precision, on the CPU of this process. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type CatalogModel, loadCatalog, readModel } from '../../../src/models/catalog.ts';
import type { FileRole } from '../../../src/models/manifest.ts';
import { shippedModelsDir } from '../../../src/models/package-root.ts';
import { loadPipeline } from '../../../src/pipeline/load-pipeline.ts';
import type { Pipeline, SlotEvent, SlotRequest } from '../../../src/pipeline/pipeline.ts';
import { FIXTURES_DIR } from './slot-of.ts';

export const PRECISIONS = ['fp32', 'int8', 'int4'] as const;
export type Precision = (typeof PRECISIONS)[number];

export async function tinyModel(precision: Precision = 'fp32'): Promise<CatalogModel> {
  const model = await readModel(join(FIXTURES_DIR, 'tiny-model'));
  if (precision === 'fp32') return model;
  const files = { ...model.manifest.files };
  for (const role of ['prefill', 'row', 'rowUnrolled', 'weights'] as const satisfies FileRole[]) {
    files[role] = { ...files[role], path: `${precision}/${files[role].path}` };
  }
  return { ...model, manifest: { ...model.manifest, precision, files } };
}

/** The model that ships, or null before there is one. */
export async function shippedModel(): Promise<CatalogModel | null> {
  if (!existsSync(join(shippedModelsDir(), 'easel-nano', 'model.json'))) return null;
  return (await loadCatalog()).resolve('easel-nano');
}

export async function openPipeline(model: CatalogModel, slots = 8): Promise<Pipeline> {
  return (await loadPipeline(model, { device: 'cpu', slots, threads: 1 })).pipeline;
}

export type Drawn = Extract<SlotEvent, { kind: 'drawn' }>;

/** Draws slots to the end; slot i is admitted before advance `joinAt[i]`. Returns them in the order of `slots`. */
export async function drawAll(pipeline: Pipeline, slots: SlotRequest[], joinAt = slots.map(() => 0)): Promise<Drawn[]> {
  const drawn = new Map<string, Drawn>();
  for (let advance = 0; drawn.size < slots.length; advance++) {
    slots.forEach((slot, index) => {
      if (joinAt[index] === advance) pipeline.admit(slot);
    });
    for (const event of await pipeline.advance()) {
      if (event.kind === 'failed') throw event.error;
      if (event.kind === 'drawn') drawn.set(event.slotId, event);
    }
  }
  return slots.map((slot) => drawn.get(slot.slotId) as Drawn);
}

export function agreementShare(a: readonly number[], b: readonly number[]): number {
  return a.filter((id, place) => id === b[place]).length / a.length;
}
