/** Limits over a store: rules read once and held in memory, the facade that adapters call, and the policy that the studio asks. */
import { AppError } from '../errors.ts';
import type { Clock } from '../ops/clock.ts';
import { step } from '../ops/step.ts';
import type { Generation, Scope } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import type { Asker } from '../studio/studio.ts';
import { type AdminParts, createAdminActions } from './admin-actions.ts';
import { answer, placeFor } from './answer.ts';
import { createCalendar } from './calendar.ts';
import { assertMayChange, createChanges, placeOf } from './changes.ts';
import type { Bar, Decision, LastRefusal, Standing } from './decision.ts';
import { createEngineTimes } from './engine-times.ts';
import type { Filter } from './filter.ts';
import { createLimitPolicy } from './limit-policy.ts';
import type { Limits, Member, Supposed, Why } from './limits.ts';
import { createYaml } from './limits-yaml.ts';
import type { Policy, PolicyQuestion } from './policy.ts';
import { createRuleBook } from './rule-book.ts';
import type { Rule } from './rules.ts';
import { createShares } from './shares.ts';
import { createReports } from './usage-reports.ts';
import { isCounted } from './windows.ts';

export type LimitsParts = {
  store: Pick<Store, 'limits'>;
  clock: Clock;
  filters: readonly Filter[];
  /** The model that is drawn with. */
  model: string;
  /** @returns false when it was finished already */
  cancel(generationId: string): Promise<boolean>;
  jobsOf(scope: Scope): { waiting: number; running: number };
};

export type OpenedLimits = {
  limits: Limits;
  policy: Policy;
  /** A generation ended: what its pictures took of the device is known. */
  finished(generation: Generation): void;
  /** Old rows are added up; once a day is enough. */
  rollUp(): Promise<void>;
};

const SCOPE_RANKS = { host: 0, tenant: 2, channel: 3, role: 4, user: 5 } as const;
const AUDIT_PAGE = 50;
const AUDIT_PAGE_MAX = 200;

