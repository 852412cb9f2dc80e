/** From a rule to what must be counted for it: whose use, in which window, in which unit. */
import type { Check, CountSubject, CountWindow, Measure } from '../store/limit-records.ts';
import type { Scope } from '../store/records.ts';
import type { Periods } from './calendar.ts';
import type { Grant } from './limits.ts';
import type { Layer } from './rule-book.ts';
import type { CountedLimit, CountedPer, Rule, RuleOf } from './rules.ts';
import { COUNTED_LIMITS } from './rules.ts';

export type CountedRule = RuleOf<CountedLimit>;

export function isCounted(rule: Rule): rule is CountedRule {
  return (COUNTED_LIMITS as readonly string[]).includes(rule.limit);
}

type Shape = { measure: Measure; lengthMs?: number; period?: keyof Periods };

const MINUTE_MS = 60_000;

const SHAPES: Record<CountedLimit, Shape> = {
  cooldownSeconds: { measure: 'requests' },
  jobsWaiting: { measure: 'jobs' },
  picturesPerMinute: { measure: 'pictures', lengthMs: MINUTE_MS },
  picturesPerHour: { measure: 'pictures', lengthMs: 60 * MINUTE_MS },
  picturesPerDay: { measure: 'pictures', period: 'day' },
  picturesPerWeek: { measure: 'pictures', period: 'week' },
  picturesPerMonth: { measure: 'pictures', period: 'month' },
  gpuSecondsPerDay: { measure: 'engineMs', period: 'day' },
  gpuSecondsPerMonth: { measure: 'engineMs', period: 'month' },
};

export type Wanted = {
  scope: Scope;
  layer: Layer;
  pictures: number;
  jobs: number;
  engineMsPerPicture: number;
  periods: Periods;
  grants: readonly Grant[];
  atMs: number;
};

export type Counting = {
  check: Check;
  /** When the calendar period ends; null: a sliding window, or jobs. */
  endMs: number | null;
  /** One of the limit's unit in those of the count: milliseconds of a second. */
  unit: number;
};

/** @returns null when nothing needs counting: no limit, or a request that takes none of it */
export function countingOf(rule: CountedRule, wanted: Wanted): Counting | null {
  const { limit, value, countedPer, mode } = rule;
  const { measure, lengthMs, period } = SHAPES[limit];
  const asked = askedOf(measure, wanted);
  if (value === null || asked === 0 || (limit === 'cooldownSeconds' && value === 0)) return null;
  const unit = measure === 'engineMs' ? 1_000 : 1;
  const grants = countedPer === 'user' ? wanted.grants.filter(({ byHost }) => byHost || wanted.layer === 'local') : [];
  const sinceMs = Math.max(0, ...grants.filter((grant) => grant.limit === 'since').map(({ amount }) => amount));
  const now = period === undefined ? null : wanted.periods[period];
  const granted = grants
    .filter((grant) => grant.limit === limit && grant.period === now?.from)
    .reduce((sum, { amount }) => sum + amount, 0);
  const max = measure === 'requests' ? 1 : (value + granted) * unit;
  const slidingMs = measure === 'requests' ? value * 1_000 : (lengthMs ?? 0);
  const window: CountWindow =
    measure === 'jobs'
      ? { kind: 'open' }
      : now === null
        ? { kind: 'sliding', lengthMs: slidingMs, sinceMs }
        : sinceMs > now.startMs
          ? // What was used before a reset does not count: the rows since then do.
            { kind: 'sliding', lengthMs: now.endMs - now.startMs, sinceMs }
          : { kind: 'days', from: now.from, to: now.to };
  const subject = subjectOf(rule.scope.kind, countedPer, wanted.scope, wanted.layer);
  return {
    check: { count: { subject, window, measure }, asked, max, enforce: mode === 'enforce' },
    endMs: now?.endMs ?? null,
    unit,
  };
}

function askedOf(measure: Measure, { pictures, jobs, engineMsPerPicture }: Wanted): number {
  switch (measure) {
    case 'jobs':
      return jobs;
    case 'requests':
      return pictures > 0 ? 1 : 0;
    case 'pictures':
      return pictures;
    case 'engineMs':
      // Before anything was measured a picture still takes something, so that a quota of none lets none pass.
      return pictures > 0 ? Math.max(1, pictures * engineMsPerPicture) : 0;
  }
}

/** A rule of a channel counts what was drawn in that channel; the host's counts a person wherever they draw. */
function subjectOf(kind: Rule['scope']['kind'], countedPer: CountedPer, scope: Scope, layer: Layer): CountSubject {
  const { platform, tenant, channel, user } = scope;
  switch (countedPer) {
    case 'user': {
      const within = layer === 'host' ? null : tenant;
      return { kind: 'user', platform, tenant: within, channel: kind === 'channel' ? channel : null, user };
    }
    case 'channel':
      return { kind: 'channel', platform, tenant, channel };
    case 'tenant':
      return { kind: 'tenant', platform, tenant };
    case 'host':
      return { kind: 'host' };
  }
}
