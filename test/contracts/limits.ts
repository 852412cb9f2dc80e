/** What limits do, scope by scope, window by window, refund by refund: run against each database with a clock turned by hand. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LimitName, RuleScope } from '../../src/policy/rules.ts';
import type { Scope } from '../../src/store/records.ts';
import type { OpenedStore } from '../../src/store/store.ts';
import { acceptedOf, admin, got, type LimitsBench, openLimitsBench, refusalOf } from '../fakes/limits-bench.ts';
import { quotaTests } from './limits-life.ts';
import type { StoreHarness } from './store.ts';

/** A Thursday. */
const NOW_MS = Date.UTC(2026, 0, 15, 12);
const HOUR_MS = 3_600_000;

export const SCOPES = ['host', 'tenant', 'channel', 'role', 'user'] as const;

/** What comes back when, in a tenant whose clocks show UTC. */
export const WINDOWS = [
  { limit: 'picturesPerMinute', passesAtMs: NOW_MS + 60_000, unit: 1 },
  { limit: 'picturesPerHour', passesAtMs: NOW_MS + HOUR_MS, unit: 1 },
  { limit: 'picturesPerDay', passesAtMs: Date.UTC(2026, 0, 16), unit: 1 },
  { limit: 'picturesPerWeek', passesAtMs: Date.UTC(2026, 0, 19), unit: 1 },
  { limit: 'picturesPerMonth', passesAtMs: Date.UTC(2026, 1, 1), unit: 1 },
  { limit: 'gpuSecondsPerDay', passesAtMs: Date.UTC(2026, 0, 16), unit: 2 },
  { limit: 'gpuSecondsPerMonth', passesAtMs: Date.UTC(2026, 1, 1), unit: 2 },
] as const satisfies readonly { limit: LimitName; passesAtMs: number; unit: number }[];

export function limitsContract(name: string, harness: StoreHarness): void {
  describe(`limits on ${name}`, { timeout: 60_000 }, () => {
    let store: OpenedStore;
    let bench: LimitsBench;
    let scope: Scope;
    beforeAll(async () => {
      store = await harness.open();
      bench = await openLimitsBench(store, NOW_MS);
    }, 240_000);
    afterAll(async () => {
      await store.close();
      await harness.dispose();
    });
    beforeEach(async () => {
      bench.nowMs = NOW_MS;
      scope = { platform: `p-${randomUUID()}`, tenant: 'server', channel: 'drawing', user: 'ada', roles: ['artist'] };
      got(await bench.limits.saveSettings(admin(scope), { timeZone: 'UTC' }));
      // Two seconds of the device a picture, eight for a sheet of four.
      bench.teach(2_000);
    });

    describe('quota', () => quotaTests(() => ({ store, bench, scope, nowMs: NOW_MS })));

    const scopeOf = (kind: (typeof SCOPES)[number]): RuleScope => {
      const { platform, tenant, channel, user } = scope;
      const scopes = {
        host: { kind: 'host' },
        tenant: { kind: 'tenant', platform, tenant },
        channel: { kind: 'channel', platform, tenant, channel },
        role: { kind: 'role', platform, tenant, role: 'artist' },
        user: { kind: 'user', platform, tenant, user },
      } as const;
      return scopes[kind];
    };

    describe.each(SCOPES)('a rule of a %s', (kind) => {
      describe.each(WINDOWS)('on $limit', ({ limit, passesAtMs, unit }) => {
        let ruleId: string;
        beforeEach(async () => {
          const set = await bench.limits.set(admin(scope), { scope: scopeOf(kind), limit, value: 8 * unit });
          ruleId = got(set).changes[0]?.kind === 'rule' ? (got(set).changes[0] as { id: string }).id : '';
          return async () => void (await bench.limits.remove(admin(scope), ruleId));
        });

        test('lets eight pass and not a ninth, and tells whose rule it is and when it passes', async () => {
          acceptedOf(await bench.ask(scope));
          acceptedOf(await bench.ask(scope));
          const { error, decision } = refusalOf(await bench.ask(scope, { pictures: 1 }));
          expect(error.code).toBe('LIMIT_REACHED');
          expect(error.details).toMatchObject({
            rule: ruleId,
            limit,
            scope: kind,
            used: 8 * unit,
            max: 8 * unit,
            left: 0,
            passesAtMs,
          });
          expect(decision?.chain.find(({ outcome }) => outcome === 'refuses')?.rule?.id).toBe(ruleId);
          // For nobody else.
          acceptedOf(await bench.ask({ ...scope, user: 'bob' }));
          bench.nowMs = passesAtMs - 1;
          refusalOf(await bench.ask(scope, { pictures: 1 }));
          bench.nowMs = passesAtMs;
          acceptedOf(await bench.ask(scope, { pictures: 1 }));
        });

        test('gives back what is cancelled or failed, and keeps what was drawn', async () => {
          const first = acceptedOf(await bench.ask(scope));
          const second = acceptedOf(await bench.ask(scope));
          await bench.cancel(first);
          const third = acceptedOf(await bench.ask(scope));
          refusalOf(await bench.ask(scope));
          await bench.fail(second);
          acceptedOf(await bench.ask(scope));
          await bench.settle(third, 2_000);
          refusalOf(await bench.ask(scope, { pictures: 1 }));
        });
      });
    });
  });
}