export async function openLimits(parts: LimitsParts): Promise<OpenedLimits> {
  const { store, clock, model } = parts;
  const state = await store.limits.load();
  const book = createRuleBook(state);
  const calendar = createCalendar();
  const shares = createShares(book);
  for (const person of state.people) shares.seen(person);
  const engineTimes = createEngineTimes(new Map([[model, await store.limits.engineMs(model)]]));
  const policy = createLimitPolicy({ ...parts, book, calendar, shares, engineTimes });
  const changes = createChanges({ store, book, clock, onChanged: shares.changed });
  const adminParts: AdminParts = { ...parts, book, calendar, changes };
  const reports = createReports(adminParts);
  const yaml = createYaml(adminParts);

  async function simulate(asker: Asker, scope: Scope, supposed: Supposed): Promise<Decision> {
    const { pictures = 1, prompts = [''], style = null, channel = scope.channel } = supposed;
    const question: PolicyQuestion = {
      scope: { ...scope, channel },
      kind: 'imagine',
      prompts,
      model,
      styles: style === null ? [] : [style],
      pictures,
      jobs: prompts.length,
      press: null,
      timeZone: asker.timeZone ?? null,
      atMs: clock.nowMs(),
    };
    const prepared = await policy.prepare(question);
    return prepared.decide(await store.limits.count(prepared.reservation.checks, question.atMs, true));
  }

  async function standing(asker: Asker, scope: Scope): Promise<Standing> {
    const now = await simulate(asker, scope, {});
    const { chain, atMs, timeZone } = now;
    const bars = chain.flatMap((each) => (each.rule !== null && book.saved(each.rule.id) !== null ? toBars(each) : []));
    return { bars, now, jobs: parts.jobsOf(scope), atMs, timeZone };
  }

  async function whyFor(asker: Asker, scope: Scope, supposed: Supposed): Promise<Why> {
    const decision = await simulate(asker, scope, supposed);
    const last = await store.limits.lastRefusal(placeFor(scope), scope.user);
    return { decision, last: last === null ? null : toLastRefusal(last) };
  }

  const limits: Limits = {
    me: (asker) => standing(asker, asker.scope),
    why: (asker, supposed = {}) => answer(() => whyFor(asker, asker.scope, supposed)),
    whyOf: (asker, member, supposed = {}) =>
      answer(async () => {
        await assertMayChange(asker, placeFor(asker.scope));
        return whyFor(asker, scopeOf(asker, member), supposed);
      }),
    meOf: (asker, member) =>
      answer(async () => {
        await assertMayChange(asker, placeFor(asker.scope));
        return standing(asker, scopeOf(asker, member));
      }),
    rules: ({ scope }) => rulesOf(scope).filter((rule) => rule.scope.kind !== 'user' || rule.scope.user === scope.user),
    allRules: ({ scope, ...asker }) =>
      answer(async () => {
        await assertMayChange({ scope, ...asker }, placeFor(scope));
        return rulesOf(scope);
      }),
    orphans: ({ scope }, known) =>
      rulesOf(scope).filter(
        (rule) =>
          (rule.scope.kind === 'role' && !known.roles.includes(rule.scope.role)) ||
          (rule.scope.kind === 'channel' && !known.channels.includes(rule.scope.channel)),
      ),
    settings: (place) => book.settings(place),
    ...createAdminActions(adminParts),
    audit: (asker, query = {}) =>
      answer(async () => {
        const isHost = asker.isHost !== undefined && (await asker.isHost());
        const place = query.host === true && isHost ? null : placeFor(asker.scope);
        await assertMayChange(asker, place);
        const limit = Math.min(AUDIT_PAGE_MAX, Math.max(1, Math.trunc(query.limit ?? AUDIT_PAGE)));
        return store.limits.audit({ place, before: query.before ?? null, limit });
      }),
    undo: (asker, auditId) => answer(() => changes.undo(asker, auditId)),
    ...yaml,
    ...reports,
  };

  /** The host's, and those of this place. */
  function rulesOf(scope: Scope): Rule[] {
    const rules = book.all().filter((rule) => {
      const place = placeOf(rule.scope);
      if (place === null) return rule.scope.kind === 'host' || rule.scope.platform === scope.platform;
      return place.platform === scope.platform && place.tenant === scope.tenant;
    });
    return rules.sort((one, other) => rankOf(one) - rankOf(other) || (one.id < other.id ? -1 : 1));
  }

  return {
    limits,
    policy,
    finished({ kind, model: name, pictures }) {
      if (kind === 'upscale') return;
      for (const { engineMs } of pictures) engineTimes.measured(name, engineMs ?? 0);
    },
    async rollUp() {
      await step('rollUp', () => store.limits.rollUp(clock.nowMs()));
    },
  };
}

/** The host's first, then from the least to the most specific. */
function rankOf({ scope }: Rule): number {
  return scope.kind === 'user' && scope.tenant === null ? 1 : SCOPE_RANKS[scope.kind];
}

function toBars({ rule, outcome, used, max, backAtMs }: Decision['chain'][number]): Bar[] {
  if (rule === null || !isCounted(rule) || rule.mode === 'shadow' || outcome === 'overridden') return [];
  if (used === null || max === null) return [];
  const { limit, countedPer, id: ruleId, scope } = rule;
  const left = Math.max(0, max - used);
  return [{ limit, countedPer, ruleId, scope: scope.kind, used, max, left, backAtMs }];
}

function toLastRefusal({
  atMs,
  code,
  message,
  details,
}: Awaited<ReturnType<Store['limits']['lastRefusal']>> & object): LastRefusal {
  return { atMs, error: new AppError(code as AppError['code'], message, { details: details as AppError['details'] }) };
}

function scopeOf(asker: Asker, { user, roles = [], channel = asker.scope.channel }: Member): Scope {
  return { ...asker.scope, user, roles: [...roles], channel };
}
