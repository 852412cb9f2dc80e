/** What limits count, in one statement however many counts there are. */
import { type SQL, sql } from 'drizzle-orm';
import { type Check, type Counted, type CountSubject, type CountWindow, exceeds } from '../limit-records.ts';
import type { JsonObject } from '../records.ts';
import { type Database, rowsOf } from './database.ts';

type Sliding = Extract<CountWindow, { kind: 'sliding' }>;

/** @returns what is used, by check */
export async function countAll(database: Database, checks: readonly Check[], nowMs: number): Promise<number[]> {
  if (checks.length === 0) return [];
  const groups = groupsOf(checks, nowMs);
  const asked = JSON.stringify(groups.map(({ row, windows }) => ({ ...row, windows })));
  const rows = await rowsOf<{ used: number }>(database, sql`SELECT used FROM easel_used(${asked}::jsonb) AS used`);
  const used: number[] = [];
  for (const [at, index] of groups.flatMap(({ indexes }) => indexes).entries()) used[index] = rows[at]?.used ?? 0;
  return used;
}

/** What is counted of one subject over several windows; `indexes` are those of the checks, window by window. */
type Group = { row: JsonObject; windows: JsonObject[]; indexes: number[] };

function groupsOf(checks: readonly Check[], nowMs: number): Group[] {
  const groups = new Map<string, Group>();
  for (const [index, check] of checks.entries()) {
    const row = toRow(check);
    const key = JSON.stringify(row);
    const group = groups.get(key) ?? { row, windows: [], indexes: [] };
    groups.set(key, group);
    const { window, measure } = check.count;
    // Two that count what is unfinished are one row each: it has a bound of its own.
    if (window.kind === 'open' && group.indexes.length > 0)
      groups.set(`${key} ${index}`, { row, windows: [], indexes: [index] });
    else group.indexes.push(index);
    if (window.kind !== 'open') group.windows.push({ measure, ...toSpan(window, nowMs) });
  }
  return [...groups.values()];
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
function toRow({ count: { subject, window }, asked, max }: Check): JsonObject {
  const row = { span: window.kind, ...toSubject(subject, window.kind) };
  // More than what decides need not be counted: of ten thousand that wait, not all are read.
  return window.kind === 'open' ? { ...row, most: max + asked + 1 } : row;
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

function toSpan(window: Exclude<CountWindow, { kind: 'open' }>, nowMs: number): JsonObject {
  if (window.kind === 'days') return { first: window.from, last: window.to };
  return { first: fromMs(window, nowMs), last: nowMs + window.lengthMs };
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
