/** Who is where in the queue. Working out the order costs as much as picking all of it, so it is done once per change and bounded. */
import type { Clock } from '../ops/clock.ts';
import type { Picker, WaitingJob } from '../policy/picker.ts';

/** Places are told up to here; beyond it nobody wants to know exactly. */
export const PLACES_KNOWN = 500;

/** In a long queue that keeps moving, working out places takes at most this share of the time. */
const BUSY_SHARE = 0.05;

export type Place = {
  /** 1: the next one. */
  place: number;
  picturesAhead: number;
  yoursAhead: number;
};

export type Places = {
  /** Something was added, picked or removed. */
  changed(): void;
  /** null: not waiting, or beyond `PLACES_KNOWN`. */
  of(generationId: string): Place | null;
  /** The waiting generations by place, up to `PLACES_KNOWN`. */
  order(): readonly WaitingJob[];
};

/**
 * @param running what runs already, for "2 of yours ahead" and the pictures ahead
 */
export function createPlaces(
  picker: Picker,
  loadedModel: () => string | null,
  running: () => Iterable<{ user: string; picturesLeft: number }>,
  clock: Clock,
): Places {
  let order: readonly WaitingJob[] = [];
  let places = new Map<string, Place>();
  let isStale = true;
  let goodUntilMs = 0;

  const update = (): void => {
    const startMs = clock.nowMs();
    const isOldNews = picker.size > PLACES_KNOWN && startMs < goodUntilMs;
    if (!isStale || isOldNews) return;
    isStale = false;
    order = picker.order(loadedModel(), PLACES_KNOWN);
    places = new Map();
    const ofUser = new Map<string, number>();
    let picturesAhead = 0;
    for (const { user, picturesLeft } of running()) {
      ofUser.set(user, (ofUser.get(user) ?? 0) + 1);
      picturesAhead += picturesLeft;
    }
    for (const [index, { id, user, pictures }] of order.entries()) {
      const yoursAhead = ofUser.get(user) ?? 0;
      places.set(id, { place: index + 1, picturesAhead, yoursAhead });
      ofUser.set(user, yoursAhead + 1);
      picturesAhead += pictures;
    }
    const endMs = clock.nowMs();
    goodUntilMs = endMs + (endMs - startMs) / BUSY_SHARE;
  };

  return {
    changed() {
      isStale = true;
    },
    of(generationId) {
      update();
      return places.get(generationId) ?? null;
    },
    order() {
      update();
      return order;
    },
  };
}
