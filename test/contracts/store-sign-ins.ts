/** What every store does with sessions of the web admin; part of the suite in `store.ts`. */
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { SignInOwner } from '../../src/store/records.ts';
import type { NewSession, OpenedStore } from '../../src/store/store.ts';

const NOW_MS = Date.UTC(2026, 0, 15, 12);
const SOON_MS = NOW_MS + 600_000;
const LATER_MS = NOW_MS + 86_400_000;

export function signInsContract(store: () => OpenedStore): void {
  const ada = (): SignInOwner => ({ via: 'link', platform: randomUUID(), tenant: 'server', user: 'ada', name: 'Ada' });
  const session = (): NewSession => ({ tokenHash: randomUUID(), id: randomUUID(), expiresAtMs: LATER_MS });

  describe('sign-ins', () => {
    test('a link opens one session, whoever comes at the same time', async () => {
      const owner = ada();
      const secret = randomUUID();
      await store().signIns.link(secret, owner, SOON_MS);
      const tries = Array.from({ length: 5 }, session);
      const opened = await Promise.all(tries.map((one) => store().signIns.redeem(secret, one, NOW_MS)));
      expect(opened.filter((one) => one !== null)).toHaveLength(1);
      expect(opened.find((one) => one !== null)).toMatchObject(owner);
      expect(await store().signIns.redeem(secret, session(), NOW_MS)).toBeNull();
    });

    test('who asks again after a lost answer has the same session', async () => {
      const secret = randomUUID();
      await store().signIns.link(secret, ada(), SOON_MS);
      const mine = session();
      const first = await store().signIns.redeem(secret, mine, NOW_MS);
      expect(await store().signIns.redeem(secret, mine, NOW_MS)).toEqual(first);
    });

    test('a link works until exactly its time, and an unknown one never', async () => {
      const secret = randomUUID();
      await store().signIns.link(secret, ada(), SOON_MS);
      expect(await store().signIns.redeem(secret, session(), SOON_MS)).toBeNull();
      expect(await store().signIns.redeem(secret, session(), SOON_MS - 1)).not.toBeNull();
      expect(await store().signIns.redeem(randomUUID(), session(), NOW_MS)).toBeNull();
    });

    test('a session is there until it ends or expires', async () => {
      const mine = session();
      const other = session();
      await store().signIns.open(mine, ada(), NOW_MS);
      await store().signIns.open(other, ada(), NOW_MS);
      expect(await store().signIns.get(mine.tokenHash, LATER_MS - 1)).toMatchObject({ id: mine.id, name: 'Ada' });
      expect(await store().signIns.get(mine.tokenHash, LATER_MS)).toBeNull();
      await store().signIns.end(mine.id);
      expect(await store().signIns.get(mine.tokenHash, NOW_MS)).toBeNull();
      expect(await store().signIns.get(other.tokenHash, NOW_MS)).not.toBeNull();
    });

    test('those of one place are listed, newest first', async () => {
      const owner = ada();
      const [first, second] = [session(), session()];
      await store().signIns.open(first, owner, NOW_MS);
      await store().signIns.open(second, owner, NOW_MS + 1);
      await store().signIns.open(session(), { ...owner, tenant: 'other' }, NOW_MS);
      const listed = await store().signIns.list(owner, NOW_MS);
      expect(listed.map(({ id }) => id)).toEqual([second.id, first.id]);
      expect((await store().signIns.list(null, NOW_MS)).length).toBeGreaterThanOrEqual(3);
    });

    test('a forgotten person is signed out, and their link opens nothing', async () => {
      const owner = ada();
      const mine = session();
      const secret = randomUUID();
      await store().signIns.open(mine, owner, NOW_MS);
      await store().signIns.link(secret, owner, SOON_MS);
      await store().people.forget(owner);
      expect(await store().signIns.get(mine.tokenHash, NOW_MS)).toBeNull();
      expect(await store().signIns.redeem(secret, session(), NOW_MS)).toBeNull();
    });
  });
}
