/** What the store counts for limits and keeps about them, as plain data. */
import type { AuditAction, AuditEntry, Change, Grant, TenantSettings } from '../policy/limits.ts';
import type { Place, Rule } from '../policy/rules.ts';
import type { Day } from '../policy/usage.ts';
import type { JsonObject, Person, Scope } from './records.ts';

/** Of what there are totals by day. */
export type UsageKind = 'user' | 'channel' | 'model' | 'tenant' | 'host';

/** Whose use is added up. */
export type CountSubject =
  /** Null: wherever on the platform, in whichever channel. */
  | { kind: 'user'; platform: string; tenant: string | null; channel: string | null; user: string }
  | { kind: 'channel'; platform: string; tenant: string; channel: string }
  | { kind: 'tenant'; platform: string; tenant: string }
  | { kind: 'host' };

export type CountWindow =
  /** Reserved less than so long ago, and after `sinceMs`. A row from the future counts as long: the clock may have gone back. */
  | { kind: 'sliding'; lengthMs: number; sinceMs: number }
  /** Both days included. */
  | { kind: 'days'; from: Day; to: Day }
  /** Accepted and not finished. */
  | { kind: 'open' };

/** `requests` are 0 or 1: whether there was any. */
export type Measure = 'pictures' | 'engineMs' | 'requests' | 'jobs';

export type Count = { subject: CountSubject; window: CountWindow; measure: Measure };

/** No more than `max` once `asked` is added; a check that is not enforced is counted and lets pass. */
export type Check = { count: Count; asked: number; max: number; enforce: boolean };

export type Counted = {
  used: number;
  /** Of a sliding window that was asked about: when the same request fits; null when it fits now or never will. */
  passesAtMs: number | null;
  /** When the oldest of it leaves the window; null when nothing is in it. */
  backAtMs: number | null;
};

export function exceeds({ asked, max }: Check, used: number): boolean {
  return used + asked > max;
}

/** What a request takes from the quota, and what must be true for it. */
export type Reservation = {
  /** Of the tenant's calendar. */
  day: Day;
  hostDay: Day;
  /** What one picture is expected to take of the device. */
  engineMsPerPicture: number;
  checks: readonly Check[];
};

/** Everything that decisions are made from and that is held in memory. */
export type LimitState = {
  rules: Rule[];
  grants: Grant[];
  settings: { place: Place | null; settings: TenantSettings }[];
  /** Roles of the people whose requests wait, for their weight in the picker. */
  people: Pick<Scope, 'platform' | 'tenant' | 'user' | 'roles'>[];
};

export type NewAuditEntry = Omit<AuditEntry, 'undoneBy'> & {
  /** The entry that this one undoes. */
  undoes: string | null;
};

export type StoredRefusal = {
  place: Place;
  user: string;
  atMs: number;
  day: Day;
  /** Empty: a filter. */
  ruleId: string;
  code: string;
  message: string;
  details: JsonObject;
};

export type ShadowRefusal = { place: Place; day: Day; ruleId: string; code: string };

export type AuditQuery = { place: Place | null; before: string | null; limit: number };

export type TotalsQuery = {
  kind: UsageKind;
  /** Null: of all tenants. */
  place: Place | null;
  key: string | null;
  from: Day;
  to: Day;
  every: 'day' | 'month' | 'period';
  /** Keys, most pictures first. */
  limit: number;
};

export type PeriodQuery = { place: Place | null; from: Day; to: Day };

export type PreviewQuery = {
  kind: 'user' | 'channel' | 'tenant' | 'host';
  place: Place | null;
  channel: string | null;
  user: string | null;
  role: string | null;
  /** Of the month so far. */
  from: Day;
  fromMs: number;
  measure: 'pictures' | 'engineMs' | 'request' | 'model' | 'channel';
  window: 'day' | 'week' | 'month' | 'sliding';
  lengthMs: number;
  max: number;
  only: string[] | null;
  except: string[] | null;
};

export type PreviewCounts = { active: number; above: number };

export type RollUpOutcome = { ledgerRows: number; dayRows: number };

export type { AuditAction, AuditEntry, Change, Person };
