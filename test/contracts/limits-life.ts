/** What happens to quota in the life of a request, and what admins do about it: part of the contract of limits. */
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { RuleDraft, RuleScope } from '../../src/policy/rules.ts';
import type { Scope } from '../../src/store/records.ts';
import type { OpenedStore } from '../../src/store/store.ts';
import { acceptedOf, admin, got, type LimitsBench, openLimitsBench, refusalOf } from '../fakes/limits-bench.ts';

export type LimitsContext = { store: OpenedStore; bench: LimitsBench; scope: Scope; nowMs: number };

export function quotaTests(context: () => LimitsContext): void {
  const here = (): RuleScope => {
    const { platform, tenant } = context().scope;
    return { kind: 'tenant', platform, tenant };
  };
  const set = async (limit: RuleDraft['limit'], value: unknown, more: Partial<RuleDraft> = {}) =>
    got(await context().bench.limits.set(admin(context().scope), { scope: here(), limit, value, ...more }));
  const codeOf = async (asking: ReturnType<LimitsBench['ask']>) => {
    const outcome = await asking;
    return outcome.kind === 'refused' ? outcome.error.code : outcome.kind;
  };

  test('200 requests at once never take one picture, second or job too many', async () => {
    const { bench, scope, store, nowMs } = context();
    bench.teach(1_000);
    await set('picturesPerDay', 37, { countedPer: 'tenant' });
    await set('picturesPerMinute', 41, { countedPer: 'tenant' });
    await set('gpuSecondsPerDay', 43, { countedPer: 'tenant' });
    await set('jobsWaiting', 100, { countedPer: 'tenant' });
    const users = Array.from({ length: 200 }, (_, index) => ({ ...scope, user: `user-${index % 20}` }));
    const outcomes = await Promise.all(users.map((user) => bench.ask(user, { pictures: 1 })));
    expect(outcomes.filter(({ kind }) => kind === 'accepted')).toHaveLength(37);
    const codes = new Set(outcomes.map((outcome) => (outcome.kind === 'refused' ? outcome.error.code : outcome.kind)));
    expect(codes).toEqual(new Set(['accepted', 'LIMIT_REACHED']));
    const day = new Date(nowMs).toISOString().slice(0, 10);
    const { platform, tenant } = scope;
    const query = { key: null, from: day, to: day, every: 'day', limit: 100 } as const;
    const totals = await store.limits.totals({ ...query, kind: 'tenant', place: { platform, tenant } });
    expect(totals).toMatchObject([{ requests: 37, pictures: 37, gpuSeconds: 37 }]);
  });

  test('the same request 20 times at once is one, and is charged once', async () => {
    const { bench, scope } = context();
    await set('picturesPerDay', 4);
    const requestKey = randomUUID();
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => bench.ask(scope, { requestKey })));
    const ids = outcomes.map((outcome) => acceptedOf(outcome).id);
    expect(new Set(ids).size).toBe(1);
    expect(await codeOf(bench.ask(scope, { pictures: 1 }))).toBe('LIMIT_REACHED');
  });

  test('a sliding minute counts exactly: each picture comes back when its minute is over', async () => {
    const { bench, scope, nowMs } = context();
    await set('picturesPerMinute', 3);
    for (const secondMs of [0, 10_000, 20_000]) {
      bench.nowMs = nowMs + secondMs;
      acceptedOf(await bench.ask(scope, { pictures: 1 }));
    }
    bench.nowMs = nowMs + 30_000;
    const two = refusalOf(await bench.ask(scope, { pictures: 2 })).error.details;
    expect(two).toMatchObject({ used: 3, max: 3, asked: 2, passesAtMs: nowMs + 70_000 });
    const { bars } = await bench.limits.me({ scope });
    expect(bars).toMatchObject([{ limit: 'picturesPerMinute', used: 3, left: 0, backAtMs: nowMs + 60_000 }]);
    bench.nowMs = nowMs + 70_000;
    acceptedOf(await bench.ask(scope, { pictures: 2 }));
  });

  test('more than the limit at once is never promised to pass', async () => {
    const { bench, scope } = context();
    await set('picturesPerHour', 3);
    const { error } = refusalOf(await bench.ask(scope, { pictures: 4 }));
    expect(error.details).toMatchObject({ used: 0, max: 3, asked: 4 });
    expect(error.details['passesAtMs']).toBeUndefined();
  });

  test('seconds of the device are reserved at the median and settled with what was used', async () => {
    const { bench, scope } = context();
    bench.teach(1_000);
    await set('gpuSecondsPerDay', 8);
    const first = acceptedOf(await bench.ask(scope));
    expect((await bench.limits.me({ scope })).bars.find(({ limit }) => limit === 'gpuSecondsPerDay')).toMatchObject({
      used: 4,
      left: 4,
    });
    await bench.settle(first, 1_500);
    expect((await bench.limits.me({ scope })).bars.find(({ limit }) => limit === 'gpuSecondsPerDay')).toMatchObject({
      used: 6,
      left: 2,
    });
    expect(await codeOf(bench.ask(scope))).toBe('LIMIT_REACHED');
    acceptedOf(await bench.ask(scope, { pictures: 2 }));
  });

  test('of a sheet that lost pictures only the drawn ones are charged', async () => {
    const { bench, scope, store } = context();
    await set('picturesPerDay', 4);
    const generation = acceptedOf(await bench.ask(scope));
    for (const pictureIndex of [0, 1, 2]) {
      await store.jobs.failed({ generationId: generation.id, pictureIndex }, 'WORKER_DIED', bench.nowMs);
    }
    await bench.settle({ ...generation, pictures: generation.pictures.slice(3) });
    expect((await bench.limits.me({ scope })).bars.find(({ limit }) => limit === 'picturesPerDay')).toMatchObject({
      used: 1,
    });
    acceptedOf(await bench.ask(scope, { pictures: 3 }));
  });

  test('a crash leaks nothing: what was reserved is reserved, what is open is open, to the picture', async () => {
    const { bench, scope } = context();
    await set('picturesPerDay', 8);
    const first = acceptedOf(await bench.ask(scope));
    await bench.reopen();
    acceptedOf(await bench.ask(scope));
    expect(await codeOf(bench.ask(scope, { pictures: 1 }))).toBe('LIMIT_REACHED');
    await bench.cancel(first);
    await bench.reopen();
    acceptedOf(await bench.ask(scope));
    expect(await codeOf(bench.ask(scope, { pictures: 1 }))).toBe('LIMIT_REACHED');
  });

  test('a cooldown runs from the last request that was accepted and kept', async () => {
    const { bench, scope, nowMs } = context();
    await set('cooldownSeconds', 30);
    const first = acceptedOf(await bench.ask(scope));
    const { error } = refusalOf(await bench.ask(scope));
    expect(error).toMatchObject({ code: 'LIMIT_COOLDOWN', details: { passesAtMs: nowMs + 30_000 } });
    await bench.cancel(first);
    acceptedOf(await bench.ask(scope));
    bench.nowMs = nowMs + 29_999;
    expect(await codeOf(bench.ask(scope))).toBe('LIMIT_COOLDOWN');
    bench.nowMs = nowMs + 30_000;
    acceptedOf(await bench.ask(scope));
  });

  test('jobs wait up to a number, and each end makes room', async () => {
    const { bench, scope } = context();
    await set('jobsWaiting', 2);
    const first = acceptedOf(await bench.ask(scope));
    acceptedOf(await bench.ask(scope));
    expect(refusalOf(await bench.ask(scope)).error).toMatchObject({
      code: 'LIMIT_WAITING',
      details: { waiting: 2, waitingMax: 2 },
    });
    acceptedOf(await bench.ask({ ...scope, user: 'bob' }));
    await bench.settle(first);
    acceptedOf(await bench.ask(scope));
    expect(await codeOf(bench.ask(scope, { prompts: ['a fox', 'a cat'] }))).toBe('LIMIT_WAITING');
  });

  test('a full queue is the host’s to bound, before anybody has set a rule', async () => {
    const { bench, scope } = context();
    const host = { scope: { kind: 'host' }, limit: 'jobsWaiting', countedPer: 'host' } as const;
    got(await bench.limits.set(admin(scope), { ...host, value: 0 }));
    try {
      expect(await codeOf(bench.ask(scope))).toBe('QUEUE_FULL');
    } finally {
      got(await bench.limits.remove(admin(scope), 'host jobsWaiting host'));
    }
    expect(bench.limits.rules({ scope }).find(({ id }) => id === 'host jobsWaiting host')?.value).toBe(10_000);
    acceptedOf(await bench.ask(scope));
  });

  test('a re-roll is charged to whoever presses, an upscale to nobody', async () => {
    const { bench, scope } = context();
    await set('picturesPerDay', 4);
    await set('cooldownSeconds', 60);
    acceptedOf(await bench.ask(scope));
    const press = { byAuthor: false, mayModerate: async () => false };
    const bob = { ...scope, user: 'bob' };
    acceptedOf(await bench.ask(bob, { kind: 'reroll', press }));
    expect(await codeOf(bench.ask(bob, { kind: 'variation', press }))).not.toBe('accepted');
    acceptedOf(await bench.ask(bob, { kind: 'upscale', press }));
    acceptedOf(await bench.ask(bob, { kind: 'upscale', press }));
    expect((await bench.limits.me({ scope })).bars.find(({ limit }) => limit === 'picturesPerDay')).toMatchObject({
      used: 4,
    });
  });

  test('counted per channel, a limit is shared by those who draw there and by nobody else', async () => {
    const { bench, scope } = context();
    await set('picturesPerDay', 6, { countedPer: 'channel' });
    acceptedOf(await bench.ask(scope));
    const bob = { ...scope, user: 'bob' };
    expect(await codeOf(bench.ask(bob))).toBe('LIMIT_REACHED');
    acceptedOf(await bench.ask(bob, { pictures: 2 }));
    acceptedOf(await bench.ask({ ...bob, channel: 'elsewhere' }));
  });

  test('a refusal about a channel names the channels where it would pass', async () => {
    const { bench, scope } = context();
    const channel = (name: string): RuleScope => ({ ...here(), kind: 'channel', channel: name }) as RuleScope;
    await set('picturesPerDay', 0, { scope: channel('drawing') });
    await set('picturesPerDay', 2, { scope: channel('small') });
    await set('picturesPerDay', 9, { scope: channel('big') });
    await set('picturesPerWeek', 50);
    const { error } = refusalOf(await bench.ask(scope));
    expect(error.details).toMatchObject({
      otherChannels: ['big'],
      otherLimits: expect.arrayContaining(['picturesPerWeek']),
    });
  });

  test('the clock going back neither opens a limit nor keeps it shut for longer than its window', async () => {
    const { bench, scope, nowMs } = context();
    await set('picturesPerMinute', 4);
    await set('picturesPerDay', 12);
    acceptedOf(await bench.ask(scope));
    bench.nowMs = nowMs - 30_000;
    expect(await codeOf(bench.ask(scope))).toBe('LIMIT_REACHED');
    // A day before midnight again: the day that is over is counted on from where it was.
    bench.nowMs = nowMs - 3_600_000;
    acceptedOf(await bench.ask(scope));
    bench.nowMs = nowMs - 24 * 3_600_000;
    acceptedOf(await bench.ask(scope));
    expect((await bench.limits.me({ scope })).bars.find(({ limit }) => limit === 'picturesPerDay')).toMatchObject({
      used: 4,
    });
    bench.nowMs = nowMs + 60_000;
    acceptedOf(await bench.ask(scope));
    bench.nowMs = nowMs + 120_000;
    expect(await codeOf(bench.ask(scope))).toBe('LIMIT_REACHED');
  });

  test('a day of 23 hours and one of 25 are days: they begin and end at midnight there', async () => {
    const { bench, scope } = context();
    got(await bench.limits.saveSettings(admin(scope), { timeZone: 'Europe/Berlin' }));
    await set('picturesPerDay', 4);
    for (const [midnight, nextMidnight] of [
      ['2026-03-29T00:00:00+01:00', '2026-03-30T00:00:00+02:00'],
      ['2026-10-25T00:00:00+02:00', '2026-10-26T00:00:00+01:00'],
    ] as const) {
      bench.nowMs = Date.parse(midnight);
      acceptedOf(await bench.ask(scope));
      bench.nowMs = Date.parse(nextMidnight) - 1;
      expect(refusalOf(await bench.ask(scope)).error.details['passesAtMs']).toBe(Date.parse(nextMidnight));
      bench.nowMs = Date.parse(nextMidnight);
      acceptedOf(await bench.ask(scope));
    }
  });

  test('a changed time zone moves nothing that was counted: the new midnight begins the next day', async () => {
    const { bench, scope, nowMs } = context();
    await set('picturesPerDay', 4);
    acceptedOf(await bench.ask(scope));
    got(await bench.limits.saveSettings(admin(scope), { timeZone: 'Asia/Tokyo' }));
    expect(await codeOf(bench.ask(scope))).toBe('LIMIT_REACHED');
    bench.nowMs = Date.UTC(2026, 0, 15, 15);
    expect(bench.nowMs - nowMs).toBe(3 * 3_600_000);
    acceptedOf(await bench.ask(scope));
  });

  test('a grant lifts the limit of one person for this period; the host’s ceiling only when the host grants it', async () => {
    const { bench, scope, nowMs } = context();
    await set('picturesPerDay', 4);
    const ceiling = { kind: 'user', platform: scope.platform, tenant: null, user: scope.user } as const;
    await set('picturesPerDay', 6, { scope: ceiling });
    acceptedOf(await bench.ask(scope));
    const server = admin(scope, { isHost: async () => false });
    got(await bench.limits.grant(server, scope.user, 'picturesPerDay', 20));
    expect(refusalOf(await bench.ask(scope)).error.details).toMatchObject({ scope: 'user', max: 6 });
    got(await bench.limits.grant(admin(scope), scope.user, 'picturesPerDay', 2));
    acceptedOf(await bench.ask(scope));
    expect(await codeOf(bench.ask({ ...scope, user: 'bob' }, { pictures: 5 }))).toBe('LIMIT_REACHED');
    await bench.reopen();
    expect((await bench.limits.me({ scope })).bars.filter(({ limit }) => limit === 'picturesPerDay')).toMatchObject([
      { max: 8 },
      { max: 26 },
    ]);
    bench.nowMs = nowMs + 24 * 3_600_000;
    expect((await bench.limits.me({ scope })).bars.filter(({ limit }) => limit === 'picturesPerDay')).toMatchObject([
      { max: 6 },
      { max: 4 },
    ]);
  });

  test('a reset forgets what one person used, in every window, until it is undone', async () => {
    const { bench, scope, nowMs } = context();
    await set('picturesPerMinute', 4);
    await set('picturesPerMonth', 4);
    await set('cooldownSeconds', 10);
    acceptedOf(await bench.ask(scope));
    bench.nowMs = nowMs + 1_000;
    const entry = got(await bench.limits.reset(admin(scope), scope.user));
    bench.nowMs = nowMs + 2_000;
    expect((await bench.limits.why({ scope }, { pictures: 4 })).kind).toBe('found');
    acceptedOf(await bench.ask(scope));
    bench.nowMs = nowMs + 13_000;
    const again = refusalOf(await bench.ask(scope)).error.details;
    expect(again).toMatchObject({ limit: 'picturesPerMonth', used: 4, max: 4, passesAtMs: Date.UTC(2026, 1, 1) });
    got(await bench.limits.undo(admin(scope), entry.id));
    expect((await bench.limits.me({ scope })).bars.find(({ limit }) => limit === 'picturesPerMonth')).toMatchObject({
      used: 8,
      left: 0,
    });
  });

  test('who is forgotten leaves numbers without a name, and what they had reserved', async () => {
    const { bench, scope, store, nowMs } = context();
    await bench.settle(acceptedOf(await bench.ask(scope)));
    acceptedOf(await bench.ask(scope));
    await store.people.forget({ platform: scope.platform, user: scope.user });
    const day = new Date(nowMs).toISOString().slice(0, 10);
    const { platform, tenant } = scope;
    const query = { place: { platform, tenant }, key: null, from: day, to: day, every: 'day', limit: 9 } as const;
    expect(await store.limits.totals({ ...query, kind: 'user' })).toMatchObject([
      { key: '', pictures: 4, requests: 1 },
    ]);
    expect(await store.limits.totals({ ...query, kind: 'tenant' })).toMatchObject([{ pictures: 4, requests: 1 }]);
    expect(await store.limits.lastRefusal({ platform, tenant }, scope.user)).toBeNull();
  });

  test('a shadow rule refuses nobody and counts whom it would have refused', async () => {
    const { bench, scope } = context();
    await set('picturesPerDay', 8);
    await set('picturesPerDay', 4, { mode: 'shadow' });
    acceptedOf(await bench.ask(scope));
    acceptedOf(await bench.ask(scope));
    expect(await codeOf(bench.ask(scope))).toBe('LIMIT_REACHED');
    const today = { from: '2026-01-15', to: '2026-01-15' };
    await expect
      .poll(async () => got(await bench.limits.refusals(admin(scope), today)))
      .toMatchObject([
        { code: 'LIMIT_REACHED', shadow: false, refusals: 1 },
        { code: 'LIMIT_REACHED', shadow: true, refusals: 1 },
      ]);
    expect(bench.troubles).toEqual([]);
  });

  test('what is refused is kept as the last refusal, also after a restart', async () => {
    const { bench, scope, nowMs } = context();
    await set('picturesPerDay', 0);
    refusalOf(await bench.ask(scope));
    await bench.reopen();
    const { last, decision } = got(await bench.limits.why({ scope }));
    expect(last).toMatchObject({
      atMs: nowMs,
      error: { code: 'LIMIT_REACHED', details: { limit: 'picturesPerDay', max: 0 } },
    });
    expect(decision.allowed).toBe(false);
    expect(got(await bench.limits.whyOf(admin(scope), { user: 'bob' })).last).toBeNull();
  });

  test('usage, refusals and waits are answered by person, channel, model and day', async () => {
    const { bench, scope, store, nowMs } = context();
    await set('picturesPerDay', 12);
    const generation = acceptedOf(await bench.ask(scope));
    bench.nowMs = nowMs + 20_000;
    await bench.settle(generation, 500);
    acceptedOf(await bench.ask({ ...scope, user: 'bob', channel: 'other' }, { pictures: 1 }));
    bench.nowMs = nowMs + 24 * 3_600_000;
    acceptedOf(await bench.ask(scope, { pictures: 2 }));
    const month = { from: '2026-01-01', to: '2026-01-31' };
    const asker = admin(scope);
    const usage = async (by: 'user' | 'channel' | 'model' | 'total', every: 'day' | 'month' | 'period') =>
      got(await bench.limits.usage(asker, { ...month, by, every })).map(({ day, key, pictures }) => [
        day,
        key,
        pictures,
      ]);
    expect(await usage('user', 'period')).toEqual([
      ['2026-01-01', 'ada', 6],
      ['2026-01-01', 'bob', 1],
    ]);
    expect(await usage('channel', 'month')).toEqual([
      ['2026-01-01', 'drawing', 6],
      ['2026-01-01', 'other', 1],
    ]);
    expect(await usage('total', 'day')).toEqual([
      ['2026-01-15', '', 5],
      ['2026-01-16', '', 2],
    ]);
    expect(await usage('model', 'period')).toEqual([['2026-01-01', 'easel-nano', 7]]);
    const [wait] = got(await bench.limits.waits(asker, month));
    expect(wait).toMatchObject({ day: '2026-01-15', jobs: 1, meanMs: 20_000 });
    expect(wait?.p50Ms).toBeGreaterThan(20_000 / 1.2);
    expect(wait?.p95Ms).toBeLessThan(20_000 * 1.2);
    const everywhere = got(await bench.limits.usage(asker, { ...month, tenant: null, by: 'tenant', every: 'period' }));
    expect(everywhere.find(({ platform }) => platform === scope.platform)).toMatchObject({
      key: 'server',
      pictures: 7,
    });
    expect(
      await store.limits.totals({ ...month, kind: 'model', place: null, key: null, every: 'period', limit: 5 }),
    ).toMatchObject([{ key: 'easel-nano', tenant: '' }]);
  });

  test('a preview says how many of those who drew this month are above a limit', async () => {
    const { bench, scope } = context();
    for (const [user, pictures] of [
      ['ada', 8],
      ['bob', 3],
      ['cy', 1],
    ] as const) {
      acceptedOf(await bench.ask({ ...scope, user, roles: user === 'bob' ? ['artist'] : [] }, { pictures }));
    }
    const above = async (limit: RuleDraft['limit'], value: unknown, scopeOfRule: RuleScope = here()) => {
      const { active, above: many } = got(
        await bench.limits.preview(admin(scope), { scope: scopeOfRule, limit, value }),
      );
      return [many, active];
    };
    const role = { ...here(), kind: 'role', role: 'artist' } as RuleScope;
    expect(await above('picturesPerDay', 2)).toEqual([2, 3]);
    expect(await above('picturesPerMonth', 3)).toEqual([1, 3]);
    expect(await above('picturesPerWeek', 100)).toEqual([0, 3]);
    expect(await above('picturesPerMinute', 7)).toEqual([1, 3]);
    expect(await above('picturesPerRequest', 2)).toEqual([2, 3]);
    expect(await above('gpuSecondsPerDay', 0)).toEqual([3, 3]);
    expect(await above('channels', { except: ['drawing'] })).toEqual([3, 3]);
    expect(await above('models', { only: ['easel-nano'] })).toEqual([0, 3]);
    expect(await above('picturesPerDay', 2, role)).toEqual([1, 1]);
    expect(await above('picturesPerDay', null)).toEqual([0, 3]);
    expect(await above('cooldownSeconds', 10)).toEqual([null, 3]);
  });

  test('old rows leave the ledger and their totals stay; totals by day become totals by month', async () => {
    const { bench, scope, store, nowMs } = context();
    await bench.settle(acceptedOf(await bench.ask(scope)), 500);
    const open = acceptedOf(await bench.ask(scope));
    const dayMs = 24 * 3_600_000;
    const total = async () => {
      const { platform, tenant } = scope;
      const all = { key: null, from: '2026-01-01', to: '2028-01-01', every: 'day', limit: 9 } as const;
      const rows = await store.limits.totals({ ...all, kind: 'user', place: { platform, tenant } });
      return rows.map(({ day, pictures }) => [day, pictures]);
    };
    const before = await store.generations.history({ platform: scope.platform, limit: 10 });
    const { ledgerRows } = await store.limits.rollUp(nowMs + 63 * dayMs);
    expect(ledgerRows).toBeGreaterThan(0);
    expect(await store.generations.history({ platform: scope.platform, limit: 10 })).toEqual(before);
    expect(await total()).toEqual([['2026-01-15', 8]]);
    await store.limits.rollUp(nowMs + 440 * dayMs);
    await store.limits.rollUp(nowMs + 440 * dayMs);
    expect(await total()).toEqual([['2026-01-01', 8]]);
    // It was never closed, so it is still in the ledger.
    await bench.cancel(open);
    expect((await store.generations.get(open.id))?.charge.state).toBe('refunded');
  });

  test('two Easels over one store, one after the other, hold the same rules', async () => {
    const { store, bench, scope, nowMs } = context();
    await set('picturesPerDay', 3);
    got(await bench.limits.saveSettings(admin(scope), { galleryChannel: 'wall' }));
    const again = await openLimitsBench(store, nowMs);
    expect(again.limits.rules({ scope })).toEqual(bench.limits.rules({ scope }));
    expect(again.limits.settings({ platform: scope.platform, tenant: scope.tenant })).toMatchObject({
      galleryChannel: 'wall',
      timeZone: 'UTC',
    });
  });
}
