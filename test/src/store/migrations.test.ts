import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import { expect, test } from 'vitest';
import { MIGRATIONS } from '../../../src/store/migrations.ts';
import { type Database, migrate } from '../../../src/store/sql/database.ts';

const LEDGER_BY_DAY = 5;
const AT_MS = Date.UTC(2026, 0, 15, 23, 30);

test('what was in the ledger before there were totals by day is in them afterwards', { timeout: 120_000 }, async () => {
  const client = await PGlite.create();
  try {
    await client.exec('CREATE TABLE easel_schema (version integer PRIMARY KEY)');
    for (const { version, statements } of MIGRATIONS.filter((each) => each.version < LEDGER_BY_DAY)) {
      await client.exec([...statements, `INSERT INTO easel_schema VALUES (${version})`].join(';'));
    }
    for (const [id, state, user, pictures] of [
      ['a', 'settled', 'ada', 4],
      ['b', 'reserved', 'ada', 2],
      ['c', 'settled', 'bob', 1],
      ['d', 'refunded', 'bob', 0],
    ]) {
      await client.query(
        `INSERT INTO ledger (generation_id, state, platform, tenant, channel, user_id, model, pictures, engine_ms, reserved_at_ms)
         VALUES ($1, $2, 'chat', 'team', 'art', $3, 'nano', $4, 100, $5)`,
        [id, state, user, pictures, AT_MS],
      );
    }
    await migrate(drizzle(client) as unknown as Database);
    const { rows } = await client.query(
      `SELECT kind, key, channel, requests, pictures, engine_ms FROM usage_days WHERE day = '2026-01-15' ORDER BY kind, key`,
    );
    const all = { requests: 3, pictures: 7, engine_ms: 300 };
    expect(rows).toEqual([
      { kind: 'channel', key: 'art', channel: '', ...all },
      { kind: 'host', key: '', channel: '', ...all },
      { kind: 'model', key: 'nano', channel: '', ...all },
      { kind: 'tenant', key: '', channel: '', ...all },
      { kind: 'user', key: 'ada', channel: 'art', requests: 2, pictures: 6, engine_ms: 200 },
      { kind: 'user', key: 'bob', channel: 'art', requests: 1, pictures: 1, engine_ms: 100 },
    ]);
    const { rows: days } = await client.query('SELECT DISTINCT day::text, host_day::text FROM ledger');
    expect(days).toEqual([{ day: '2026-01-15', host_day: '2026-01-15' }]);
  } finally {
    await client.close();
  }
});
