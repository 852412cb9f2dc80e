/** The graphs of an easel model on one device, checked against the contract of docs/model-format.md. */
import { type CatalogModel, filePath } from '../../models/catalog.ts';
import type { DeviceName } from '../device.ts';
import { type Graph, requireNames } from '../graph.ts';
import { loadGraph } from '../onnx.ts';
import { cacheNames } from './model-shape.ts';

export type EaselGraphs = {
  prefill: Graph;
  row: Graph;
  decoder: Graph;
  preview: Graph;
  close(): Promise<void>;
};

export const ROW_INPUTS = [
  'row_index',
  'previous_id',
  'past_mask',
  'guidance',
  'temperature',
  'top_k',
  'noise',
  'bias_ids',
  'bias_strength',
] as const;

/** WebGPU has no kernel for Loop: the graph would fall back to the CPU token by token. */
const UNROLLED: ReadonlySet<DeviceName> = new Set(['webgpu', 'coreml', 'dml']);

/**
 * Loads the four graphs. What was loaded is released again when one fails.
 *
 * @throws {AppError} `DEVICE_UNAVAILABLE`, `DEVICE_OUT_OF_MEMORY`, `MODEL_INVALID` naming the missing input or output
 */
export async function loadGraphs(model: CatalogModel, device: DeviceName, threads: number): Promise<EaselGraphs> {
  const { layers } = model.manifest.transformer;
  const loaded: Graph[] = [];
  const close = async (): Promise<void> => {
    for (const graph of loaded.splice(0)) await graph.close();
  };
  const load = async (role: 'prefill' | 'row' | 'rowUnrolled' | 'decoder' | 'preview', on = device): Promise<Graph> => {
    const graph = await loadGraph(filePath(model, role), { device: on, threads });
    loaded.push(graph);
    return graph;
  };
  try {
    const row = await load(UNROLLED.has(device) ? 'rowUnrolled' : 'row');
    requireNames(row, [...ROW_INPUTS, ...cacheNames('past', layers)], ['ids', ...cacheNames('row', layers)]);
    const prefill = await load('prefill');
    requireNames(prefill, ['caption_ids', 'caption_mask'], cacheNames('', layers));
    const decoder = await load('decoder');
    requireNames(decoder, ['ids'], ['pixels']);
    // Cheaper than the way to a device and back.
    const preview = await load('preview', 'cpu');
    requireNames(preview, ['ids'], ['pixels']);
    return { prefill, row, decoder, preview, close };
  } catch (error) {
    await close();
    throw error;
  }
}
