/** Limits over a store in memory: for what rules mean and what admins may do; counting has its own suite on real databases. */
import type { Clock } from '../../src/ops/clock.ts';
import { type OpenedLimits, openLimits } from '../../src/policy/create-limits.ts';
import type { Decision } from '../../src/policy/decision.ts';
import type { Filter } from '../../src/policy/filter.ts';
import type { AuditEntry } from '../../src/policy/limits.ts';
import type { PolicyQuestion } from '../../src/policy/policy.ts';
import type { Rule, RuleDraft } from '../../src/policy/rules.ts';
import type { Scope } from '../../src/store/records.ts';
import type { LimitStore } from '../../src/store/store.ts';
import { admin, got } from './limits-bench.ts';

export const NOON_MS = Date.UTC(2026, 0, 15, 12);
export const ADA: Scope = { platform: 'chat', tenant: 'team', channel: 'general', user: 'ada', roles: [] };
export const HERE = { platform: 'chat', tenant: 'team' } as const;

export type MemoryLimits = OpenedLimits & {
  nowMs: number;
  readonly entries: AuditEntry[];
  /** What every count comes to. */
  used: number;
  readonly cancelled: string[];
  set(limit: RuleDraft['limit'], value: unknown, more?: Partial<RuleDraft>): Promise<Rule>;
  decide(change?: Partial<PolicyQuestion>, scope?: Partial<Scope>): Promise<Decision>;
};

export async function openMemoryLimits(filters: readonly Filter[] = []): Promise<MemoryLimits> {
  const opened = {
    nowMs: NOON_MS,
    entries: [] as AuditEntry[],
    used: 0,
    cancelled: [] as string[],
  } as unknown as MemoryLimits;
  const clock: Clock = { nowMs: () => opened.nowMs, sleep: () => new Promise(() => {}) };
  const limits = {
    load: async () => ({ rules: [], grants: [], settings: [], people: [] }),
    engineMs: async () => [],
    lastRefusal: async () => null,
    unfinishedOf: async () => ['one', 'two'],
    refused: async () => {},
    shadowed: async () => {},
    count: async (checks) => checks.map(() => ({ used: opened.used, passesAtMs: null, backAtMs: null })),
    apply: async ({ undoes, ...entry }) => {
      opened.entries.unshift({ ...entry, undoneBy: null });
      const undone = opened.entries.find(({ id }) => id === undoes);
      if (undone !== undefined) undone.undoneBy = entry.id;
    },
    preview: async () => ({ active: 0, above: 0 }),
    audit: async () => opened.entries,
    auditEntry: async (id) => opened.entries.find((entry) => entry.id === id) ?? null,
  } as Partial<LimitStore> as LimitStore;
  const parts = {
    ...{ store: { limits }, clock, filters, model: 'easel-nano' },
    cancel: async (id: string) => opened.cancelled.push(id) > 0,
    jobsOf: () => ({ waiting: 0, running: 0 }),
  };
  Object.assign(opened, await openLimits(parts));
  got(await opened.limits.saveSettings(admin(ADA), { timeZone: 'UTC' }));
  opened.set = async (limit, value, more = {}) => {
    const entry = got(
      await opened.limits.set(admin(ADA), { scope: { kind: 'tenant', ...HERE }, limit, value, ...more }),
    );
    const [change] = entry.changes;
    if (change?.kind !== 'rule' || change.after === null) throw new Error('No rule was set.');
    return change.after;
  };
  opened.decide = async (change = {}, scope = {}) => {
    const question: PolicyQuestion = {
      scope: { ...ADA, ...scope },
      kind: 'imagine',
      prompts: ['a red fox'],
      model: 'easel-nano',
      styles: [],
      pictures: 4,
      jobs: 1,
      press: null,
      timeZone: null,
      atMs: opened.nowMs,
      ...change,
    };
    const prepared = await opened.policy.prepare(question);
    return prepared.decide(await limits.count(prepared.reservation.checks, opened.nowMs, true));
  };
  return opened;
}
