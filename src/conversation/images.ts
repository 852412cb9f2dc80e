/** The picture of a message: the sheet in the best form its platform takes, or what is painted so far. */
import { encodeWithin, type ImageFormat } from '../image/encode.ts';
import { decodePng, encodePng } from '../image/png.ts';
import { composeSheet, SHEET_MAX_PICTURES } from '../image/sheet.ts';
import { step } from '../ops/step.ts';
import { type DrawTools, pictureOf } from '../queue/draw-slot.ts';
import type { Preview } from '../queue/events.ts';
import type { Generation } from '../store/records.ts';
import type { ChannelLimits } from './messages.ts';
import type { ViewImage } from './view.ts';

/** Such as `Easel 0.1.0`: in every picture's metadata. */
export type Software = string;

/**
 * The sheet of a drawn generation; a single picture is itself.
 *
 * @throws {AppError} what `pictureOf` throws, `INPUT_PICTURE` when no form fits the platform
 */
export async function resultImage(
  tools: Pick<DrawTools, 'store' | 'blobs' | 'supervisor'>,
  generation: Generation,
  limits: Pick<ChannelLimits, 'uploadBytesMax' | 'imageFormats'>,
  software: Software,
): Promise<ViewImage | null> {
  const drawn = generation.pictures.filter(({ state }) => state === 'drawn').slice(0, SHEET_MAX_PICTURES);
  const [first] = drawn;
  if (first === undefined) return null;
  const pngs = await Promise.all(
    drawn.map(({ index }) => pictureOf(tools, { generationId: generation.id, pictureIndex: index })),
  );
  const encoded = await step('encode', async () => {
    const png = pngs.length === 1 && pngs[0] !== undefined ? pngs[0] : (await composeSheet(pngs)).png;
    const { uploadBytesMax: maxBytes, imageFormats: formats } = limits;
    return encodeWithin(
      png,
      { maxBytes, formats },
      {
        prompt: generation.private ? null : generation.prompt,
        seed: generation.seed,
        pictureIndex: first.index,
        model: generation.model,
        modelHash: generation.modelHash,
        software,
      },
    );
  });
  return {
    bytes: encoded.bytes,
    format: encoded.format,
    mediaType: encoded.mediaType,
    fileName: fileName(generation, encoded.extension),
    widthPx: encoded.widthPx,
    heightPx: encoded.heightPx,
    alt: generation.prompt,
    blobKeys: drawn.map(({ blobKey }) => blobKey),
  };
}

/** What is painted so far, undrawn pictures transparent; null before the first row. */
export async function paintingImage(
  generation: Generation,
  previews: ReadonlyMap<number, Preview>,
): Promise<ViewImage | null> {
  const [sample] = previews.values();
  if (sample === undefined) return null;
  const { widthPx, heightPx } = sample;
  const empty = await encodePng({ rgba: new Uint8Array(widthPx * heightPx * 4), widthPx, heightPx });
  const count = Math.min(generation.pictures.length, SHEET_MAX_PICTURES);
  const pngs = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const preview = previews.get(index);
      return preview?.widthPx === widthPx && preview.heightPx === heightPx ? encodePng(preview) : empty;
    }),
  );
  const png = pngs.length === 1 && pngs[0] !== undefined ? pngs[0] : (await composeSheet(pngs)).png;
  const size = pngs.length === 1 ? { widthPx, heightPx } : await decodePng(png);
  return {
    bytes: png,
    format: 'png' satisfies ImageFormat,
    mediaType: 'image/png',
    fileName: fileName(generation, 'png'),
    widthPx: size.widthPx,
    heightPx: size.heightPx,
    alt: generation.prompt,
    blobKeys: [],
  };
}

/** Nothing of a prompt: a file name is shown, searched and logged. */
function fileName({ id, seed }: Generation, extension: string): string {
  return `easel-${seed}-${id.slice(-6)}.${extension}`;
}
