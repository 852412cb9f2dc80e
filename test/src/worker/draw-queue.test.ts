import { describe, expect, test } from 'vitest';
import { createDrawQueue, type DrawEntry } from '../../../src/worker/draw-queue.ts';
import { DEFAULT_RESTART_POLICY, restartDelayMs } from '../../../src/worker/restart-policy.ts';
import { slotOf } from '../pipeline/slot-of.ts';

function entryOf(slotId: string): DrawEntry {
  const settle = { resolve: () => {}, reject: () => {} };
  return { slot: slotOf({ slotId }), onProgress: () => {}, settle, deaths: 0 };
}

function queueOf(...slotIds: string[]) {
  const queue = createDrawQueue();
  for (const slotId of slotIds) queue.add(entryOf(slotId));
  const next = (slots: number): string | undefined => queue.next(slots)?.slot.slotId;
  return { queue, next };
}

describe('before any death', () => {
  test('entries go out in order, never more than there are slots', () => {
    const { queue, next } = queueOf('a', 'b', 'c');
    expect([next(2), next(2), next(2)]).toEqual(['a', 'b', undefined]);
    queue.remove('a');
    expect(next(2)).toBe('c');
  });

  test('an entry is known by its id until it is removed, waiting or flying', () => {
    const { queue, next } = queueOf('a', 'b');
    next(1);
    expect([queue.has('a'), queue.has('b'), queue.has('c')]).toEqual([true, true, false]);
    queue.remove('a');
    queue.remove('b');
    expect([queue.has('a'), queue.has('b'), queue.inFlight]).toEqual([false, false, 0]);
  });
});

describe('after a death', () => {
  test('those in flight come back first and one at a time, then the others together', () => {
    const { queue, next } = queueOf('a', 'b', 'c', 'd');
    next(2);
    next(2);
    expect(queue.land()).toEqual([]);
    expect([next(8), next(8)]).toEqual(['a', undefined]);
    queue.remove('a');
    expect([next(8), next(8)]).toEqual(['b', undefined]);
    queue.remove('b');
    expect([next(8), next(8)]).toEqual(['c', 'd']);
  });

  test('a second one on the same slot names it, and only it', () => {
    const { queue, next } = queueOf('a', 'b');
    next(2);
    next(2);
    queue.land();
    next(2);
    expect(queue.land().map((entry) => entry.slot.slotId)).toEqual(['a']);
    expect(next(2)).toBe('b');
  });
});

test('restarts wait twice as long each time, up to a limit', () => {
  const delays = [1, 2, 3, 4, 20].map((deaths) => restartDelayMs(DEFAULT_RESTART_POLICY, deaths));
  expect(delays).toEqual([250, 500, 1000, 2000, 30_000]);
});
