/** A decision and the chain of rules that led to it; the same for a real request and for "why?". */
import type { AppError, ErrorCode } from '../errors.ts';
import type { CountedPer, LimitName, Rule, RuleScope } from './rules.ts';

export type ChainOutcome =
  /** Asked, and lets the request pass. */
  | 'passes'
  | 'refuses'
  /** A more specific rule, or a more generous role, is asked instead. */
  | 'overridden'
  /** Would refuse, but only counts. */
  | 'shadow';

/** One rule, or one filter, that was looked at. In the order in which they are asked. */
export type ChainStep = {
  /** null: not a rule, see `filter`. */
  rule: Rule | null;
  /** Name of a filter that read the words, such as `blockedWords`. */
  filter: string | null;
  outcome: ChainOutcome;
  /** Id of the rule that is asked instead. */
  overriddenBy: string | null;
  /** Of a limit that is counted, in its unit: pictures, seconds or jobs. */
  used: number | null;
  /** Grants included. */
  max: number | null;
  /** What the request adds. */
  asked: number | null;
  /** When this rule lets the same request pass if nothing else happens; null: not by waiting. */
  passesAtMs: number | null;
  /** When some of what is used comes back: the oldest picture leaves the window, or the period ends. null: nothing is used. */
  backAtMs: number | null;
  /** Of the refusal it makes or would make. */
  code: ErrorCode | null;
};

export type Decision = {
  allowed: boolean;
  /** Its details: `rule`, `limit`, `scope`, `countedPer`, `used`, `max`, `asked`, `passesAtMs`, `timeZone`, `otherLimits`, `otherLeft`, `otherChannels`. */
  refusal: AppError | null;
  chain: readonly ChainStep[];
  atMs: number;
  /** In which times are said: the person's own where the platform tells it, else the tenant's. */
  timeZone: string;
};

/** One bar of "what have I left?". */
export type Bar = {
  limit: LimitName;
  countedPer: CountedPer;
  ruleId: string;
  scope: RuleScope['kind'];
  used: number;
  /** Grants included. */
  max: number;
  left: number;
  /** When some of it comes back: the oldest picture leaves the window, or the period begins anew. null: nothing is used. */
  backAtMs: number | null;
};

export type Standing = {
  /** Of the rules that somebody has set; the host's own bound of the queue is no quota. */
  bars: readonly Bar[];
  /** Whether one picture would be accepted now. */
  now: Decision;
  jobs: { waiting: number; running: number };
  atMs: number;
  timeZone: string;
};

/** The last refusal of a person, kept until the next one. */
export type LastRefusal = {
  atMs: number;
  error: AppError;
};
