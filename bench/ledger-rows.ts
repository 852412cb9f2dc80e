/** A PGlite folder whose ledger grows: as many rows as a server of thousands leaves behind in a month. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { openPgliteStore } from '../src/store/pglite/pglite-store.ts';

export type Ledger = {
  readonly folder: string;
  /** Writes rows until there are so many. The folder must not be open. */
  growTo(rows: number): Promise<void>;
};

export const PLATFORM = 'discord';
/** Fifty servers, of which the first has half of all rows. */
export const BUSY_TENANT = 'server-0';
export const USERS = 2_000;

/** @param nowMs rows lie in the month before it @param work `folder` is `db` in a data folder of its own */
export async function withLedger<T>(nowMs: number, work: (ledger: Ledger) => Promise<T>): Promise<T> {
  const parent = await mkdtemp(join(tmpdir(), 'easel-bench-'));
  const folder = join(parent, 'db');
  let written = 0;
  try {
    await (await openPgliteStore(folder)).close();
    return await work({
      folder,
      async growTo(rows) {
        const client = await PGlite.create(folder);
        await client.query(INSERT_LEDGER, [written + 1, rows, nowMs]);
        await client.exec(TOTALS);
        await client.exec('ANALYZE');
        await client.close();
        written = rows;
      },
    });
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
}

const INSERT_LEDGER = `
  INSERT INTO ledger (generation_id, state, platform, tenant, channel, user_id, model, pictures, engine_ms, reserved_at_ms, closed_at_ms,
    day, host_day)
  SELECT md5(n::text), 'settled', '${PLATFORM}', 'server-' || CASE WHEN n % 2 = 0 THEN 0 ELSE n % 50 END, 'channel-' || n % 20,
    'user-' || n % ${USERS}, 'easel-nano', 4, 1800, at, at, to_timestamp(at / 1000)::date, to_timestamp(at / 1000)::date
  FROM generate_series($1::int, $2::int) AS n, LATERAL (SELECT $3::bigint - (n::bigint * 7919 % 2592000) * 1000 AS at) AS times`;

const TOTALS = `
  TRUNCATE usage_days;
  INSERT INTO usage_days (kind, platform, tenant, key, day, channel, requests, pictures, engine_ms)
  SELECT u.kind, u.platform, u.tenant, u.key, u.day, u.channel, count(*), sum(l.pictures), sum(l.engine_ms)
  FROM ledger l CROSS JOIN LATERAL (VALUES
    ('user', l.platform, l.tenant, l.user_id, l.day, l.channel),
    ('channel', l.platform, l.tenant, l.channel, l.day, ''),
    ('model', l.platform, l.tenant, l.model, l.day, ''),
    ('tenant', l.platform, l.tenant, '', l.day, ''),
    ('host', '', '', '', l.host_day, '')
  ) AS u(kind, platform, tenant, key, day, channel)
  GROUP BY 1, 2, 3, 4, 5, 6;`;
