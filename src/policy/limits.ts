/** Limits as adapters call them: where I stand, why, and what admins change. Data in, data out; words are the conversation's. */

import type { Scope } from '../store/records.ts';
import type { Answer, Asker } from '../studio/studio.ts';
import type { Decision, LastRefusal, Standing } from './decision.ts';
import type { CountedPer, LimitName, Place, Rule, RuleDraft } from './rules.ts';
import type { RefusalRow, UsagePeriod, UsageQuery, UsageRow, WaitRow } from './usage.ts';

/** What a request would be: without it, one picture with the model that is drawn with. */
export type Supposed = { pictures?: number; prompts?: readonly string[]; style?: string | null; channel?: string };

/** Somebody else, as the admin's platform knows them. */
export type Member = Pick<Scope, 'user'> & Partial<Pick<Scope, 'roles' | 'channel'>>;

export type Why = { decision: Decision; last: LastRefusal | null };

export type PlanName = 'open' | 'small' | 'big' | 'paid' | 'event';
/** Rules in one click. `paid` asks for the role of those who pay. */
export type Plan = { name: PlanName; needs: readonly 'role'[]; rules: readonly RuleDraft[] };

export type GrantedLimit = Extract<
  LimitName,
  'picturesPerDay' | 'picturesPerWeek' | 'picturesPerMonth' | 'gpuSecondsPerDay' | 'gpuSecondsPerMonth'
>;

/** How many are above a limit, before it is set: "12 of the 80 people who drew this month are above this". */
export type Preview = {
  /** Who is counted: people, channels or tenants. */
  countedPer: CountedPer;
  /** Who drew this month (of that kind), where the rule holds. */
  active: number;
  /** Who used more than this in some such window of the month; null: not something that was counted. */
  above: number | null;
  /** The rule it replaces; null: a new one. */
  before: Rule | null;
};

/** Of a tenant or, where `place` is null, of the host: what holds where a tenant says nothing. */
export type TenantSettings = {
  /** IANA name; null: the host's, whose own null is the machine's. */
  timeZone: string | null;
  galleryChannel: string | null;
  blockedWords: {
    /** The maintained list. */
    defaultList: boolean;
    words: readonly string[];
    /** Never blocked, also when the maintained list has them. */
    allowed: readonly string[];
  };
};

export type AuditAction =
  | 'set'
  | 'remove'
  | 'plan'
  | 'grant'
  | 'reset'
  | 'block'
  | 'unblock'
  | 'pause'
  | 'resume'
  | 'clear'
  | 'yaml'
  | 'settings'
  | 'undo';

/** One thing that was changed, from what to what; null: it was not there, or is not any more. */
export type Change =
  | { kind: 'rule'; id: string; before: Rule | null; after: Rule | null }
  | { kind: 'grant'; id: string; before: Grant | null; after: Grant | null }
  | { kind: 'settings'; place: Place | null; before: TenantSettings | null; after: TenantSettings | null };

/** Extra quota of one person in one period, or (`since`) that what they used before does not count. */
export type Grant = {
  id: string;
  platform: string;
  tenant: string;
  user: string;
  limit: GrantedLimit | 'since';
  /** First day of the day, week or month it is for; empty for `since`. */
  period: string;
  /** Pictures or seconds; for `since` milliseconds since 1970. */
  amount: number;
  /** A host's grant lifts the host's ceilings too. */
  byHost: boolean;
};

export type AuditEntry = {
  id: string;
  atMs: number;
  /** Who did it. */
  by: { platform: string; user: string };
  /** null: the host's. */
  place: Place | null;
  action: AuditAction;
  changes: readonly Change[];
  /** Jobs that left the queue, for `clear`. */
  jobs: number;
  /** Of the entry that undid this one. */
  undoneBy: string | null;
};

/** What an import would do, or has done. */
export type ImportResult = { changes: readonly Change[]; applied: boolean };

/**
 * Limits of one Easel.
 *
 * Whoever changes something or asks about others needs the platform's permission, asked at that moment
 * (`Asker.mayAdminister`, `Asker.isHost` for the host's rules and for other tenants): else `LIMIT_ADMINS_ONLY`. Every change
 * is one transaction with its audit entry.
 */
