/** The seam of picture files: bytes in, a key out; the key is made from the bytes. */

export type BlobStore = {
  /**
   * Stores bytes so that they survive a crash from the moment this resolves. The same bytes again have the same key and
   * are stored once.
   *
   * @throws {AppError} `STORE_NO_SPACE`, `STORE_NO_PERMISSION` or `STORE_FAILED`; then nothing of them is left behind
   */
  put(bytes: Uint8Array): Promise<string>;
  /** @returns null when there are none under this key, or when they are damaged: a picture is decoded anew from its ids */
  get(key: string): Promise<Uint8Array | null>;
  /** Unknown keys are passed over. */
  remove(keys: readonly string[]): Promise<void>;
  /** Everything that is stored, in no order; what comes or goes meanwhile may be missing. */
  list(): AsyncIterable<BlobInfo>;
  /** Room for more, in bytes; null where the question makes no sense (a bucket). */
  freeBytes(): Promise<number | null>;
};

export type BlobInfo = { key: string; sizeBytes: number; writtenAtMs: number };
