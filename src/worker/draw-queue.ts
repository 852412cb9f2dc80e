/** The pictures a supervisor was asked for: who waits, who is being drawn, and who is under suspicion after a death. */
import type { SlotPicture, SlotProgress, SlotRequest } from '../pipeline/pipeline.ts';

export type DrawEntry = {
  readonly slot: SlotRequest;
  readonly onProgress: (progress: SlotProgress) => void;
  readonly settle: { resolve(picture: SlotPicture): void; reject(error: unknown): void };
  /** Workers that died while they drew it. */
  deaths: number;
};

/** A slot that was in flight at so many deaths is taken for their cause. */
export const DEATHS_MAX = 2;

export type DrawQueue = {
  has(slotId: string): boolean;
  readonly inFlight: number;
  add(entry: DrawEntry): void;
  /** The next to send, or null. Suspects go first and alone, so that the second death names the one that caused it. */
  next(slots: number): DrawEntry | null;
  flying(slotId: string): DrawEntry | undefined;
  remove(slotId: string): DrawEntry | undefined;
  /** After a death: the flying go back to the front; returns those that killed too often. */
  land(): DrawEntry[];
  /** Takes out those that are not sent yet. */
  drainWaiting(): DrawEntry[];
  /** Empties it. */
  drain(): DrawEntry[];
};

export function createDrawQueue(): DrawQueue {
  let waiting: DrawEntry[] = [];
  const flying = new Map<string, DrawEntry>();
  const isSuspect = (entry: DrawEntry): boolean => entry.deaths > 0;

  return {
    has: (slotId) => flying.has(slotId) || waiting.some((entry) => entry.slot.slotId === slotId),
    get inFlight() {
      return flying.size;
    },
    add: (entry) => void waiting.push(entry),
    next(slots) {
      const first = waiting[0];
      if (first === undefined || flying.size >= slots) return null;
      const alone = isSuspect(first) || [...flying.values()].some(isSuspect);
      if (alone && flying.size > 0) return null;
      waiting.shift();
      flying.set(first.slot.slotId, first);
      return first;
    },
    flying: (slotId) => flying.get(slotId),
    remove(slotId) {
      const entry = flying.get(slotId) ?? waiting.find((one) => one.slot.slotId === slotId);
      flying.delete(slotId);
      waiting = waiting.filter((one) => one !== entry);
      return entry;
    },
    land() {
      const landed = [...flying.values()];
      flying.clear();
      for (const entry of landed) entry.deaths += 1;
      waiting.unshift(...landed.filter((entry) => entry.deaths < DEATHS_MAX));
      return landed.filter((entry) => entry.deaths >= DEATHS_MAX);
    },
    drainWaiting: () => waiting.splice(0),
    drain() {
      const all = [...flying.values(), ...waiting];
      flying.clear();
      waiting = [];
      return all;
    },
  };
}
