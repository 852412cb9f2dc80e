/** When a worker that grows is replaced: native memory leaks are the runtime's, the cure is a fresh process. */

export type MemoryPolicy = {
  /** Pictures until caches and arenas have their size. */
  warmUpPictures: number;
  /** Growth beyond that size after which the worker is replaced. */
  growthMaxBytes: number;
};

export const DEFAULT_MEMORY_POLICY: MemoryPolicy = { warmUpPictures: 32, growthMaxBytes: 512e6 };

export type MemoryWatch = {
  /** After each picture. @returns whether the worker should be replaced */
  seen(memoryBytes: number): boolean;
};

/** One for each process. */
export function createMemoryWatch({ warmUpPictures, growthMaxBytes }: MemoryPolicy): MemoryWatch {
  let pictures = 0;
  let settledBytes = 0;
  return {
    seen(memoryBytes) {
      pictures += 1;
      if (pictures <= warmUpPictures) settledBytes = Math.max(settledBytes, memoryBytes);
      return memoryBytes > settledBytes + growthMaxBytes;
    },
  };
}
