/** The tiny model of the tests, whole or with the graphs of one precision, on the CPU of this process. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type CatalogModel, loadCatalog, readModel } from '../../../src/models/catalog.ts';
import { shippedModelsDir } from '../../../src/models/package-root.ts';
import type { ComputeType } from '../../../src/pipeline/device.ts';
import { createEaselPipeline } from '../../../src/pipeline/easel/easel-pipeline.ts';
import { type EaselGraphs, loadGraphs } from '../../../src/pipeline/easel/graphs.ts';
import type { Graph } from '../../../src/pipeline/graph.ts';
import { loadPipeline } from '../../../src/pipeline/load-pipeline.ts';
import type { Drawing, Pipeline, SlotEvent, SlotRequest } from '../../../src/pipeline/pipeline.ts';
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
