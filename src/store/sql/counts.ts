/** What limits count, as one statement however many counts there are. */
import { type SQL, sql } from 'drizzle-orm';
import {
  type Check,
  type Count,
  type Counted,
  type CountSubject,
  type CountWindow,
  exceeds,
} from '../limit-records.ts';
import { type Database, rowsOf } from './database.ts';

type Sliding = Extract<CountWindow, { kind: 'sliding' }>;

/** @returns what is used, by check */
export async function countAll(database: Database, checks: readonly Check[], nowMs: number): Promise<number[]> {
  if (checks.length === 0) return [];
  // Several rules may count the same.
  const columns = new Map<string, { index: number; query: SQL }>();
  const keys = checks.map((check) => {
    const key = JSON.stringify(check.count);
    if (!columns.has(key)) columns.set(key, { index: columns.size, query: usedOf(check, nowMs) });
    return key;
  });
  const list = [...columns.values()].map(({ index, query }) => sql`(${query})::float8 AS ${sql.raw(`c${index}`)}`);
  const [row] = await rowsOf<Record<string, number>>(database, sql`SELECT ${sql.join(list, sql`, `)}`);
  return keys.map((key) => row?.[`c${columns.get(key)?.index}`] ?? 0);
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

function usedOf({ count, asked, max }: Check, nowMs: number): SQL {
  const { subject, window } = count;
  switch (window.kind) {
    case 'days':
      return sql`SELECT coalesce(sum(${measureOf(count)}), 0) FROM usage_days
        WHERE ${totalsOfSubject(subject)} AND day BETWEEN ${window.from}::date AND ${window.to}::date`;
    case 'sliding': {
      const rows = sql`FROM ledger WHERE ${rowsOfSubject(subject)} AND ${inside(window, nowMs)}`;
      if (count.measure === 'requests') return sql`SELECT least(1, count(*)) ${rows}`;
      return sql`SELECT coalesce(sum(${measureOf(count)}), 0) ${rows}`;
    }
    case 'open':
      // More than what decides need not be counted: of ten thousand that wait, not all are read.
      return sql`SELECT count(*) FROM (SELECT 1 FROM generations
        WHERE status IN ('queued', 'drawing') AND ${rowsOfSubject(subject)} LIMIT ${max + asked + 1}) AS unfinished`;
  }
}

/** Of the rows in the window: when the first was reserved, and the last that must leave before the request fits. */
async function timesOf(
  database: Database,
  { count, asked, max }: Check,
  window: Sliding,
  nowMs: number,
): Promise<{ firstMs: number | null; lastMs: number | null }> {
  const amount = count.measure === 'requests' ? sql`1` : measureOf(count);
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

function inside({ lengthMs, sinceMs }: Sliding, nowMs: number): SQL {
  return sql`pictures > 0 AND reserved_at_ms > ${Math.max(nowMs - lengthMs, sinceMs)} AND reserved_at_ms < ${nowMs + lengthMs}`;
}

function measureOf({ measure }: Count): SQL {
  return measure === 'engineMs' ? sql`engine_ms` : sql`pictures`;
}

/** In the ledger and among generations. */
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

/** Among the totals by day. */
function totalsOfSubject(subject: CountSubject): SQL {
  switch (subject.kind) {
    case 'host':
      return sql`kind = 'host' AND platform = '' AND tenant = '' AND key = ''`;
    case 'tenant':
      return sql`kind = 'tenant' AND platform = ${subject.platform} AND tenant = ${subject.tenant} AND key = ''`;
    case 'channel':
      return sql`kind = 'channel' AND platform = ${subject.platform} AND tenant = ${subject.tenant} AND key = ${subject.channel}`;
    case 'user':
      return sql`kind = 'user' AND platform = ${subject.platform} AND key = ${subject.user}${within(subject)}`;
  }
}

function within({ tenant, channel }: Extract<CountSubject, { kind: 'user' }>): SQL {
  const inTenant = tenant === null ? sql`` : sql` AND tenant = ${tenant}`;
  return channel === null ? inTenant : sql`${inTenant} AND channel = ${channel}`;
}
