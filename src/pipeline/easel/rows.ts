/** The seam between the batch and the two row graphs: whose turn it is on one side, keys and values on the other. */
import type { ModelManifest } from '../../models/manifest.ts';
import { tokenNoise } from '../noise.ts';
import { floats, ints, type Tensor } from '../tensor.ts';
import type { ModelShape } from './model-shape.ts';
import { guidanceAtRow } from './slot.ts';

/** What drawing a row needs to know of a slot. */
export type RowSlot = {
  readonly captionIds: readonly number[];
  readonly unwantedIds: readonly number[];
  readonly seed: number;
  readonly pictureIndex: number;
  readonly guidanceScale: number;
  readonly topK: number;
  readonly temperature: number;
  readonly biasIds: readonly number[] | null;
  readonly biasStrength: number;
  readonly ids: readonly number[];
  readonly rowsDone: number;
};

/**
 * Keys and values of the slots of one batch. A slot is known by its object.
 *
 * One call after another. A later family of decoding (several tokens of a slot at once, guessed and checked) is another
 * implementation: the batch only counts the rows that come back.
 */
export type Rows = {
  /** Slots of one call at most. */
  readonly slotsMax: number;
  /**
   * Draws the next row of each slot; slots may stand at different rows. One not seen in the call before begins with its
   * caption, one that is missing has left. When it throws, every slot must begin again.
   *
   * @returns per slot its C ids
   */
  draw(slots: readonly RowSlot[]): Promise<number[][]>;
  /** After the device's memory was full: forgets every slot and takes fewer. @returns false when it cannot take fewer */
  shrink(slots: number): boolean;
  /** Forgets every slot and frees what they held. */
  clear(): void;
};

/** The inputs that both row graphs share. Slot b is the sequences b and B + b. */
export function slotInputs(
  slots: readonly RowSlot[],
  manifest: ModelManifest,
  { columns, codebookSize }: ModelShape,
): Record<string, Tensor> {
  const batch = slots.length; // B
  const { guidanceRampRows } = manifest.sampling;
  const rows = slots.map((slot) => slot.rowsDone);
  const previous = slots.map((slot) => slot.ids[slot.rowsDone * columns - 1] ?? codebookSize);
  const noise = new Float32Array(columns * batch); // (C,B)
  const biasIds = new Array<number>(columns * batch).fill(-1); // (C,B)
  slots.forEach((slot, b) => {
    for (let column = 0; column < columns; column++) {
      const token = slot.rowsDone * columns + column;
      noise[column * batch + b] = tokenNoise(slot.seed, slot.pictureIndex, token);
      biasIds[column * batch + b] = slot.biasIds?.[token] ?? -1;
    }
  });
  const perSlot = (read: (slot: RowSlot) => number): Tensor => floats(Float32Array.from(slots, read), [batch]); // (B)
  return {
    row_index: ints([...rows, ...rows], [2 * batch]), // (S)
    previous_id: ints([...previous, ...previous], [2 * batch]), // (S)
    guidance: perSlot((slot) => guidanceAtRow(slot.guidanceScale, slot.rowsDone, guidanceRampRows)),
    temperature: perSlot((slot) => slot.temperature),
    top_k: ints(
      slots.map((slot) => slot.topK),
      [batch],
    ), // (B)
    noise: floats(noise, [columns, batch]),
    bias_ids: ints(biasIds, [columns, batch]),
    bias_strength: perSlot((slot) => slot.biasStrength),
  };
}

/** The drawn ids (C,B) as one list a slot. */
export function idsBySlot(drawn: BigInt64Array, slots: number, columns: number): number[][] {
  return Array.from({ length: slots }, (_, b) =>
    Array.from({ length: columns }, (_, column) => Number(drawn[column * slots + b])),
  );
}
