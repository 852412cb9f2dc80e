/** Pixels for the image tests: a coloured disc on a transparent ground, or noise that does not compress. */
import type { Pixels } from '../../../src/image/png.ts';
import { philox4x32 } from '../../../src/pipeline/noise.ts';

export function disc(edgePx: number, colour: readonly [number, number, number]): Pixels {
  const rgba = new Uint8Array(edgePx * edgePx * 4);
  for (let y = 0; y < edgePx; y++) {
    for (let x = 0; x < edgePx; x++) {
      const inside = Math.hypot(x - edgePx / 2 + 0.5, y - edgePx / 2 + 0.5) < edgePx / 3;
      if (inside) rgba.set([...colour, 255], (y * edgePx + x) * 4);
    }
  }
  return { rgba, widthPx: edgePx, heightPx: edgePx };
}

export function noisy(edgePx: number): Pixels {
  const words = new Uint32Array(edgePx * edgePx);
  for (let at = 0; at < words.length; at++) words[at] = philox4x32([at, 0, 0, 0], [1, 2])[0];
  return { rgba: new Uint8Array(words.buffer), widthPx: edgePx, heightPx: edgePx };
}
