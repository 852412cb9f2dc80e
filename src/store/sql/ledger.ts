/** The ledger and its totals by day: whatever changes a row of the one changes the other in the same statement. */
import { type SQL, sql } from 'drizzle-orm';
import type { Database } from './database.ts';

/** Waits are counted in steps of a fifth. */
export const WAIT_STEP = 1.2;

/** The totals that one row of the ledger belongs to; `row` has the columns of the ledger. In the order of their key, so that two writers never wait for each other. */
export function totalsOf(row: SQL): SQL {
  return sql`(VALUES
      ('channel', ${row}.platform, ${row}.tenant, ${row}.channel, ${row}.day, ''),
      ('host', '', '', '', ${row}.host_day, ''),
      ('model', ${row}.platform, ${row}.tenant, ${row}.model, ${row}.day, ''),
      ('tenant', ${row}.platform, ${row}.tenant, '', ${row}.day, ''),
      ('user', ${row}.platform, ${row}.tenant, ${row}.user_id, ${row}.day, ${row}.channel)
    ) AS total(kind, platform, tenant, key, day, channel)`;
}

export const INTO_USAGE_DAYS = sql`INSERT INTO usage_days (kind, platform, tenant, key, day, channel, requests, pictures, engine_ms)`;

export const ADDED_TO_USAGE_DAYS = sql`ON CONFLICT (kind, platform, tenant, key, day, channel) DO UPDATE SET
    requests = usage_days.requests + excluded.requests,
    pictures = usage_days.pictures + excluded.pictures,
    engine_ms = usage_days.engine_ms + excluded.engine_ms`;

const NOTHING = sql`SELECT 0 AS pictures, 0::float8 AS engine_ms`;

export async function refund(tx: Database, generationId: string, nowMs: number): Promise<void> {
  await tx.execute(close(sql`l.generation_id = ${generationId}`, 'refunded', NOTHING, nowMs));
}

/** All that one person has reserved. */
export async function refundPerson(tx: Database, platform: string, user: string): Promise<void> {
  await tx.execute(close(sql`l.platform = ${platform} AND l.user_id = ${user}`, 'refunded', NOTHING, null));
}

/** Charges what was really drawn, never more pictures than were reserved, and notes how long it had waited. */
export async function settle(tx: Database, generationId: string, nowMs: number): Promise<void> {
  const drawn = sql`SELECT least(l.pictures, count(*))::int AS pictures, coalesce(sum(s.engine_ms), 0) AS engine_ms
    FROM slots s WHERE s.generation_id = l.generation_id AND s.state = 'drawn'`;
  await tx.execute(close(sql`l.generation_id = ${generationId}`, 'settled', drawn, nowMs));
}

function close(which: SQL, state: 'settled' | 'refunded', charge: SQL, nowMs: number | null): SQL {
  const row = sql.raw('due');
  const waited = sql`, waited AS (
      INSERT INTO wait_days (platform, tenant, day, step, jobs, wait_ms)
      SELECT due.platform, due.tenant, due.day, floor(ln(greatest(1, g.started_at_ms - g.created_at_ms)) / ln(${WAIT_STEP}::float8))::int, 1,
        greatest(0, g.started_at_ms - g.created_at_ms)
      FROM due JOIN generations g ON g.id = due.generation_id WHERE g.started_at_ms IS NOT NULL AND due.new_pictures > 0
      ON CONFLICT (platform, tenant, day, step) DO UPDATE SET jobs = wait_days.jobs + 1, wait_ms = wait_days.wait_ms + excluded.wait_ms
    )`;
  return sql`WITH due AS MATERIALIZED (
      SELECT l.*, charge.pictures AS new_pictures, charge.engine_ms AS new_engine_ms
      FROM ledger l CROSS JOIN LATERAL (${charge}) AS charge
      WHERE ${which} AND l.state = 'reserved' FOR UPDATE OF l
    ), closed AS (
      UPDATE ledger SET state = ${state}, pictures = due.new_pictures, engine_ms = due.new_engine_ms, closed_at_ms = ${nowMs}::bigint
      FROM due WHERE ledger.generation_id = due.generation_id
    )${state === 'settled' ? waited : sql``}
    ${INTO_USAGE_DAYS}
    SELECT total.kind, total.platform, total.tenant, total.key, total.day, total.channel,
      ${state === 'settled' ? sql`0` : sql`-count(*)`}, sum(due.new_pictures - due.pictures), sum(due.new_engine_ms - due.engine_ms)
    FROM due CROSS JOIN LATERAL ${totalsOf(row)}
    GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6
    ${ADDED_TO_USAGE_DAYS}`;
}
