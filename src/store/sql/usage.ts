/** Questions about the past, answered from the totals by day; and their upkeep. */
import { type SQL, sql } from 'drizzle-orm';
import type { RefusalRow, UsageRow, WaitRow } from '../../policy/usage.ts';
import type { PeriodQuery, PreviewCounts, PreviewQuery, RollUpOutcome, TotalsQuery } from '../limit-records.ts';
import { type Database, rowsOf } from './database.ts';
import { ADDED_TO_USAGE_DAYS, INTO_USAGE_DAYS, WAIT_STEP } from './ledger.ts';

const DAY_MS = 24 * 3_600_000;
/** Longer than every window that is counted: the rest of a row's story is in the totals. */
const LEDGER_KEPT_MS = 62 * DAY_MS;
/** After that, totals are by month. */
const DAYS_KEPT = 400;
const BATCH = 5_000;
/** A page of an admin; more is a mistake. */
const ROWS_MAX = 20_000;

export function totals(database: Database, query: TotalsQuery): Promise<UsageRow[]> {
  const { kind, place, key, from, to, every, limit } = query;
  const day =
    every === 'period' ? sql`${from}::date` : every === 'month' ? sql`date_trunc('month', u.day)::date` : sql`u.day`;
  const here = place === null ? sql`` : sql` AND u.platform = ${place.platform} AND u.tenant = ${place.tenant}`;
  const only = key === null ? sql`` : sql` AND u.key = ${key}`;
  const which = sql`u.kind = ${kind} AND u.day BETWEEN ${from}::date AND ${to}::date${here}${only}`;
  // Models are the same everywhere; people, channels and tenants are of one place.
  const isOfPlace = kind !== 'model' || place !== null;
  const owner = isOfPlace ? sql`u.platform, u.tenant` : sql`''::text AS platform, ''::text AS tenant`;
  return rowsOf<UsageRow>(
    database,
    sql`WITH used AS (
          SELECT ${day} AS day, ${owner}, u.key, u.requests, u.pictures, u.engine_ms FROM usage_days u WHERE ${which}
        ), most AS (
          SELECT platform, tenant, key FROM used GROUP BY platform, tenant, key
          ORDER BY sum(pictures) DESC, platform, tenant, key LIMIT ${limit}
        )
        SELECT day::text AS day, platform, tenant, key,
          sum(requests)::int AS requests, sum(pictures)::int AS pictures, (sum(engine_ms) / 1000)::float8 AS "gpuSeconds"
        FROM used JOIN most USING (platform, tenant, key)
        GROUP BY day, platform, tenant, key
        ORDER BY day, sum(pictures) DESC, platform, tenant, key LIMIT ${ROWS_MAX}`,
  );
}

export function refusals(database: Database, { place, from, to }: PeriodQuery): Promise<RefusalRow[]> {
  return rowsOf<RefusalRow>(
    database,
    sql`SELECT day::text AS day, platform, tenant, nullif(rule_id, '') AS "ruleId", code, is_shadow AS shadow, refusals
        FROM refusal_days WHERE day BETWEEN ${from}::date AND ${to}::date${at(place)}
        ORDER BY day, refusals DESC, rule_id LIMIT ${ROWS_MAX}`,
  );
}

type Step = { day: string; platform: string; tenant: string; step: number; jobs: number; waitMs: number };

export async function waits(database: Database, { place, from, to }: PeriodQuery): Promise<WaitRow[]> {
  const steps = await rowsOf<Step>(
    database,
    sql`SELECT day::text AS day, platform, tenant, step, jobs, wait_ms AS "waitMs" FROM wait_days
        WHERE day BETWEEN ${from}::date AND ${to}::date${at(place)} ORDER BY day, platform, tenant, step`,
  );
  const days = new Map<string, Step[]>();
  for (const step of steps) {
    const key = JSON.stringify([step.day, step.platform, step.tenant]);
    days.set(key, [...(days.get(key) ?? []), step]);
  }
  return [...days.values()].map(toWaitRow);
}

function toWaitRow(steps: readonly Step[]): WaitRow {
  const { day = '', platform = '', tenant = '' } = steps[0] ?? {};
  const jobs = steps.reduce((sum, step) => sum + step.jobs, 0);
  const waitMs = steps.reduce((sum, step) => sum + step.waitMs, 0);
  return {
    ...{ day, platform, tenant, jobs },
    meanMs: waitMs / jobs,
    p50Ms: quantile(steps, jobs / 2),
    p95Ms: quantile(steps, jobs * 0.95),
  };
}

/** The upper edge of the step that holds the job of this rank. */
function quantile(steps: readonly { step: number; jobs: number }[], rank: number): number {
  let seen = 0;
  for (const { step, jobs } of steps) {
    seen += jobs;
    if (seen >= rank) return WAIT_STEP ** (step + 1);
  }
  return 0;
}

/** How many used more than `max` in some window of the month. */
export async function preview(database: Database, query: PreviewQuery): Promise<PreviewCounts> {
  const [row] = await rowsOf<PreviewCounts>(
    database,
    sql`WITH used AS (${usedOf(query)}), each AS (SELECT who, max(amount) AS most FROM used GROUP BY who)
        SELECT count(*)::int AS active, (count(*) FILTER (WHERE most > ${query.max}::float8))::int AS above FROM each`,
  );
  return row ?? { active: 0, above: 0 };
}

