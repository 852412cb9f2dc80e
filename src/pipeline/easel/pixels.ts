/** Ids to pixels: the decoder, the preview, and from premultiplied floats to straight bytes. */
import { floatOutput, type Graph } from '../graph.ts';
import type { RawPicture } from '../pipeline.ts';
import { ints } from '../tensor.ts';

/** Runs `decoder` or `preview` for one picture. @param ids R C of them, -1 where nothing is drawn yet (preview only) */
export async function toPicture(graph: Graph, ids: readonly number[]): Promise<RawPicture> {
  const { data, dims } = floatOutput(await graph.run({ ids: ints(ids, [1, ids.length]) }), 'pixels'); // (1,4,h,w)
  const [, , heightPx = 0, widthPx = 0] = dims;
  return { rgba: toStraightRgba(data, widthPx * heightPx), widthPx, heightPx };
}

/**
 * Colour was learned multiplied by alpha; files hold it straight.
 *
 * @param planes red, green, blue, alpha, each `pixels` floats of 0..1
 */
export function toStraightRgba(planes: Float32Array, pixels: number): Uint8Array {
  const rgba = new Uint8Array(pixels * 4);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const alpha = Math.min(1, Math.max(0, planes[3 * pixels + pixel] as number));
    const alphaByte = Math.round(alpha * 255);
    // Invisible pixels have no colour: equal pictures then have equal bytes.
    if (alphaByte === 0) continue;
    for (let channel = 0; channel < 3; channel++) {
      const straight = (planes[channel * pixels + pixel] as number) / alpha;
      rgba[pixel * 4 + channel] = Math.round(Math.min(1, Math.max(0, straight)) * 255);
    }
    rgba[pixel * 4 + 3] = alphaByte;
  }
  return rgba;
}
