/** Rules: one limit each, for whom it holds and whose pictures are added up for it. Pure data, as it is stored, exported and shown. */
import { z } from 'zod';

/** A server or workspace of a platform. */
export type Place = { platform: string; tenant: string };

/**
 * For whom a rule holds.
 *
 * Host rules are ceilings: they hold beside every other. Below them the most specific scope wins, user before role before
 * channel before tenant; among the roles of a person the most generous.
 */
export type RuleScope =
  | { kind: 'host' }
  | ({ kind: 'tenant' } & Place)
  | ({ kind: 'channel'; channel: string } & Place)
  | ({ kind: 'role'; role: string } & Place)
  /** `tenant` null: wherever this person is on the platform; the host's to set, and a ceiling like every rule of the host. */
  | { kind: 'user'; platform: string; tenant: string | null; user: string };

/** Whose use is added up: each person's own, everybody's in a channel, in a tenant, or on this Easel. */
export const COUNTED_PER = ['user', 'channel', 'tenant', 'host'] as const;
export type CountedPer = (typeof COUNTED_PER)[number];

/** A shadow rule refuses nobody: it is counted whom it would have refused. */
export const RULE_MODES = ['enforce', 'shadow'] as const;
export type RuleMode = (typeof RULE_MODES)[number];

/** Numbers beyond this are typing mistakes. */
const MOST = 1_000_000;
const WEEKDAYS = 7;
const LIST_MAX = 500;

/** null: no limit, said aloud; it lifts what a less specific rule says. */
const whole = (least: number, most = MOST) => {
  const error = `must be a whole number from ${least} to ${most}, or null for no limit`;
  return z.int({ error }).min(least, { error }).max(most, { error }).nullable();
};
const names = z.array(z.string().min(1).max(100)).max(LIST_MAX);
const timeOfDay = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/u, 'must be a time such as 22:00');

const choice = z
  .union([z.strictObject({ only: names }), z.strictObject({ except: names })], {
    error: `must be {only: [names]} or {except: [names]}, up to ${LIST_MAX}, or null for all`,
  })
  .nullable();
/** Models, styles, channels or roles that are let through; null: all of them. */
export type Choice = z.infer<typeof choice>;

const until = z
  .strictObject(
    { untilMs: z.int().positive().nullable() },
    { error: 'must be {untilMs: milliseconds since 1970, or null}, or null for not at all' },
  )
  .nullable();
/** In force, until then or (null) until it is taken back; null as a whole: said aloud that it is not. */
export type Until = z.infer<typeof until>;

const quietHours = z
  .array(
    z.strictObject({
      from: timeOfDay,
      /** Not after `from`: the morning after. */
      to: timeOfDay,
      /** 1 Monday to 7 Sunday, of the evening it begins; absent: every day. */
      days: z.array(z.int().min(1).max(WEEKDAYS)).min(1).max(WEEKDAYS).optional(),
    }),
  )
  .max(20)
  .nullable();
/** In the tenant's time zone. */
export type QuietHours = z.infer<typeof quietHours>;

/** Whose pictures somebody may re-roll, vary, upscale and edit. `moderators`: the author and moderators. */
export const BUTTON_RIGHTS = ['everyone', 'moderators', 'author'] as const;
export type ButtonRight = (typeof BUTTON_RIGHTS)[number];

const WEIGHT_ERROR = 'must be a number from 0.05 to 20';

/** Every limit there is, and what it may be set to. */
export const LIMIT_VALUES = {
  /** Sliding exactly: of the last 60 seconds, and of the last 60 minutes. */
  picturesPerMinute: whole(0),
  picturesPerHour: whole(0),
  /** Of the calendar day, week (from Monday) and month in the tenant's time zone. */
  picturesPerDay: whole(0),
  picturesPerWeek: whole(0),
  picturesPerMonth: whole(0),
  gpuSecondsPerDay: whole(0, 10 * MOST),
  gpuSecondsPerMonth: whole(0, 10 * MOST),
  /** Between one accepted request and the next. */
  cooldownSeconds: whole(0, 7 * 24 * 3_600),
  /** Drawn at the same time: more than that wait their turn, none is refused. */
  jobsRunning: whole(1),
  /** Accepted and not finished. */
  jobsWaiting: whole(0),
  picturesPerRequest: whole(1, 1_000),
  /** What braces may expand to. */
  promptsPerRequest: whole(1, 1_000),
  models: choice,
  styles: choice,
  channels: choice,
  roles: choice,
  blocked: until,
  paused: until,
  quietHours,
  /** Share in the picker: of a tenant among tenants, of a person among those of their tenant. */
  pickerWeight: z
    .number({ error: WEIGHT_ERROR })
    .min(0.05, { error: WEIGHT_ERROR })
    .max(20, { error: WEIGHT_ERROR })
    .nullable(),
  buttons: z.enum(BUTTON_RIGHTS, { error: `must be one of ${BUTTON_RIGHTS.join(', ')}` }).nullable(),
} as const;

export type LimitName = keyof typeof LIMIT_VALUES;
export type LimitValues = { [L in LimitName]: z.infer<(typeof LIMIT_VALUES)[L]> };
export const LIMIT_NAMES = Object.keys(LIMIT_VALUES) as LimitName[];

/** Limits with a number that use is counted against. */
export const COUNTED_LIMITS = [
  'picturesPerMinute',
  'picturesPerHour',
  'picturesPerDay',
  'picturesPerWeek',
  'picturesPerMonth',
  'gpuSecondsPerDay',
  'gpuSecondsPerMonth',
  'cooldownSeconds',
  'jobsWaiting',
] as const satisfies readonly LimitName[];
export type CountedLimit = (typeof COUNTED_LIMITS)[number];

export type RuleOf<L extends LimitName> = {
  /** Made of the rest: a scope has one rule for a limit, a count and a mode. */
  id: string;
  scope: RuleScope;
  limit: L;
  value: LimitValues[L];
  /** `user` for limits that nothing is counted for. */
  countedPer: CountedPer;
  mode: RuleMode;
};
export type Rule = { [L in LimitName]: RuleOf<L> }[LimitName];

/** A rule as somebody sets it; `countedPer` is `user` and `mode` is `enforce` unless they say otherwise. */
export type RuleDraft = {
  scope: RuleScope;
  limit: LimitName;
  value: unknown;
  countedPer?: CountedPer;
  mode?: RuleMode;
};
