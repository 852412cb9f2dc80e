/** What limits count, in one statement however many counts there are. */
import { type SQL, sql } from 'drizzle-orm';
import { type Check, type Counted, type CountSubject, type CountWindow, exceeds } from '../limit-records.ts';
import type { JsonObject } from '../records.ts';
import { type Database, rowsOf } from './database.ts';

type Sliding = Extract<CountWindow, { kind: 'sliding' }>;

/** @returns what is used, by check */
export async function countAll(database: Database, checks: readonly Check[], nowMs: number): Promise<number[]> {
  if (checks.length === 0) return [];
  const counts = JSON.stringify(checks.map((check) => toRow(check, nowMs)));
  const rows = await rowsOf<{ used: number }>(database, sql`SELECT used FROM easel_used(${counts}::jsonb) AS used`);
  return rows.map(({ used }) => used);
}

export function withoutTimes(used: number): Counted {
  return { used, passesAtMs: null, backAtMs: null };
}

/** The same with when it changes by itself, for who is told why. */
export async function explainAll(database: Database, checks: readonly Check[], nowMs: number): Promise<Counted[]> {
  const used = await countAll(database, checks, nowMs);
  const explained: Counted[] = [];
  for (const [index, check] of checks.entries()) {
    const amount = used[index] ?? 0;
    const { window } = check.count;
    const times = window.kind === 'sliding' && amount > 0 ? await timesOf(database, check, window, nowMs) : null;
    const waits = exceeds(check, amount) && check.asked <= check.max;
    explained.push({
      used: amount,
      passesAtMs:
        waits && times?.lastMs != null ? times.lastMs + (window.kind === 'sliding' ? window.lengthMs : 0) : null,
      backAtMs: times?.firstMs != null && window.kind === 'sliding' ? times.firstMs + window.lengthMs : null,
    });
  }
  return explained;
}

/** As the function `easel_used` of the migrations reads it. */
function toRow({ count, asked, max }: Check, nowMs: number): JsonObject {
  const { subject, window, measure } = count;
  return { span: window.kind, measure, ...toSubject(subject, window.kind), ...toSpan(window, nowMs, max + asked + 1) };
}

function toSubject(subject: CountSubject, span: CountWindow['kind']): JsonObject {
  switch (subject.kind) {
    case 'host':
      return { kind: 'host', platform: '', tenant: '', key: '' };
    case 'tenant':
      return { kind: 'tenant', platform: subject.platform, tenant: subject.tenant, key: '' };
    case 'channel': {
      const { kind, platform, tenant, channel } = subject;
      // Totals by day have a channel as their key, the ledger and the generations as a column.
      return { kind, platform, tenant, key: channel, channel: span === 'days' ? null : channel };
    }
    case 'user': {
      const { kind, platform, tenant, channel, user } = subject;
      return { kind, platform, tenant, key: user, channel };
    }
  }
}

function toSpan(window: CountWindow, nowMs: number, most: number): JsonObject {
  switch (window.kind) {
    case 'days':
      return { from_day: window.from, to_day: window.to };
    case 'sliding':
      return { from_ms: fromMs(window, nowMs), to_ms: nowMs + window.lengthMs };
    case 'open':
      // More than what decides need not be counted: of ten thousand that wait, not all are read.
      return { most };
  }
}

function fromMs({ lengthMs, sinceMs }: Sliding, nowMs: number): number {
  return Math.max(nowMs - lengthMs, sinceMs);
}

/** Of the rows in the window: when the first was reserved, and the last that must leave before the request fits. */
async function timesOf(
  database: Database,
  { count, asked, max }: Check,
  window: Sliding,
  nowMs: number,
): Promise<{ firstMs: number | null; lastMs: number | null }> {
  const amount = { requests: sql`1`, engineMs: sql`engine_ms`, pictures: sql`pictures`, jobs: sql`0` }[count.measure];
  const [row] = await rowsOf<{ firstMs: number | null; lastMs: number | null }>(
    database,
    sql`SELECT min(at)::float8 AS "firstMs", (max(at) FILTER (WHERE since > ${max - asked}::float8))::float8 AS "lastMs"
        FROM (
          SELECT reserved_at_ms AS at, sum(${amount}) OVER (ORDER BY reserved_at_ms DESC) AS since
          FROM ledger WHERE ${rowsOfSubject(count.subject)} AND ${inside(window, nowMs)}
        ) AS reserved`,
  );
  return row ?? { firstMs: null, lastMs: null };
}

function inside(window: Sliding, nowMs: number): SQL {
  return sql`pictures > 0 AND reserved_at_ms > ${fromMs(window, nowMs)} AND reserved_at_ms < ${nowMs + window.lengthMs}`;
}

/** In the ledger. */
function rowsOfSubject(subject: CountSubject): SQL {
  switch (subject.kind) {
    case 'host':
      return sql`true`;
    case 'tenant':
      return sql`platform = ${subject.platform} AND tenant = ${subject.tenant}`;
    case 'channel':
      return sql`platform = ${subject.platform} AND tenant = ${subject.tenant} AND channel = ${subject.channel}`;
    case 'user':
      return sql`platform = ${subject.platform} AND user_id = ${subject.user}${within(subject)}`;
  }
}

function within({ tenant, channel }: Extract<CountSubject, { kind: 'user' }>): SQL {
  const inTenant = tenant === null ? sql`` : sql` AND tenant = ${tenant}`;
  return channel === null ? inTenant : sql`${inTenant} AND channel = ${channel}`;
}
