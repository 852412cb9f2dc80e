/** Small pictures for lists: made once, held in memory up to a bound. */
import { readPicture } from './png.ts';

export type Thumbnails = {
  /**
   * A WebP that fits a square of this side.
   *
   * @param key names the bytes, such as their blob key: the same key is not read again
   * @throws {AppError} `INPUT_PICTURE` when the bytes are not a picture
   */
  get(key: string, read: () => Promise<Uint8Array>): Promise<Uint8Array>;
  readonly sizeBytes: number;
};

const QUALITY = 82;

export function createThumbnails({ sidePx, sizeBytesMax }: { sidePx: number; sizeBytesMax: number }): Thumbnails {
  const held = new Map<string, Uint8Array>();
  const making = new Map<string, Promise<Uint8Array>>();
  let sizeBytes = 0;

  async function make(key: string, read: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const bytes = await readPicture(await read(), (image) =>
      image.resize(sidePx, sidePx, { fit: 'inside', withoutEnlargement: true }).webp({ quality: QUALITY }).toBuffer(),
    );
    held.set(key, bytes);
    sizeBytes += bytes.byteLength;
    for (const [oldest, { byteLength }] of held) {
      if (sizeBytes <= sizeBytesMax) break;
      held.delete(oldest);
      sizeBytes -= byteLength;
    }
    return bytes;
  }

  return {
    async get(key, read) {
      const known = held.get(key);
      if (known !== undefined) {
        // Asked for again: the last to go.
        held.delete(key);
        held.set(key, known);
        return known;
      }
      const running = making.get(key) ?? make(key, read).finally(() => making.delete(key));
      making.set(key, running);
      return running;
    },
    get sizeBytes() {
      return sizeBytes;
    },
  };
}
