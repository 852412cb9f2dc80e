import { describe, expect, it } from 'vitest';
import { createOnce } from '../../../src/conversation/once.ts';
import type { ClaimStore } from '../../../src/store/store.ts';
import { createHandClock } from '../../fakes/hand-clock.ts';

/** Claims in memory, with the rule of the seam; the databases have a contract suite. */
function memoryClaims(): ClaimStore {
  const rows = new Map<string, { holder: string; begunAtMs: number; isDone: boolean }>();
  return {
    async begin(key, { holder, nowMs, staleMs }) {
      const row = rows.get(key);
      if (row !== undefined && (row.isDone || (row.begunAtMs >= nowMs - staleMs && row.holder !== holder)))
        return false;
      rows.set(key, { holder, begunAtMs: nowMs, isDone: false });
      return true;
    },
    async end(key, holder) {
      const row = rows.get(key);
      if (row?.holder === holder) row.isDone = true;
    },
    async forget() {},
  };
}

describe('once', () => {
  it('works the first, and drops the same told again, also while it is worked', async () => {
    const clock = createHandClock();
    const once = createOnce({ store: { claims: memoryClaims() }, clock });
    let worked = 0;
    const work = async () => {
      worked += 1;
      await new Promise((resolve) => setImmediate(resolve));
    };
    expect(await Promise.all([once('a', work), once('a', work), once('b', work)])).toEqual([true, false, true]);
    expect(await once('a', work)).toBe(false);
    expect(worked).toBe(2);
  });

  it('drops what failed once: nobody knows how far it came', async () => {
    const once = createOnce({ store: { claims: memoryClaims() }, clock: createHandClock() });
    await expect(
      once('a', async () => {
        throw new Error('half-way');
      }),
    ).rejects.toThrow('half-way');
    expect(await once('a', async () => {})).toBe(false);
  });
});
