/** A small picture of progress as a page takes it: bounded, because it crosses networks several times a second. */
import { fromPixels, type Pixels, toBytes } from './png.ts';

export const PREVIEW_MAX_BYTES = 32 * 1024;

export type EncodedPreview = { png: Uint8Array; widthPx: number; heightPx: number };

/** PNG of at most `PREVIEW_MAX_BYTES`: full colour if it fits, then a palette, then half the size as often as it takes. */
export async function encodePreview(pixels: Pixels): Promise<EncodedPreview> {
  let { widthPx, heightPx } = pixels;
  for (;;) {
    // A new pipeline each time: a sharp instance is used once.
    const isWhole = widthPx === pixels.widthPx && heightPx === pixels.heightPx;
    const scaled = () =>
      isWhole ? fromPixels(pixels) : fromPixels(pixels).resize(widthPx, heightPx, { kernel: 'linear' });
    // It lives for a moment: quick to make comes before small.
    const full = await toBytes(scaled().png({ compressionLevel: 2 }));
    if (full.length <= PREVIEW_MAX_BYTES) return { png: full, widthPx, heightPx };
    const palette = await toBytes(scaled().png({ palette: true, effort: 1 }));
    if (palette.length <= PREVIEW_MAX_BYTES) return { png: palette, widthPx, heightPx };
    widthPx = Math.max(1, Math.floor(widthPx / 2));
    heightPx = Math.max(1, Math.floor(heightPx / 2));
  }
}
