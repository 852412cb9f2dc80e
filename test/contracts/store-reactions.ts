/** What every store does with reactions and galleries; part of the suite in `store.ts`. */
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Generation, ReactionKey } from '../../src/store/records.ts';
import type { OpenedStore } from '../../src/store/store.ts';

export type ReactionsHarness = {
  store(): OpenedStore;
  platform(): string;
  accept(): Promise<Generation>;
};

const NOW_MS = Date.UTC(2026, 0, 15, 12);
const ALL = 100_000;
const STALE_MS = 10_000;

export function reactionsContract({ store, platform, accept }: ReactionsHarness): void {
  const keyOf = (change: Partial<ReactionKey> = {}): ReactionKey => ({
    ...{ platform: platform(), channel: 'drawing', messageId: 'm1', user: 'bob', emoji: '🔁' },
    ...change,
  });
  const claim = (generation: Generation, nowMs = NOW_MS) => ({
    ...{ generationId: generation.id, requestKey: randomUUID(), nowMs, staleMs: STALE_MS },
  });

  describe('reactions', () => {
    test('one is claimed once, by whoever comes first, and each person and emoji is one of its own', async () => {
      const generation = await accept();
      const claims = await Promise.all(
        Array.from({ length: 5 }, () => store().reactions.add(keyOf(), claim(generation))),
      );
      expect(claims.filter((key) => key !== null)).toHaveLength(1);
      expect(await store().reactions.add(keyOf({ user: 'carol' }), claim(generation))).not.toBeNull();
      expect(await store().reactions.add(keyOf({ emoji: '⭐' }), claim(generation))).not.toBeNull();
      expect(await store().reactions.count(generation.id, '🔁')).toBe(2);
    });

    test('one that a crash left open is taken up under its own key, a done one never', async () => {
      const generation = await accept();
      const first = await store().reactions.add(keyOf(), claim(generation));
      expect(await store().reactions.add(keyOf(), claim(generation, NOW_MS + STALE_MS))).toBeNull();
      expect(await store().reactions.add(keyOf(), claim(generation, NOW_MS + STALE_MS + 1))).toBe(first);
      await store().reactions.done(keyOf());
      expect(await store().reactions.add(keyOf(), claim(generation, NOW_MS + 10 * STALE_MS))).toBeNull();
    });

    test('taken back, it tells its request and when it came, and may come again as another', async () => {
      const generation = await accept();
      const requestKey = await store().reactions.add(keyOf(), claim(generation));
      expect(await store().reactions.atMs(keyOf())).toBe(NOW_MS);
      expect(await store().reactions.remove(keyOf())).toEqual({
        ...{ generationId: generation.id, requestKey, atMs: NOW_MS },
      });
      expect(await store().reactions.remove(keyOf())).toBeNull();
      expect(await store().reactions.atMs(keyOf())).toBeNull();
      expect(await store().reactions.add(keyOf(), claim(generation))).not.toBe(requestKey);
    });

    test('they go with their generation and with the person', async () => {
      const generation = await accept();
      await store().reactions.add(keyOf(), claim(generation));
      await store().generations.remove(generation.id, NOW_MS);
      expect(await store().reactions.atMs(keyOf())).toBeNull();
      const other = await accept();
      await store().reactions.add(keyOf({ messageId: 'm2' }), claim(other));
      await store().people.forget({ platform: platform(), user: 'bob' });
      expect(await store().reactions.count(other.id, '🔁')).toBe(0);
    });
  });

  describe('galleries', () => {
    const shown = { channel: 'best', user: 'bob', nowMs: NOW_MS };
    const due = (nowMs = NOW_MS) => store().gallery.next([platform()], nowMs, ALL);

    test('a kept picture is due once, and its message belongs to it once it is posted', async () => {
      const generation = await accept();
      await store().generations.keep(generation.id, true, shown);
      await store().generations.keep(generation.id, true, { ...shown, user: 'carol' });
      expect(await due()).toMatchObject([
        { generationId: generation.id, state: 'due', channel: 'best', user: 'bob', messageId: null, attempts: 0 },
      ]);
      expect(await store().gallery.posted(generation.id, 'g1')).toBe(true);
      expect(await due()).toEqual([]);
      expect((await store().outbox.find(platform(), 'best', 'g1'))?.id).toBe(generation.id);
      await store().generations.keep(generation.id, true, shown);
      expect(await due()).toEqual([]);
    });

    test('without a gallery nothing is due', async () => {
      const generation = await accept();
      await store().generations.keep(generation.id, true);
      expect(await due()).toEqual([]);
    });

    test('un-kept, it leaves, with the message that it had or gets', async () => {
      const posted = await accept();
      await store().generations.keep(posted.id, true, shown);
      await store().gallery.posted(posted.id, 'g2');
      await store().generations.keep(posted.id, false);
      expect(await due()).toMatchObject([{ state: 'leaving', messageId: 'g2' }]);
      await store().gallery.gone(posted.id);
      expect(await due()).toEqual([]);
      expect(await store().outbox.find(platform(), 'best', 'g2')).toBeNull();

      const onItsWay = await accept();
      await store().generations.keep(onItsWay.id, true, shown);
      await store().generations.keep(onItsWay.id, false);
      expect(await store().gallery.posted(onItsWay.id, 'g3')).toBe(true);
      expect(await due()).toMatchObject([{ state: 'leaving', messageId: 'g3' }]);
    });

    test('kept again before it was taken down, it stays', async () => {
      const generation = await accept();
      await store().generations.keep(generation.id, true, shown);
      await store().gallery.posted(generation.id, 'g4');
      await store().generations.keep(generation.id, false);
      await store().generations.keep(generation.id, true, shown);
      expect(await due()).toEqual([]);
    });

    test('what could not be posted waits for its time, and counts', async () => {
      const generation = await accept();
      await store().generations.keep(generation.id, true, shown);
      await store().gallery.later(generation.id, NOW_MS + 5_000);
      expect(await due()).toEqual([]);
      expect(await due(NOW_MS + 5_000)).toMatchObject([{ attempts: 1 }]);
    });

    test('a deleted picture leaves, a forgotten one is gone', async () => {
      const deleted = await accept();
      await store().generations.keep(deleted.id, true, shown);
      await store().gallery.posted(deleted.id, 'g5');
      await store().generations.remove(deleted.id, NOW_MS);
      expect(await due()).toMatchObject([{ state: 'leaving', messageId: 'g5' }]);
      await store().people.forget({ platform: platform(), user: 'ada' });
      expect(await due()).toEqual([]);
      expect(await store().gallery.posted(deleted.id, 'g5')).toBe(false);
    });
  });

  test('what was accepted under a request key can be found by it', async () => {
    const generation = await accept();
    const found = await store().generations.ofRequest(platform(), generation.requestKey);
    expect(found.map(({ id }) => id)).toEqual([generation.id]);
    expect(await store().generations.ofRequest(platform(), 'none')).toEqual([]);
  });
}
