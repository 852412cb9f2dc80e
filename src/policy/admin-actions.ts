/** What admins do: each action is a list of changes, made in its turn and written with its audit entry. */
import { AppError } from '../errors.ts';
import type { Clock } from '../ops/clock.ts';
import { newGenerationId } from '../store/generation-id.ts';
import type { Store } from '../store/store.ts';
import type { Asker } from '../studio/studio.ts';
import { answer, placeFor } from './answer.ts';
import type { Calendar } from './calendar.ts';
import { assertMayChange, assertMaySet, type Changes, placeOf, ruleChange } from './changes.ts';
import { checkRule } from './check-rule.ts';
import { timeZoneOf } from './limit-policy.ts';
import type { Change, Grant, GrantedLimit, Limits, TenantSettings } from './limits.ts';
import { isPlanned, plansFor } from './plans.ts';
import type { RuleBook } from './rule-book.ts';
import type { Place, Rule, RuleScope } from './rules.ts';
import { checkSettings } from './tenant-settings.ts';

export type AdminParts = {
  store: Pick<Store, 'limits'>;
  book: RuleBook;
  calendar: Calendar;
  changes: Changes;
  clock: Clock;
  cancel(generationId: string): Promise<boolean>;
};

type Actions = Pick<
  Limits,
  | 'set'
  | 'remove'
  | 'plans'
  | 'applyPlan'
  | 'saveSettings'
  | 'grant'
  | 'reset'
  | 'block'
  | 'unblock'
  | 'pause'
  | 'resume'
  | 'clear'
>;

const GRANT_MAX = 1_000_000;
const PERIOD_OF: Record<GrantedLimit, 'day' | 'week' | 'month'> = {
  picturesPerDay: 'day',
  picturesPerWeek: 'week',
  picturesPerMonth: 'month',
  gpuSecondsPerDay: 'day',
  gpuSecondsPerMonth: 'month',
};