export type Limits = {
  /** What the asker has left here. */
  me(asker: Asker): Promise<Standing>;
  /** The decision that a request would meet now, with the chain of rules; nothing is reserved. */
  why(asker: Asker, supposed?: Supposed): Promise<Answer<Why>>;
  /** The same for somebody else, for admins. */
  whyOf(asker: Asker, member: Member, supposed?: Supposed): Promise<Answer<Why>>;
  meOf(asker: Asker, member: Member): Promise<Answer<Standing>>;

  /** The rules that hold here, host's first. Everybody may read them; those about one person only that person. */
  rules(asker: Asker): readonly Rule[];
  /** All of them here, those about persons too, for admins. */
  allRules(asker: Asker): Promise<Answer<readonly Rule[]>>;
  /** Rules about roles and channels that the platform no longer has. They refuse nobody else; an admin may want to remove them. */
  orphans(asker: Asker, known: { roles: readonly string[]; channels: readonly string[] }): readonly Rule[];
  settings(place: Place | null): TenantSettings;
  /** @throws nothing: a value that makes no sense is refused with `LIMIT_RULE` */
  preview(asker: Asker, draft: RuleDraft): Promise<Answer<Preview>>;
  /** Makes the rule, or changes the one of the same scope, limit, count and mode. */
  set(asker: Asker, draft: RuleDraft): Promise<Answer<AuditEntry>>;
  remove(asker: Asker, ruleId: string): Promise<Answer<AuditEntry>>;
  plans(): readonly Plan[];
  /** Replaces the counted rules of this tenant by those of the plan. */
  applyPlan(asker: Asker, name: PlanName, given?: { role?: string }): Promise<Answer<AuditEntry>>;
  saveSettings(asker: Asker, change: Partial<TenantSettings>, place?: Place | null): Promise<Answer<AuditEntry>>;

  /** "20 more today for @x". */
  grant(asker: Asker, user: string, limit: GrantedLimit, amount: number): Promise<Answer<AuditEntry>>;
  /** What this person used so far counts no more. */
  reset(asker: Asker, user: string): Promise<Answer<AuditEntry>>;
  block(asker: Asker, user: string, untilMs?: number | null): Promise<Answer<AuditEntry>>;
  unblock(asker: Asker, user: string): Promise<Answer<AuditEntry>>;
  /** Nothing new is accepted here, in one channel, or (host) anywhere. What was accepted is drawn. */
  pause(asker: Asker, where: 'tenant' | 'channel' | 'host', untilMs?: number | null): Promise<Answer<AuditEntry>>;
  resume(asker: Asker, where: 'tenant' | 'channel' | 'host'): Promise<Answer<AuditEntry>>;
  /** Cancels and refunds what this person has waiting or drawn here. */
  clear(asker: Asker, user: string): Promise<Answer<AuditEntry>>;

  /** Newest first; `host`: what was done to the host's limits, for hosts. */
  audit(
    asker: Asker,
    query?: { before?: string; limit?: number; host?: boolean },
  ): Promise<Answer<readonly AuditEntry[]>>;
  /** Back to what it was before this entry; refused with `LIMIT_CHANGED` when it was changed again since. */
  undo(asker: Asker, auditId: string): Promise<Answer<AuditEntry>>;

  /** Rules and settings of the tenant (`host`: of the host and everything) as YAML that can be imported again. */
  exportYaml(asker: Asker, what?: 'tenant' | 'host'): Promise<Answer<string>>;
  /** Replaces them by those of the text. Validated whole: one bad line and nothing is applied (`LIMIT_IMPORT`, details `line`). */
  importYaml(
    asker: Asker,
    text: string,
    options: { dryRun: boolean; what?: 'tenant' | 'host' },
  ): Promise<Answer<ImportResult>>;

  /** For admins; of all tenants for hosts. From daily totals. */
  usage(asker: Asker, query: UsageQuery): Promise<Answer<readonly UsageRow[]>>;
  refusals(asker: Asker, period: UsagePeriod): Promise<Answer<readonly RefusalRow[]>>;
  waits(asker: Asker, period: UsagePeriod): Promise<Answer<readonly WaitRow[]>>;
};
