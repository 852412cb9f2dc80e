/** Ids to pictures, off the path of the rows: whoever draws the next row does not wait for the pixels of the last one. */
import { type CatalogModel, filePath } from '../../models/catalog.ts';
import type { FileRole } from '../../models/manifest.ts';
import { type Graph, requireNames } from '../graph.ts';
import { type GraphOptions, loadGraph } from '../onnx.ts';
import type { RawPicture } from '../pipeline.ts';
import { toPicture } from './pixels.ts';

/** A painted picture and how long its graph worked on it. */
export type Painted = { picture: RawPicture; paintMs: number };

export type PaintRole = Extract<FileRole, 'decoder' | 'preview'>;

export type Painter = {
  /**
   * @param ids R C of them, -1 where nothing is drawn yet (`preview` only)
   * @throws {AppError} `DEVICE_OUT_OF_MEMORY`, `DEVICE_FAILED`
   */
  paint(role: PaintRole, ids: readonly number[]): Promise<Painted>;
  close(): Promise<void>;
};

/**
 * Paints in this thread. For devices that decode faster than a thread of the CPU would.
 *
 * @throws {AppError} as `loadGraph`, and `MODEL_INVALID` naming the missing input or output
 */
export async function loadPainter(model: CatalogModel, options: GraphOptions): Promise<Painter> {
  const graphs = new Map<PaintRole, Graph>();
  const close = async (): Promise<void> => {
    for (const graph of graphs.values()) await graph.close();
    graphs.clear();
  };
  try {
    for (const role of ['decoder', 'preview'] as const) {
      // A preview is cheaper than the way to a device and back.
      const { threads } = options;
      const graph = await loadGraph(filePath(model, role), role === 'preview' ? { device: 'cpu', threads } : options);
      graphs.set(role, graph);
      requireNames(graph, ['ids'], ['pixels']);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    async paint(role, ids) {
      const startMs = performance.now();
      const picture = await toPicture(graphs.get(role) as Graph, ids);
      return { picture, paintMs: performance.now() - startMs };
    },
    close,
  };
}