export function createAdminActions(parts: AdminParts): Actions {
  const { store, book, calendar, changes, clock, cancel } = parts;

  /** Sets one rule, or (null) takes it away. */
  async function change(asker: Asker, action: 'set' | 'remove' | Switch, rule: Rule, after: Rule | null) {
    await assertMaySet(asker, rule);
    const make = () => [ruleChange(book, rule.id, after)];
    return changes.make({ asker, place: placeOf(rule.scope), action, changes: make });
  }

  function grantTo(asker: Asker, user: string, granted: Pick<Grant, 'limit' | 'period' | 'amount' | 'byHost'>): Change {
    const id = newGenerationId(clock.nowMs());
    return { kind: 'grant', id, before: null, after: { id, ...placeFor(asker.scope), user, ...granted } };
  }

  return {
    set: (asker, draft) =>
      answer(() => {
        const rule = checkRule(draft);
        return change(asker, 'set', rule, rule);
      }),
    remove: (asker, ruleId) =>
      answer(async () => {
        const rule = book.saved(ruleId);
        // Whether there is one is nobody's business who may not remove it.
        if (rule === null) await assertMayChange(asker, placeFor(asker.scope));
        if (rule === null) throw new AppError('LIMIT_NOT_FOUND', 'There is no such rule. Look at the list of rules.');
        return change(asker, 'remove', rule, null);
      }),
    plans: () => plansFor({ platform: '', tenant: '' }, ''),
    applyPlan: (asker, name, { role } = {}) =>
      answer(async () => {
        const place = placeFor(asker.scope);
        await assertMayChange(asker, place);
        const plan = plansFor(place, role ?? '').find((each) => each.name === name);
        if (plan === undefined) throw new AppError('LIMIT_NOT_FOUND', 'There is no such plan.');
        if (plan.needs.includes('role') && (role ?? '') === '') {
          throw new AppError('LIMIT_RULE', 'This plan needs the role of those who pay.', {
            details: { field: 'scope' },
          });
        }
        const after = new Map(plan.rules.map(checkRule).map((rule) => [rule.id, rule]));
        const make = () => {
          const before = book.all().filter((rule) => isSamePlace(placeOf(rule.scope), place) && isPlanned(rule));
          const ids = new Set([...before.map(({ id }) => id), ...after.keys()]);
          return [...ids].map((id) => ruleChange(book, id, after.get(id) ?? null));
        };
        return changes.make({ asker, place, action: 'plan', changes: make });
      }),
    saveSettings: (asker, change, place = placeFor(asker.scope)) =>
      answer(async () => {
        await assertMayChange(asker, place);
        const checked = checkSettings(change);
        const make = (): Change[] => {
          const before = book.savedSettings(place);
          const after: TenantSettings = { ...book.settings(place), ...checked };
          return [{ kind: 'settings', place, before, after }];
        };
        return changes.make({ asker, place, action: 'settings', changes: make });
      }),

    grant: (asker, user, limit, amount) =>
      answer(async () => {
        const place = placeFor(asker.scope);
        await assertMayChange(asker, place);
        if (!Object.hasOwn(PERIOD_OF, limit)) throw new AppError('LIMIT_RULE', 'Of this limit nothing can be granted.');
        if (!Number.isInteger(amount) || amount < 1 || amount > GRANT_MAX) {
          throw new AppError('LIMIT_RULE', `A grant is a whole number from 1 to ${GRANT_MAX}.`, {
            details: { field: 'value' },
          });
        }
        const byHost = (await asker.isHost?.()) === true;
        const make = () => {
          const periods = calendar.periodsAt(clock.nowMs(), timeZoneOf(book, place));
          return [grantTo(asker, user, { limit, period: periods[PERIOD_OF[limit]].from, amount, byHost })];
        };
        return changes.make({ asker, place, action: 'grant', changes: make });
      }),
    reset: (asker, user) =>
      answer(async () => {
        const place = placeFor(asker.scope);
        await assertMayChange(asker, place);
        const byHost = (await asker.isHost?.()) === true;
        const make = () => [grantTo(asker, user, { limit: 'since', period: '', amount: clock.nowMs(), byHost })];
        return changes.make({ asker, place, action: 'reset', changes: make });
      }),
    block: (asker, user, untilMs = null) =>
      answer(() => {
        const rule = checkRule({
          scope: { kind: 'user', ...placeFor(asker.scope), user },
          limit: 'blocked',
          value: { untilMs },
        });
        return change(asker, 'block', rule, rule);
      }),
    unblock: (asker, user) =>
      answer(() => {
        const scope: RuleScope = { kind: 'user', ...placeFor(asker.scope), user };
        return change(asker, 'unblock', checkRule({ scope, limit: 'blocked', value: null }), null);
      }),
    pause: (asker, where, untilMs = null) =>
      answer(() => {
        const rule = checkRule({ scope: pausedScope(asker, where), limit: 'paused', value: { untilMs } });
        return change(asker, 'pause', rule, rule);
      }),
    resume: (asker, where) =>
      answer(() => {
        const rule = checkRule({ scope: pausedScope(asker, where), limit: 'paused', value: null });
        return change(asker, 'resume', rule, null);
      }),
    clear: (asker, user) =>
      answer(async () => {
        const place = placeFor(asker.scope);
        await assertMayChange(asker, place);
        let jobs = 0;
        for (const id of await store.limits.unfinishedOf(place, user)) if (await cancel(id)) jobs += 1;
        return changes.make({ asker, place, action: 'clear', changes: () => [], jobs });
      }),
  };
}

type Switch = 'block' | 'unblock' | 'pause' | 'resume';

function pausedScope(asker: Asker, where: 'tenant' | 'channel' | 'host'): RuleScope {
  if (where === 'host') return { kind: 'host' };
  const place = placeFor(asker.scope);
  return where === 'tenant'
    ? { kind: 'tenant', ...place }
    : { kind: 'channel', ...place, channel: asker.scope.channel };
}

export function isSamePlace(one: Place | null, other: Place | null): boolean {
  return one?.platform === other?.platform && one?.tenant === other?.tenant;
}
