/** Keys and values of all sequences of a batch: position first, so that what a call sees of the past is a prefix view. */
import { type FloatTensor, floats } from '../tensor.ts';
import type { ModelShape } from './model-shape.ts';
import type { Prefix } from './prefixes.ts';

/** Added to the score of a place a sequence may not see. */
const HIDDEN = -1e9;

export type KvCache = {
  /** S = 2B. The conditional sequence of slot b is b, its unconditional one B + b. */
  readonly slots: number;
  /** Lays the cache out anew. @param from per new slot its old index, or -1 for a slot that begins */
  regroup(from: readonly number[]): void;
  /** Writes what both sequences of a slot begin with. */
  begin(slot: number, conditional: Prefix, unconditional: Prefix): void;
  /** Writes a finished row of a slot out of the row graph's outputs [C,S,H,E]. @param source slot in those outputs */
  appendRow(slot: number, row: number, outputs: readonly Float32Array[], source?: number): void;
  /** 2L views [P,S,H,E]. */
  past(places: number): FloatTensor[];
  /** [S,1,1,P]. @param rows how many rows each slot has drawn */
  mask(places: number, rows: readonly number[]): FloatTensor;
};

export function createKvCache(shape: ModelShape): KvCache {
  const { captionTokens, columns, places: allPlaces, keyFloats, heads, headWidth } = shape;
  const tensors = 2 * shape.layers;
  let slots = 0; // B
  let buffers: Float32Array[] = Array.from({ length: tensors }, () => new Float32Array(0)); // [T + R C, S, H E]
  let prefixTokens: [number, number][] = []; // conditional, unconditional

  const regroup = (from: readonly number[]): void => {
    const newSlots = from.length;
    const sequences = 2 * slots; // S
    const newSequences = 2 * newSlots;
    buffers = buffers.map((old) => {
      const fresh = new Float32Array(allPlaces * newSequences * keyFloats);
      from.forEach((source, slot) => {
        if (source < 0) return;
        for (const [oldSequence, newSequence] of [
          [source, slot],
          [slots + source, newSlots + slot],
        ] as const) {
          for (let place = 0; place < allPlaces; place++) {
            const at = (place * sequences + oldSequence) * keyFloats;
            fresh.set(old.subarray(at, at + keyFloats), (place * newSequences + newSequence) * keyFloats);
          }
        }
      });
      return fresh;
    });
    prefixTokens = from.map((source) => prefixTokens[source] ?? [0, 0]);
    slots = newSlots;
  };

  const writePrefix = (sequence: number, prefix: Prefix): void => {
    prefix.cache.forEach((source, tensor) => {
      const buffer = buffers[tensor] as Float32Array;
      for (let place = 0; place < captionTokens; place++) {
        const key = source.subarray(place * keyFloats, (place + 1) * keyFloats);
        buffer.set(key, (place * 2 * slots + sequence) * keyFloats);
      }
    });
  };

  return {
    get slots() {
      return slots;
    },
    regroup,
    begin(slot, conditional, unconditional) {
      writePrefix(slot, conditional);
      writePrefix(slots + slot, unconditional);
      prefixTokens[slot] = [conditional.tokens, unconditional.tokens];
    },
    appendRow(slot, row, outputs, source = slot) {
      const sequences = 2 * slots;
      outputs.forEach((output, tensor) => {
        const buffer = buffers[tensor] as Float32Array;
        for (let column = 0; column < columns; column++) {
          const place = captionTokens + row * columns + column;
          for (const half of [0, slots]) {
            const at = (column * sequences + half + source) * keyFloats;
            buffer.set(output.subarray(at, at + keyFloats), (place * sequences + half + slot) * keyFloats);
          }
        }
      });
    },
    past(places) {
      const dims = [places, 2 * slots, heads, headWidth]; // (P,S,H,E)
      return buffers.map((buffer) => floats(buffer.subarray(0, places * 2 * slots * keyFloats), dims));
    },
    mask(places, rows) {
      const mask = new Float32Array(2 * slots * places).fill(HIDDEN);
      for (let slot = 0; slot < slots; slot++) {
        const end = captionTokens + (rows[slot] as number) * columns;
        const tokens = prefixTokens[slot] as [number, number];
        for (const half of [0, 1] as const) {
          const start = (half * slots + slot) * places;
          mask.fill(0, start, start + tokens[half]);
          mask.fill(0, start + captionTokens, start + end);
        }
      }
      return floats(mask, [2 * slots, 1, 1, places]); // (S,1,1,P)
    },
  };
}
