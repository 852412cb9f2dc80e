/** What every store does with claims; part of the suite in `store.ts`. */
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { OpenedStore } from '../../src/store/store.ts';

const NOW_MS = Date.UTC(2026, 0, 15, 12);
const STALE_MS = 30_000;

export function claimsContract(store: () => OpenedStore): void {
  const claim = (nowMs = NOW_MS, holder: string = randomUUID()) => ({ holder, nowMs, staleMs: STALE_MS });

  describe('claims', () => {
    test('one is held by whoever comes first', async () => {
      const key = randomUUID();
      const begun = await Promise.all(Array.from({ length: 5 }, () => store().claims.begin(key, claim())));
      expect(begun.filter(Boolean)).toHaveLength(1);
      expect(await store().claims.begin(randomUUID(), claim())).toBe(true);
    });

    test('who asks again after a lost answer holds it still', async () => {
      const key = randomUUID();
      const mine = claim();
      expect(await store().claims.begin(key, mine)).toBe(true);
      expect(await store().claims.begin(key, mine)).toBe(true);
      expect(await store().claims.begin(key, claim())).toBe(false);
    });

    test('one that a crash left open is taken up after its time, a done one never', async () => {
      const left = randomUUID();
      await store().claims.begin(left, claim());
      expect(await store().claims.begin(left, claim(NOW_MS + STALE_MS))).toBe(false);
      expect(await store().claims.begin(left, claim(NOW_MS + STALE_MS + 1))).toBe(true);
      const done = randomUUID();
      const mine = claim();
      await store().claims.begin(done, mine);
      await store().claims.end(done, mine.holder, NOW_MS);
      expect(await store().claims.begin(done, claim(NOW_MS + 10 * STALE_MS))).toBe(false);
      expect(await store().claims.begin(done, mine)).toBe(false);
    });

    test('only its holder ends it', async () => {
      const key = randomUUID();
      await store().claims.begin(key, claim());
      await store().claims.end(key, randomUUID(), NOW_MS);
      expect(await store().claims.begin(key, claim(NOW_MS + STALE_MS + 1))).toBe(true);
    });

    test('old ones are forgotten', async () => {
      const [old, young] = [randomUUID(), randomUUID()];
      await store().claims.begin(old, claim(NOW_MS - 10_000_000));
      await store().claims.begin(young, claim());
      await store().claims.forget(NOW_MS - 1_000_000);
      expect(await store().claims.begin(old, claim())).toBe(true);
      expect(await store().claims.begin(young, claim())).toBe(false);
    });
  });
}
