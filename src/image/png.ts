/** Pictures in and out of PNG. The same pixels always give the same bytes. */
import sharp, { type Sharp } from 'sharp';
import { AppError } from '../errors.ts';

/** Straight RGBA, 8 bits a channel. */
export type Pixels = { rgba: Uint8Array; widthPx: number; heightPx: number };

// A picture of ours has at most 9 x 2048 x 2048 pixels; anything larger is not ours and would only eat memory.
const MAX_PIXELS = 9 * 2048 * 2048;

// Fixed, so that a newer default of the library cannot change the bytes of an old seed.
const PNG_OPTIONS = { compressionLevel: 9, adaptiveFiltering: false, palette: false } as const;

/** Lossless PNG with alpha. */
export async function encodePng(pixels: Pixels): Promise<Uint8Array> {
  return toBytes(fromPixels(pixels).png(PNG_OPTIONS));
}

/** @throws {AppError} `INPUT_PICTURE` when the bytes are not a picture */
export async function decodePng(png: Uint8Array): Promise<Pixels> {
  const { data, info } = await readPicture(png, (image) =>
    image.ensureAlpha().raw().toBuffer({ resolveWithObject: true }),
  );
  return { rgba: data, widthPx: info.width, heightPx: info.height };
}

/** A sharp pipeline over raw pixels. */
export function fromPixels(pixels: Pixels): Sharp {
  const { rgba, widthPx, heightPx } = pixels;
  return sharp(rgba, { raw: { width: widthPx, height: heightPx, channels: 4 }, limitInputPixels: MAX_PIXELS });
}

/** Runs a step over picture bytes. @throws {AppError} `INPUT_PICTURE` when they are not a picture */
export async function readPicture<T>(bytes: Uint8Array, step: (image: Sharp) => Promise<T>): Promise<T> {
  try {
    return await step(sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: 'error' }));
  } catch (cause) {
    throw new AppError('INPUT_PICTURE', 'The picture cannot be read: it is damaged or not a picture. Draw it again.', {
      cause,
      details: { bytes: bytes.length },
    });
  }
}

export async function toBytes(image: Sharp): Promise<Uint8Array> {
  const buffer = await image.toBuffer();
  // A view, not a copy; plain Uint8Array so that consumers do not depend on Buffer.
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