/** Who, and how much in one window: one row a window. */
function usedOf(query: PreviewQuery): SQL {
  const { kind, measure, window, from, fromMs, lengthMs, only, except } = query;
  const who = {
    user: sql`user_id`,
    channel: sql`channel`,
    tenant: sql`platform || ' ' || tenant`,
    host: sql`''::text`,
  }[kind];
  const rows = sql`reserved_at_ms >= ${fromMs} AND pictures > 0 AND ${scopeOf(query, 'l')}`;
  switch (measure) {
    case 'request':
      return sql`SELECT ${prefixed('l', who)} AS who, sum(l.pictures)::float8 AS amount FROM ledger l JOIN generations g ON g.id = l.generation_id
        WHERE ${rows} GROUP BY 1, g.platform, g.request_key`;
    case 'model':
    case 'channel': {
      const column = measure === 'model' ? sql`model` : sql`channel`;
      const names = sql`(SELECT jsonb_array_elements_text(${JSON.stringify(only ?? except ?? [])}::jsonb))`;
      const isOutside = only === null ? sql`${column} IN ${names}` : sql`${column} NOT IN ${names}`;
      return sql`SELECT ${who} AS who, (CASE WHEN ${isOutside} THEN 1 ELSE 0 END)::float8 AS amount FROM ledger l WHERE ${rows}`;
    }
    default: {
      const amount = measure === 'engineMs' ? sql`engine_ms` : sql`pictures`;
      if (window === 'sliding') {
        return sql`SELECT ${who} AS who, (sum(${amount}) OVER (PARTITION BY ${who} ORDER BY reserved_at_ms
            RANGE BETWEEN ${lengthMs - 1}::bigint PRECEDING AND CURRENT ROW))::float8 AS amount FROM ledger l WHERE ${rows}`;
      }
      const key = { user: sql`key`, channel: sql`key`, tenant: sql`platform || ' ' || tenant`, host: sql`''::text` }[
        kind
      ];
      return sql`SELECT ${key} AS who, sum(${amount})::float8 AS amount FROM usage_days u
        WHERE kind = ${kind} AND day >= ${from}::date AND pictures > 0 AND ${scopeOf(query, 'u')}
        GROUP BY 1, date_trunc(${window}, day)`;
    }
  }
}

function prefixed(table: string, column: SQL): SQL {
  return sql`${sql.raw(`${table}.`)}${column}`;
}

function scopeOf({ kind, place, channel, user, role }: PreviewQuery, table: 'l' | 'u'): SQL {
  const person = table === 'l' ? sql`l.user_id` : sql`u.key`;
  const where = table === 'u' && kind === 'channel' ? sql`u.key` : sql`${sql.raw(table)}.channel`;
  const parts = [
    sql`true`,
    ...(place === null || kind === 'host'
      ? []
      : [sql`${sql.raw(table)}.platform = ${place.platform} AND ${sql.raw(table)}.tenant = ${place.tenant}`]),
    ...(channel === null ? [] : [sql`${where} = ${channel}`]),
    ...(user === null || kind !== 'user' ? [] : [sql`${person} = ${user}`]),
    ...(role === null || kind !== 'user'
      ? []
      : [
          sql`EXISTS (SELECT 1 FROM generations r WHERE r.platform = ${sql.raw(table)}.platform AND r.user_id = ${person}
              AND r.tenant = ${sql.raw(table)}.tenant AND r.roles @> ${JSON.stringify([role])}::jsonb)`,
        ]),
  ];
  return sql.join(parts, sql` AND `);
}

function at(place: PeriodQuery['place']): SQL {
  return place === null ? sql`` : sql` AND platform = ${place.platform} AND tenant = ${place.tenant}`;
}

/**
 * Closed rows of the ledger go once no window counts them (their totals stay), totals by day become totals by month, and what
 * only the present needs goes. Safe to be cut off and to be repeated.
 */
export async function rollUp(database: Database, nowMs: number): Promise<RollUpOutcome> {
  const outcome = { ledgerRows: 0, dayRows: 0 };
  for (;;) {
    const gone = await rowsOf<{ id: string }>(
      database,
      sql`DELETE FROM ledger WHERE generation_id IN (SELECT generation_id FROM ledger
            WHERE reserved_at_ms < ${nowMs - LEDGER_KEPT_MS} AND state <> 'reserved' ORDER BY reserved_at_ms LIMIT ${BATCH})
          RETURNING generation_id AS id`,
    );
    outcome.ledgerRows += gone.length;
    if (gone.length < BATCH) break;
  }
  const oldest = new Date(nowMs - DAYS_KEPT * DAY_MS).toISOString().slice(0, 8).concat('01');
  const [moved] = await rowsOf<{ rows: number }>(
    database,
    sql`WITH old AS (
          DELETE FROM usage_days WHERE day < ${oldest}::date AND (day <> date_trunc('month', day)::date OR channel <> '') RETURNING *
        ), months AS (
          ${INTO_USAGE_DAYS}
          SELECT kind, platform, tenant, key, date_trunc('month', day)::date, '', sum(requests), sum(pictures), sum(engine_ms)
          FROM old GROUP BY 1, 2, 3, 4, 5 ${ADDED_TO_USAGE_DAYS}
        ) SELECT count(*)::int AS rows FROM old`,
  );
  outcome.dayRows = moved?.rows ?? 0;
  await database.execute(sql`DELETE FROM wait_days WHERE day < ${oldest}::date`);
  await database.execute(sql`DELETE FROM refusal_days WHERE day < ${oldest}::date`);
  await database.execute(sql`DELETE FROM last_refusals WHERE at_ms < ${nowMs - LEDGER_KEPT_MS}`);
  await database.execute(sql`DELETE FROM limit_grants WHERE created_at_ms < ${nowMs - LEDGER_KEPT_MS}`);
  return outcome;
}
