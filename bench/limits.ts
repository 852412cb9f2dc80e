/** How long it takes to decide whether somebody may draw, to say why, and to show what was used: by ledgers of three sizes. */
import { systemClock } from '../src/ops/clock.ts';
import { checkRule } from '../src/policy/check-rule.ts';
import { openLimits } from '../src/policy/create-limits.ts';
import type { Limits } from '../src/policy/limits.ts';
import type { Policy } from '../src/policy/policy.ts';
import type { RuleDraft, RuleScope } from '../src/policy/rules.ts';
import { openPgliteStore } from '../src/store/pglite/pglite-store.ts';
import type { OpenedStore } from '../src/store/store.ts';
import type { Asker } from '../src/studio/studio.ts';
import { type Bench, medianOf, toResult } from './bench.ts';
import { BUSY_TENANT, PLATFORM, USERS, withLedger } from './ledger-rows.ts';

const SIZES = [10_000, 100_000, 1_000_000] as const;
const RULES = 1_000;
const WARM_UP = 100;
const DECISIONS = 1_000;
const WHYS = 200;
const MODEL = 'easel-nano';
const VIEW = 'limits-usage-view-ms';

type Measured = { rows: number; p50Ms: number; p99Ms: number; whyMs: number; viewMs: number };
let measuring: Promise<Measured[]> | null = null;

export const limitsDecisionP50 = benchOf('limits-decision-p50-ms', ({ p50Ms }) => p50Ms);
export const limitsDecisionP99 = benchOf('limits-decision-p99-ms', ({ p99Ms }) => p99Ms);
export const limitsWhy = benchOf('limits-why-ms', ({ whyMs }) => whyMs);

/** What an admin's first page asks: totals by day, people, channels and models of a month, refusals and waits. */
export const limitsUsageView: Bench = {
  name: VIEW,
  async run() {
    measuring ??= measureAll();
    const [, middle, large] = await measuring;
    const value = large?.viewMs ?? Number.NaN;
    return toResult(
      this.name,
      'ms',
      value,
      middle?.viewMs ?? null,
      `a month of ${SIZES[2]} ledger rows, against ${SIZES[1]}`,
    );
  },
};

/** The three numbers come of the same three ledgers, which take a minute to write. */
function benchOf(name: string, read: (measured: Measured) => number): Bench {
  return {
    name,
    async run() {
      measuring ??= measureAll();
      const [small, middle, large] = (await measuring).map(read);
      const note = `${SIZES[1]} ledger rows and ${RULES} rules, against ${SIZES[0]}; at ${SIZES[2]}: ${large?.toFixed(2)} ms`;
      return toResult(name, 'ms', middle ?? Number.NaN, small ?? null, note);
    },
  };
}

async function measureAll(): Promise<Measured[]> {
  const nowMs = Date.now();
  return withLedger(nowMs, async ({ folder, growTo }) => {
    const all: Measured[] = [];
    for (const rows of SIZES) {
      await growTo(rows);
      const store = await openPgliteStore(folder);
      if (rows === SIZES[0]) await writeRules(store);
      all.push(await measure(store, rows));
      await store.close();
    }
    return all;
  });
}

async function measure(store: OpenedStore, rows: number): Promise<Measured> {
  const jobsOf = () => ({ waiting: 0, running: 0 });
  const parts = { store, clock: systemClock, filters: [], model: MODEL, cancel: async () => false, jobsOf };
  const { limits, policy } = await openLimits(parts);
  const timesMs: number[] = [];
  for (let count = 0; count < WARM_UP + DECISIONS; count += 1) {
    const startMs = performance.now();
    await decide(store, policy, count);
    if (count >= WARM_UP) timesMs.push(performance.now() - startMs);
  }
  timesMs.sort((one, other) => one - other);
  const whysMs: number[] = [];
  for (let count = 0; count < WHYS; count += 1) {
    const startMs = performance.now();
    await limits.why(askerOf(count));
    whysMs.push(performance.now() - startMs);
  }
  const startMs = performance.now();
  await view(limits);
  const viewMs = performance.now() - startMs;
  const [p50Ms, p99Ms] = [medianOf(timesMs), timesMs[Math.floor(timesMs.length * 0.99)] ?? Number.NaN];
  return { rows, p50Ms, p99Ms, whyMs: medianOf(whysMs), viewMs };
}

