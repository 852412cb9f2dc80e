/** Questions about the past, for admins of the place and for hosts of all of them. */
import { AppError } from '../errors.ts';
import type { PreviewQuery } from '../store/limit-records.ts';
import type { Asker } from '../studio/studio.ts';
import type { AdminParts } from './admin-actions.ts';
import { answer, placeFor } from './answer.ts';
import { assertMayChange, assertMaySet, placeOf } from './changes.ts';
import { checkRule } from './check-rule.ts';
import { timeZoneOf } from './limit-policy.ts';
import type { Limits } from './limits.ts';
import type { LimitName, Place, Rule } from './rules.ts';
import type { UsagePeriod } from './usage.ts';

type Reports = Pick<Limits, 'preview' | 'usage' | 'refusals' | 'waits'>;

const DAY = /^\d{4}-\d{2}-\d{2}$/u;
const KEYS = 100;
const KEYS_MAX = 1_000;
const MINUTE_MS = 60_000;

/** Limits that the month so far can be held against. */
const MEASURED: Partial<Record<LimitName, Pick<PreviewQuery, 'measure' | 'window' | 'lengthMs'>>> = {
  picturesPerMinute: { measure: 'pictures', window: 'sliding', lengthMs: MINUTE_MS },
  picturesPerHour: { measure: 'pictures', window: 'sliding', lengthMs: 60 * MINUTE_MS },
  picturesPerDay: { measure: 'pictures', window: 'day', lengthMs: 0 },
  picturesPerWeek: { measure: 'pictures', window: 'week', lengthMs: 0 },
  picturesPerMonth: { measure: 'pictures', window: 'month', lengthMs: 0 },
  gpuSecondsPerDay: { measure: 'engineMs', window: 'day', lengthMs: 0 },
  gpuSecondsPerMonth: { measure: 'engineMs', window: 'month', lengthMs: 0 },
  picturesPerRequest: { measure: 'request', window: 'sliding', lengthMs: 0 },
  models: { measure: 'model', window: 'sliding', lengthMs: 0 },
  channels: { measure: 'channel', window: 'sliding', lengthMs: 0 },
};

export function createReports({ store, book, calendar, clock }: AdminParts): Reports {
  async function placeAsked(asker: Asker, { tenant }: UsagePeriod): Promise<Place | null> {
    const place = tenant === undefined ? placeFor(asker.scope) : tenant;
    await assertMayChange(asker, place);
    return place;
  }

  return {
    preview: (asker, draft) =>
      answer(async () => {
        const rule = checkRule(draft);
        await assertMaySet(asker, rule);
        const place = placeOf(rule.scope);
        const { month } = calendar.periodsAt(clock.nowMs(), timeZoneOf(book, place));
        const counts = await store.limits.preview(queryOf(rule, place, month));
        const isMeasured = Object.hasOwn(MEASURED, rule.limit);
        const above = !isMeasured ? null : rule.value === null ? 0 : counts.above;
        return { countedPer: rule.countedPer, active: counts.active, above, before: book.get(rule.id) ?? null };
      }),
    usage: (asker, query) =>
      answer(async () => {
        checkPeriod(query);
        const place = await placeAsked(asker, query);
        const { by, every, from, to } = query;
        const kind = by === 'total' ? (place === null ? 'host' : 'tenant') : by;
        const limit = Math.min(KEYS_MAX, Math.max(1, Math.trunc(query.limit ?? KEYS)));
        const key = by === 'user' || by === 'channel' || by === 'model' ? (query.only ?? null) : null;
        const rows = await store.limits.totals({ kind, place, key, from, to, every, limit });
        return by === 'tenant' ? rows.map((row) => ({ ...row, key: row.tenant })) : rows;
      }),
    refusals: (asker, period) =>
      answer(async () => {
        checkPeriod(period);
        return store.limits.refusals({ place: await placeAsked(asker, period), from: period.from, to: period.to });
      }),
    waits: (asker, period) =>
      answer(async () => {
        checkPeriod(period);
        return store.limits.waits({ place: await placeAsked(asker, period), from: period.from, to: period.to });
      }),
  };
}

function queryOf(rule: Rule, place: Place | null, month: { from: string; startMs: number }): PreviewQuery {
  const { scope, value, limit, countedPer } = rule;
  const shape = MEASURED[limit] ?? { measure: 'pictures', window: 'month', lengthMs: 0 };
  const choice = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  const unit = shape.measure === 'engineMs' ? 1_000 : 1;
  return {
    ...shape,
    kind: countedPer,
    place,
    channel: scope.kind === 'channel' ? scope.channel : null,
    user: scope.kind === 'user' ? scope.user : null,
    role: scope.kind === 'role' ? scope.role : null,
    from: month.from,
    fromMs: month.startMs,
    max: typeof value === 'number' ? value * unit : 0,
    only: choice !== null && 'only' in choice ? choice.only : null,
    except: choice !== null && 'except' in choice ? choice.except : null,
  };
}

/** @throws {AppError} `INPUT_USAGE` */
function checkPeriod({ from, to }: UsagePeriod): void {
  const isGood = DAY.test(from) && DAY.test(to) && !Number.isNaN(Date.parse(from)) && !Number.isNaN(Date.parse(to));
  if (!isGood || from > to)
    throw new AppError('INPUT_USAGE', 'A period is two days such as 2026-01-31, the first not after the last.');
}
