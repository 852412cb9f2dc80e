/** Keys and values of all sequences of a batch, laid out as the looped row graph reads them, so that no call copies the past. */
import { type FloatTensor, floats } from '../tensor.ts';
import type { ModelShape } from './model-shape.ts';
import type { Prefix } from './prefixes.ts';

/** Added to the score of a place a sequence may not see. */
const HIDDEN = -1e9;
/**
 * Room grows by so many places at once. With whole blocks of it, kernels add up what a sequence sees in one order, however much
 * room its neighbours need; otherwise rounding would let an int8 picture depend on its neighbours (measured, and tested).
 */
export const PLACES_STEP = 64;

export type KvCache = {
  /** S = 2B. The conditional sequence of slot b is b, its unconditional one B + b. */
  readonly slots: number;
  /** P: places there is room for now, a multiple of `PLACES_STEP`. */
  readonly places: number;
  /** Lays the cache out anew. @param from per new slot its old index, or -1 for a slot that begins */
  regroup(from: readonly number[]): void;
  /** Writes what both sequences of a slot begin with, without padding. */
  begin(slot: number, conditional: Prefix, unconditional: Prefix): void;
  /** Writes the finished row of every slot: key [S,H,E,C] and value [S,H,C,E] of each layer. */
  appendRow(outputs: readonly Float32Array[]): void;
  /** 2L tensors, key [S,H,E,P] and value [S,H,P,E] of each layer. */
  past(): FloatTensor[];
  /** [S,1,1,P] */
  mask(): FloatTensor;
};

export function createKvCache(shape: ModelShape): KvCache {
  const { captionTokens, columns, heads, headWidth } = shape;
  const tensors = 2 * shape.layers;
  let slots = 0; // B
  let places = 0; // P
  let buffers: Float32Array[] = Array.from({ length: tensors }, () => new Float32Array(0));
  /** Places that each sequence has filled. */
  let lengths: number[] = [];

  const isKey = (tensor: number): boolean => tensor % 2 === 0;
  /** A tensor of one sequence is `runs` runs of `width` floats a place: H E of one float for keys, H of E for values. */
  const runsOf = (tensor: number) => (isKey(tensor) ? heads * headWidth : heads);
  const widthOf = (tensor: number) => (isKey(tensor) ? 1 : headWidth);

  /** Copies the first places of a sequence from one layout to another. */
  function copy(
    tensor: number,
    [source, sourceSequence, sourcePlaces, sourceAt]: readonly [Float32Array, number, number, number],
    [target, targetSequence, targetPlaces, targetAt]: readonly [Float32Array, number, number, number],
    count: number,
  ): void {
    const runs = runsOf(tensor);
    const width = widthOf(tensor);
    const length = count * width;
    for (let run = 0; run < runs; run++) {
      const from = ((sourceSequence * runs + run) * sourcePlaces + sourceAt) * width;
      const to = ((targetSequence * runs + run) * targetPlaces + targetAt) * width;
      // A loop: for so few floats it is faster than making a view.
      for (let at = 0; at < length; at++) target[to + at] = source[from + at] as number;
    }
  }

  function layOut(from: readonly number[], newPlaces: number): void {
    const newSlots = from.length;
    const pairs = from.flatMap((source, slot): (readonly [number, number])[] =>
      source < 0
        ? []
        : [
            [source, slot],
            [slots + source, newSlots + slot],
          ],
    );
    const filled = lengths;
    const newLengths = new Array<number>(2 * newSlots).fill(0);
    for (const [source, target] of pairs) newLengths[target] = filled[source] as number;
    buffers = buffers.map((old, tensor) => {
      const fresh = new Float32Array(2 * newSlots * newPlaces * heads * headWidth);
      for (const [source, target] of pairs) {
        copy(
          tensor,
          [old, source, places, 0],
          [fresh, target, newPlaces, 0],
          Math.min(filled[source] as number, places),
        );
      }
      return fresh;
    });
    lengths = newLengths;
    slots = newSlots;
    places = newPlaces;
  }

  /** Room for all that is filled. */
  function makeRoom(): void {
    const wanted = Math.ceil(Math.max(0, ...lengths) / PLACES_STEP) * PLACES_STEP;
    if (wanted !== places) layOut([...Array(slots).keys()], wanted);
  }

  function beginSequence(sequence: number, prefix: Prefix): void {
    lengths[sequence] = prefix.tokens;
    makeRoom();
    prefix.cache.forEach((source, tensor) => {
      const target = buffers[tensor] as Float32Array;
      copy(tensor, [source, 0, captionTokens, 0], [target, sequence, places, 0], prefix.tokens);
    });
  }

  return {
    get slots() {
      return slots;
    },
    get places() {
      return places;
    },
    regroup: (from) => layOut(from, places),
    begin(slot, conditional, unconditional) {
      beginSequence(slot, conditional);
      beginSequence(slots + slot, unconditional);
    },
    appendRow(outputs) {
      const starts = [...lengths];
      lengths = lengths.map((length) => length + columns);
      makeRoom();
      outputs.forEach((output, tensor) => {
        const target = buffers[tensor] as Float32Array;
        starts.forEach((start, sequence) => {
          copy(tensor, [output, sequence, columns, 0], [target, sequence, places, start], columns);
        });
      });
    },
    past() {
      return buffers.map((buffer, tensor) => {
        const inner = isKey(tensor) ? [headWidth, places] : [places, headWidth];
        return floats(buffer, [2 * slots, heads, ...inner]);
      });
    },
    mask() {
      const mask = new Float32Array(2 * slots * places).fill(HIDDEN);
      lengths.forEach((length, sequence) => {
        mask.fill(0, sequence * places, sequence * places + length);
      });
      return floats(mask, [2 * slots, 1, 1, places]); // (S,1,1,P)
    },
  };
}