/** As the studio does, but for the rows that an accepted request writes. */
export async function decide(store: OpenedStore, policy: Policy, count: number): Promise<void> {
  const { scope } = askerOf(count);
  const atMs = Date.now();
  const request = { kind: 'imagine', prompts: ['a red fox'], styles: [], pictures: 4, jobs: 1 } as const;
  const prepared = await policy.prepare({ ...request, scope, model: MODEL, press: null, timeZone: null, atMs });
  if (!prepared.decide(null).allowed) throw new Error('The bench asks for what no rule lets pass.');
  prepared.decide(await store.limits.count(prepared.reservation.checks, atMs, false));
}

async function view(limits: Limits): Promise<void> {
  const day = (ageDays: number) => new Date(Date.now() - ageDays * 86_400_000).toISOString().slice(0, 10);
  const period = { from: day(30), to: day(0), tenant: null };
  const host = { ...askerOf(0), isHost: async () => true };
  await Promise.all([
    limits.usage(host, { ...period, by: 'total', every: 'day' }),
    limits.usage(host, { ...period, by: 'tenant', every: 'period', limit: 20 }),
    limits.usage(host, { ...period, by: 'user', every: 'period', limit: 20 }),
    limits.usage(host, { ...period, by: 'channel', every: 'period', limit: 20 }),
    limits.usage(host, { ...period, by: 'model', every: 'period', limit: 20 }),
    limits.refusals(host, period),
    limits.waits(host, period),
  ]);
}

export function askerOf(count: number): Asker {
  const roles = Array.from({ length: 6 }, (_, index) => `role-${(count * 7 + index * 31) % 300}`);
  const user = `user-${(count * 2) % USERS}`;
  return { scope: { platform: PLATFORM, tenant: BUSY_TENANT, channel: `channel-${count % 20}`, user, roles } };
}

/** Every window, counted per person, channel and server, for roles, channels and people; generous, so that all are asked. */
export async function writeRules(store: OpenedStore): Promise<void> {
  const place = { platform: PLATFORM, tenant: BUSY_TENANT };
  const windows = [
    'picturesPerMinute',
    'picturesPerHour',
    'picturesPerDay',
    'picturesPerWeek',
    'picturesPerMonth',
  ] as const;
  const seconds = ['gpuSecondsPerDay', 'gpuSecondsPerMonth'] as const;
  const drafts: RuleDraft[] = [...windows, ...seconds].flatMap((limit) => [
    { scope: { kind: 'host' }, limit, value: 1_000_000 },
    { scope: { kind: 'tenant', ...place }, limit, value: 900_000 },
    { scope: { kind: 'tenant', ...place }, limit, value: 1_000_000, countedPer: 'tenant' },
  ]);
  const subjects: RuleScope[] = [
    ...Array.from({ length: 300 }, (_, index): RuleScope => ({ kind: 'role', ...place, role: `role-${index}` })),
    ...Array.from(
      { length: 20 },
      (_, index): RuleScope => ({ kind: 'channel', ...place, channel: `channel-${index}` }),
    ),
    ...Array.from({ length: USERS }, (_, index): RuleScope => ({ kind: 'user', ...place, user: `user-${index}` })),
  ];
  for (const [index, scope] of subjects.entries()) {
    for (const limit of windows.slice(0, 1 + (index % 3))) drafts.push({ scope, limit, value: 1_000 + index });
  }
  const rules = drafts.slice(0, RULES).map(checkRule);
  await store.limits.apply({
    ...{
      id: 'bench',
      atMs: Date.now(),
      by: { platform: PLATFORM, user: 'bench' },
      place: null,
      action: 'yaml',
      jobs: 0,
    },
    changes: rules.map((rule) => ({ kind: 'rule', id: rule.id, before: null, after: rule })),
    undoes: null,
  });
}
