/** The graphs of an easel model on one device, checked against the contract of docs/model-format.md. */
import { type CatalogModel, filePath } from '../../models/catalog.ts';
import type { FileRole, ModelManifest } from '../../models/manifest.ts';
import type { ComputeType, DeviceName } from '../device.ts';
import { type Graph, requireNames } from '../graph.ts';
import { type GraphOptions, loadGraph } from '../onnx.ts';
import { createLoopRows } from './loop-rows.ts';
import { cacheNames, toModelShape } from './model-shape.ts';
import { loadPainter, type Painter } from './painter.ts';
import type { Rows } from './rows.ts';
import { startThreadPainter } from './thread-painter.ts';
import { createUnrolledRows } from './unrolled-rows.ts';

export type EaselGraphs = {
  rows: LoopGraphs | UnrolledGraph;
  painter: Painter;
  close(): Promise<void>;
};
export type LoopGraphs = { kind: 'loop'; prefill: Graph; row: Graph };
/** Reads captions itself, and keeps what it makes of them on the device. */
export type UnrolledGraph = { kind: 'unrolled'; row: Graph };

const SLOT_INPUTS = [
  'row_index',
  'previous_id',
  'guidance',
  'temperature',
  'top_k',
  'noise',
  'bias_ids',
  'bias_strength',
] as const;
const CAPTION_INPUTS = ['caption_ids', 'caption_mask'] as const;

/** WebGPU has no kernel for Loop: the graph would fall back to the CPU token by token. */
const UNROLLED: ReadonlySet<DeviceName> = new Set(['webgpu', 'coreml', 'dml']);

/** The number types that a model has graphs for. */
export function computeTypes({ manifest }: CatalogModel): ComputeType[] {
  return manifest.files.rowHalf === undefined ? ['float32'] : ['float32', 'float16'];
}

export type GraphsOptions = {
  threads: number;
  /** Which of several equal devices. */
  deviceIndex?: number | null;
  /** Decode in a thread of its own. Only for the CPU: another device decodes faster than that thread would. */
  paintInThread?: boolean;
  /** float16 needs a model that has such graphs. */
  compute?: ComputeType;
  /** The unrolled row on a device that would take the looped one, for tests. */
  unrolled?: boolean;
};

/**
 * Loads the graphs a device needs. What was loaded is released again when one fails.
 *
 * @throws {AppError} `DEVICE_UNAVAILABLE`, `DEVICE_OUT_OF_MEMORY`, `MODEL_INVALID` naming the missing input or output
 */
export async function loadGraphs(
  model: CatalogModel,
  device: DeviceName,
  {
    threads,
    deviceIndex = null,
    paintInThread = false,
    compute = 'float32',
    unrolled = UNROLLED.has(device),
  }: GraphsOptions,
): Promise<EaselGraphs> {
  const { layers } = model.manifest.transformer;
  const twin = compute === 'float16' ? 'Half' : '';
  const loaded: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    for (const graph of loaded.splice(0)) await graph.close();
  };
  const load = async (role: FileRole, options: Partial<GraphOptions> = {}): Promise<Graph> => {
    const graph = await loadGraph(filePath(model, role), { device, deviceIndex, threads, ...options });
    loaded.push(graph);
    return graph;
  };
  const loadLoop = async (): Promise<LoopGraphs> => {
    const row = await load(`row${twin}`);
    const inputs = [...SLOT_INPUTS, 'past_mask', ...cacheNames('past', layers)];
    requireNames(row, inputs, ['ids', ...cacheNames('row', layers)]);
    const prefill = await load(`prefill${twin}`);
    requireNames(prefill, CAPTION_INPUTS, cacheNames('', layers));
    return { kind: 'loop', prefill, row };
  };
  const loadUnrolled = async (): Promise<UnrolledGraph> => {
    const keep = cacheNames('next', layers);
    const row = await load(`rowUnrolled${twin}`, { keep });
    const inputs = [...SLOT_INPUTS, ...CAPTION_INPUTS, 'any_begins', 'begins', ...cacheNames('cache', layers)];
    requireNames(row, inputs, ['ids', ...keep]);
    return { kind: 'unrolled', row };
  };
  try {
    const rows = unrolled ? await loadUnrolled() : await loadLoop();
    const inThread = paintInThread && device === 'cpu';
    const painter = inThread
      ? await startThreadPainter(model, threads)
      : await loadPainter(model, { device, deviceIndex, threads });
    loaded.push(painter);
    return { rows, painter, close };
  } catch (error) {
    await close();
    throw error;
  }
}

export function createRows(graphs: EaselGraphs, manifest: ModelManifest, slotsMax: number): Rows {
  const shape = toModelShape(manifest);
  return graphs.rows.kind === 'loop'
    ? createLoopRows(graphs.rows, manifest, shape, slotsMax)
    : createUnrolledRows(graphs.rows.row, manifest, shape, slotsMax);
}
