/** Baseline (c): the matrix products of a picture alone, in the same runtime: what is left when everything else costs nothing. */
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { CatalogModel } from '../../src/models/catalog.ts';
import { PLACES_STEP } from '../../src/pipeline/easel/kv-cache.ts';
import { toModelShape } from '../../src/pipeline/easel/model-shape.ts';

export type Floor = () => Promise<void>;

/** @param pictures B, drawn together; one thread, as the engine's */
export async function openFloor(
  { dir, manifest }: CatalogModel,
  pictures: number,
  captionTokens: number,
): Promise<Floor> {
  const shape = toModelShape(manifest);
  const session = await InferenceSession.create(join(dir, 'floor.onnx'), { intraOpNumThreads: 1, logSeverityLevel: 3 });
  /** What the engine has room for at each row. */
  const placesOf = (row: number) => Math.ceil((captionTokens + row * shape.columns) / PLACES_STEP) * PLACES_STEP;
  const feeds = Array.from({ length: shape.rows }, (_, row) => {
    const sizes: Record<string, number> = { S: 2 * pictures, P: placesOf(row) };
    return Object.fromEntries(
      session.inputMetadata.flatMap((input) => {
        if (!input.isTensor) return [];
        const dims = input.shape.map((size) => (typeof size === 'number' ? size : (sizes[size] ?? 1)));
        const data = new Float32Array(dims.reduce((product, size) => product * size, 1)).map((_, at) => Math.sin(at));
        return [[input.name, new Tensor('float32', data, dims)]];
      }),
    );
  });
  return async () => {
    for (const feed of feeds) await session.run(feed);
  };
}
