/** What was used, refused and waited for: questions about the past, answered from daily totals. */

/** `YYYY-MM-DD` of the tenant's calendar. */
export type Day = string;

export type UsagePeriod = {
  from: Day;
  /** Included. */
  to: Day;
  /** Default: the tenant of the asker. null: all of them, for hosts. */
  tenant?: { platform: string; tenant: string } | null;
};

export type UsageQuery = UsagePeriod & {
  by: 'user' | 'channel' | 'model' | 'tenant' | 'total';
  /** Totals of each day, month, or of the whole period. */
  every: 'day' | 'month' | 'period';
  /** Only this person, channel, model. */
  only?: string;
  /** The ones with most pictures; default 100. */
  limit?: number;
};

export type UsageRow = {
  /** First day of the day or month; of the period when there is one total. */
  day: Day;
  platform: string;
  /** Empty when rows are totals over tenants. */
  tenant: string;
  /** Of the person, channel, model or tenant; empty for a total, and for people who asked to be forgotten. */
  key: string;
  requests: number;
  /** Pictures charged, those still reserved included. */
  pictures: number;
  gpuSeconds: number;
};

export type RefusalRow = {
  day: Day;
  platform: string;
  tenant: string;
  /** null: not a rule, such as a filter. */
  ruleId: string | null;
  /** Of the error table. */
  code: string;
  /** Refusals that a shadow rule would have made. */
  shadow: boolean;
  refusals: number;
};

export type WaitRow = {
  day: Day;
  platform: string;
  tenant: string;
  jobs: number;
  meanMs: number;
  /** Half waited no longer; exact to a fifth. */
  p50Ms: number;
  p95Ms: number;
};
