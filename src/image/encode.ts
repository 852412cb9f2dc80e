/** The encode ladder: the best form of a picture that a platform's byte limit and formats allow. */
import type { Sharp } from 'sharp';
import { AppError } from '../errors.ts';
import { readPicture, toBytes } from './png.ts';
import { type Provenance, toXmp, withPngProvenance } from './provenance.ts';

export const IMAGE_FORMATS = ['png', 'webp', 'jpeg'] as const;
export type ImageFormat = (typeof IMAGE_FORMATS)[number];

export type EncodeLimits = {
  maxBytes: number;
  /** What the platform shows inline; the order does not matter. */
  formats: readonly ImageFormat[];
};

export type EncodedPicture = {
  bytes: Uint8Array;
  format: ImageFormat;
  mediaType: `image/${ImageFormat}`;
  /** Without the dot. */
  extension: 'png' | 'webp' | 'jpg';
  /** Whether every pixel is the one that was drawn. */
  lossless: boolean;
  widthPx: number;
  heightPx: number;
};

type Rung = { format: ImageFormat; lossless: boolean; encode: (image: Sharp) => Sharp };

// Best first. A rung that loses transparency (JPEG, on white) comes last.
const LADDER: readonly Rung[] = [
  { format: 'png', lossless: true, encode: (image) => image.png({ compressionLevel: 9, adaptiveFiltering: true }) },
  { format: 'webp', lossless: true, encode: (image) => image.webp({ lossless: true }) },
  { format: 'webp', lossless: false, encode: (image) => image.webp({ quality: 90, alphaQuality: 100 }) },
  { format: 'png', lossless: false, encode: (image) => image.png({ palette: true, colours: 256 }) },
  { format: 'webp', lossless: false, encode: (image) => image.webp({ quality: 70 }) },
  { format: 'jpeg', lossless: false, encode: (image) => image.flatten({ background: '#fff' }).jpeg({ quality: 90 }) },
  { format: 'jpeg', lossless: false, encode: (image) => image.flatten({ background: '#fff' }).jpeg({ quality: 70 }) },
];
const MIN_EDGE_PX = 32;

/**
 * Encodes a finished PNG for a platform, with its provenance.
 *
 * The PNG itself goes out when it fits. Then other encodings are tried, best first, and last the same at half the size.
 *
 * @throws {AppError} `INPUT_PICTURE` when nothing of at least 32 px fits, or the bytes are not a picture
 */
export async function encodeWithin(
  png: Uint8Array,
  limits: EncodeLimits,
  provenance: Provenance | null,
): Promise<EncodedPicture> {
  const { width, height } = await readPicture(png, (image) => image.metadata());
  if (limits.formats.includes('png')) {
    const bytes = provenance === null ? png : withPngProvenance(png, provenance);
    if (bytes.length <= limits.maxBytes) return describe(bytes, 'png', true, width, height);
  }
  for (let scale = 1; ; scale /= 2) {
    const widthPx = Math.round(width * scale);
    const heightPx = Math.round(height * scale);
    if (scale < 1 && Math.min(widthPx, heightPx) < MIN_EDGE_PX) break;
    for (const rung of LADDER) {
      if (!limits.formats.includes(rung.format)) continue;
      const bytes = await encodeRung(png, rung, scale === 1 ? null : widthPx, provenance);
      if (bytes.length <= limits.maxBytes) {
        return describe(bytes, rung.format, rung.lossless && scale === 1, widthPx, heightPx);
      }
    }
  }
  throw new AppError('INPUT_PICTURE', `The picture does not fit into ${limits.maxBytes} bytes in any allowed format.`, {
    details: { maxBytes: limits.maxBytes },
  });
}

async function encodeRung(
  png: Uint8Array,
  rung: Rung,
  widthPx: number | null,
  provenance: Provenance | null,
): Promise<Uint8Array> {
  return readPicture(png, async (image) => {
    const encoded = rung.encode(widthPx === null ? image : image.resize(widthPx));
    if (rung.format === 'png') {
      const bytes = await toBytes(encoded);
      return provenance === null ? bytes : withPngProvenance(bytes, provenance);
    }
    return toBytes(provenance === null ? encoded : encoded.withXmp(toXmp(provenance)));
  });
}

function describe(
  bytes: Uint8Array,
  format: ImageFormat,
  lossless: boolean,
  widthPx: number,
  heightPx: number,
): EncodedPicture {
  const extension = format === 'jpeg' ? 'jpg' : format;
  return { bytes, format, mediaType: `image/${format}`, extension, lossless, widthPx, heightPx };
}
