/** Token ids as bytes: two each, little end first, so that a picture of 16 x 16 takes half a kilobyte. */
import { AppError } from '../../errors.ts';

export function packIds(ids: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(ids.length * 2);
  const view = new DataView(bytes.buffer);
  for (const [index, id] of ids.entries()) {
    if (!Number.isInteger(id) || id < 0 || id > 0xffff) {
      throw new AppError('STORE_FAILED', `A token id must be a whole number from 0 to 65535, got ${id}.`);
    }
    view.setUint16(index * 2, id, true);
  }
  return bytes;
}

export function unpackIds(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.byteLength >> 1 }, (_, index) => view.getUint16(index * 2, true));
}
