/** A PGlite folder with as many generations as a year of a busy server leaves behind. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { openPgliteStore } from '../src/store/pglite/pglite-store.ts';

export type StoredGenerations = {
  /** Of all: they are drawn and posted, four pictures each. */
  finished: number;
  /** Of one picture each, still waiting; one in a hundred was being drawn when the power went. */
  unfinished: number;
};

/** Written as rows, since accepting them one by one would take a quarter of an hour. */
export async function withStoredGenerations<T>(
  { finished, unfinished }: StoredGenerations,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const parent = await mkdtemp(join(tmpdir(), 'easel-bench-'));
  const folder = join(parent, 'db');
  try {
    await (await openPgliteStore(folder)).close();
    const client = await PGlite.create(folder);
    await client.query(INSERT_GENERATIONS, [finished, unfinished]);
    await client.exec(INSERT_THE_REST);
    await client.exec('VACUUM ANALYZE');
    await client.close();
    return await work(folder);
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
}

const INSERT_GENERATIONS = `
  INSERT INTO generations (id, request_key, request_index, kind, prompt, options, seed, model, model_hash, status, platform, tenant,
    channel, user_id, roles, is_private, target, is_kept, created_at_ms, started_at_ms, finished_at_ms)
  SELECT
    lpad(to_hex(1760000000000 + n * 300), 12, '0') || '-' || md5(n::text),
    'key-' || n, 0, 'imagine', 'a red fox number ' || n || ' under a rainbow', '{"style": "noto", "count": 4}', n, 'easel-nano', 'c0ffee',
    CASE WHEN n <= $1::int THEN 'drawn' WHEN n % 100 = 0 THEN 'drawing' ELSE 'queued' END,
    'discord', 'server-' || n % 50, 'channel-' || n % 200, 'user-' || n % 2000, '["artist"]', false, '{"locale": "en"}', false,
    1760000000000 + n * 300, 1760000000000 + n * 300, CASE WHEN n <= $1::int THEN 1760000000000 + n * 300 END
  FROM generate_series(1, $1::int + $2::int) AS n`;

const INSERT_THE_REST = `
  INSERT INTO slots (generation_id, picture_index, state, attempts, ids, blob_key, size_bytes, width_px, height_px, draw_ms, engine_ms,
    drawn_at_ms)
  SELECT id, p, 'drawn', 1, decode(repeat('0102', 256), 'hex'), md5(id || p) || md5(id), 90000, 256, 256, 900, 450, created_at_ms
  FROM generations, generate_series(0, 3) AS p WHERE status = 'drawn';

  INSERT INTO slots (generation_id, picture_index, state, attempts)
  SELECT id, 0, CASE status WHEN 'drawing' THEN 'drawing' ELSE 'waiting' END, 0 FROM generations WHERE status <> 'drawn';

  INSERT INTO ledger (generation_id, state, platform, tenant, channel, user_id, model, pictures, engine_ms, reserved_at_ms, day, host_day)
  SELECT id, CASE status WHEN 'drawn' THEN 'settled' ELSE 'reserved' END, platform, tenant, channel, user_id, model, 4, 1800, created_at_ms,
    to_timestamp(created_at_ms / 1000.0)::date, to_timestamp(created_at_ms / 1000.0)::date
  FROM generations;

  INSERT INTO outbox (generation_id, state, is_ready, platform, channel, message_id, attempts, next_attempt_at_ms, created_at_ms)
  SELECT id, CASE status WHEN 'drawn' THEN 'posted' ELSE 'placeholder' END, false, platform, channel, 'message-' || request_key, 0,
    created_at_ms, created_at_ms FROM generations;

  INSERT INTO deliveries (platform, channel, message_id, generation_id)
  SELECT platform, channel, message_id, generation_id FROM outbox;`;
