/** The sizes of an easel model, by the letters of docs/model-format.md. */
import type { ModelManifest } from '../../models/manifest.ts';

export type ModelShape = {
  /** T caption tokens */
  captionTokens: number;
  /** R rows of image tokens */
  rows: number;
  /** C columns of image tokens */
  columns: number;
  /** L layers */
  layers: number;
  /** H heads */
  heads: number;
  /** E width of a head */
  headWidth: number;
  /** V codebook size; also the id that begins a picture */
  codebookSize: number;
  /** T + R C: all places of a sequence */
  places: number;
  /** H E: floats of one key or value */
  keyFloats: number;
};

export function toModelShape(manifest: ModelManifest): ModelShape {
  const { rows, columns } = manifest.grid;
  const { layers, heads, headWidth } = manifest.transformer;
  const captionTokens = manifest.caption.tokens;
  return {
    captionTokens,
    rows,
    columns,
    layers,
    heads,
    headWidth,
    codebookSize: manifest.codebookSize,
    places: captionTokens + rows * columns,
    keyFloats: heads * headWidth,
  };
}

/** The 2L tensors of a cache in one order: key 0, value 0, key 1, ... */
export function cacheNames(prefix: string, layers: number): string[] {
  const head = prefix === '' ? '' : `${prefix}_`;
  return Array.from({ length: layers }, (_, layer) => [`${head}key.${layer}`, `${head}value.${layer}`]).flat();
}
