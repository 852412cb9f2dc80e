/** Models on the CPU of this process, and what is drawn with them. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type CatalogModel, loadCatalog } from '../../../src/models/catalog.ts';
import { shippedModelsDir } from '../../../src/models/package-root.ts';
import type { ComputeType } from '../../../src/pipeline/device.ts';
import { createEaselPipeline } from '../../../src/pipeline/easel/easel-pipeline.ts';
import { type EaselGraphs, loadGraphs } from '../../../src/pipeline/easel/graphs.ts';
import type { Graph } from '../../../src/pipeline/graph.ts';
import { loadPipeline } from '../../../src/pipeline/load-pipeline.ts';
import type { Drawing, Pipeline, SlotEvent, SlotRequest } from '../../../src/pipeline/pipeline.ts';

/** The model that ships, or null before there is one. */
export async function shippedModel(): Promise<CatalogModel | null> {
  if (!existsSync(join(shippedModelsDir(), 'easel-nano', 'model.json'))) return null;
  return (await loadCatalog()).resolve('easel-nano');
}

export async function openPipeline(model: CatalogModel, slots = 8): Promise<Pipeline> {
  return (await loadPipeline(model, { device: 'cpu', slots, threads: 1 })).pipeline;
}

/** Any graphs on the CPU, so that what a GPU runs is proven without one. */
export async function openGraphs(
  model: CatalogModel,
  options: { unrolled?: boolean; compute?: ComputeType },
  capacity = 8,
): Promise<Pipeline> {
  const graphs = await loadGraphs(model, 'cpu', { threads: 1, ...options });
  return createEaselPipeline(model, graphs, { device: 'cpu', capacity });
}

/** A drawn event with its picture. */
export type Drawn = Omit<Extract<SlotEvent, { kind: 'drawn' }>, 'drawing'> & Drawing;

/** Draws slots to the end; slot i is admitted before advance `joinAt[i]`. Returns them in the order of `slots`. */
export async function drawAll(pipeline: Pipeline, slots: SlotRequest[], joinAt = slots.map(() => 0)): Promise<Drawn[]> {
  const drawn = new Map<string, Drawn>();
  for (let advance = 0; drawn.size < slots.length; advance++) {
    slots.forEach((slot, index) => {
      if (joinAt[index] === advance) pipeline.admit(slot);
    });
    for (const event of await pipeline.advance()) {
      if (event.kind === 'failed') throw event.error;
      if (event.kind !== 'drawn') continue;
      const { drawing, ...rest } = event;
      drawn.set(event.slotId, { ...rest, ...(await drawing) });
    }
  }
  return slots.map((slot) => drawn.get(slot.slotId) as Drawn);
}

export function agreementShare(a: readonly number[], b: readonly number[]): number {
  return a.filter((id, place) => id === b[place]).length / a.length;
}

/** The row graph of a model on the CPU, with `run` in the place of its own. */
export function withRow(
  graphs: EaselGraphs,
  run: (row: Graph, feeds: Parameters<Graph['run']>[0]) => ReturnType<Graph['run']>,
): EaselGraphs {
  const { row } = graphs.rows;
  return { ...graphs, rows: { ...graphs.rows, row: { ...row, run: (feeds) => run(row, feeds) } } };
}

/** B of a call. */
export function slotsOfCall(feeds: Parameters<Graph['run']>[0]): number {
  const guidance = feeds['guidance'];
  return guidance?.type === 'float32' ? (guidance.dims[0] ?? 0) : 0;
}
