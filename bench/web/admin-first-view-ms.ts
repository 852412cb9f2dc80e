/** From the address of a view of the web admin to its numbers and pictures, over a year of a busy Easel; the bound is 1,000 ms. */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import type { Page } from 'playwright-core';
import { encodePng } from '../../src/image/png.ts';
import { openDataFolder } from '../../src/store/data-folder.ts';
import { type Bench, medianOf, toResult } from '../bench.ts';
import { BUSY_TENANT, PLATFORM, withLedger } from '../ledger-rows.ts';
import { withWebServerOn } from './web-server.ts';

const NAME = 'admin-first-view-ms';
const LEDGER_ROWS = 1_000_000;
/** With a picture each. */
const GENERATIONS = 50_000;
const ROUNDS = 5;
const TOKEN = 'a-token-of-the-bench-alone';
const SIDE_PX = 128;
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
/** What has to be seen of each view. */
const VIEWS = {
  live: '.facts',
  usage: '.uplot',
  gallery: '.tile img',
  limits: '.plans',
  audit: '.content form',
} as const;

export const adminFirstView: Bench = {
  name: NAME,
  async run(model) {
    const executablePath = CHROMIUM.find((path) => existsSync(path));
    if (executablePath === undefined) throw new Error(`${NAME} needs Chromium.`);
    const nowMs = Date.now();
    return withLedger(nowMs, async ({ folder, growTo }) => {
      await growTo(LEDGER_ROWS);
      const dataDir = dirname(folder);
      await addPictures(dataDir, folder, nowMs);
      const timesMs = await withWebServerOn(
        dataDir,
        model,
        async (address) => {
          const { chromium } = await import('playwright-core');
          const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
          try {
            return await viewAll(await browser.newPage(), address);
          } finally {
            await browser.close();
          }
        },
        { EASEL_HOST_TOKEN: TOKEN },
      );
      const slowest = Math.max(...timesMs.values());
      const each = [...timesMs].map(([view, ms]) => `${view} ${Math.round(ms)}`).join(', ');
      const note = `the slowest of ${each} ms (medians of ${ROUNDS}), ${LEDGER_ROWS} ledger rows, ${GENERATIONS} pictures, against the bound`;
      return toResult(NAME, 'ms', slowest, 1_000, note);
    });
  },
};

async function viewAll(page: Page, address: string): Promise<ReadonlyMap<string, number>> {
  await page.goto(`${address}/admin`);
  await page.getByLabel('Host token').fill(TOKEN);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('.facts').first().waitFor();
  const timesMs = new Map<string, number>();
  for (const [view, sign] of Object.entries(VIEWS)) {
    const rounds: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const startMs = performance.now();
      await page.goto(`${address}/admin/${view}?place=${PLATFORM}/${BUSY_TENANT}`, { waitUntil: 'commit' });
      await page.locator(sign).first().waitFor();
      rounds.push(performance.now() - startMs);
    }
    timesMs.set(view, medianOf(rounds));
  }
  return timesMs;
}

async function addPictures(dataDir: string, folder: string, nowMs: number): Promise<void> {
  const rgba = new Uint8Array(SIDE_PX * SIDE_PX * 4).map((_, at) => (at % 4 === 3 ? 255 : (at * 7) % 251));
  const { blobs, close } = await openDataFolder({ dataDir, databaseUrl: null });
  const blobKey = await blobs.put(await encodePng({ rgba, widthPx: SIDE_PX, heightPx: SIDE_PX }));
  await close();
  const client = await PGlite.create(folder);
  await client.query(INSERT_GENERATIONS, [GENERATIONS, nowMs]);
  await client.query(INSERT_SLOTS, [blobKey]);
  await client.exec('ANALYZE');
  await client.close();
}

const INSERT_GENERATIONS = `
  INSERT INTO generations (id, request_key, request_index, kind, prompt, options, seed, model, model_hash, status, platform, tenant,
    channel, user_id, roles, is_private, target, is_kept, created_at_ms, started_at_ms, finished_at_ms)
  SELECT lpad(to_hex($2::bigint - n * 50000::bigint), 12, '0') || '-' || md5(n::text), 'admin-' || n, 0, 'imagine',
    'a red fox number ' || n || ' under a rainbow', '{"count": 1}', n, 'easel-nano', 'c0ffee', 'drawn', '${PLATFORM}', '${BUSY_TENANT}',
    'channel-' || n % 20, 'user-' || n % 2000, '[]', false, '{}', n % 50 = 0, $2::bigint - n * 50000::bigint,
    $2::bigint - n * 50000::bigint, $2::bigint - n * 50000::bigint
  FROM generate_series(1, $1::int) AS n`;

const INSERT_SLOTS = `
  INSERT INTO slots (generation_id, picture_index, state, attempts, ids, blob_key, size_bytes, width_px, height_px, draw_ms, engine_ms,
    drawn_at_ms)
  SELECT id, 0, 'drawn', 1, decode('0102', 'hex'), $1::text, 20000, ${SIDE_PX}, ${SIDE_PX}, 900, 450, created_at_ms
  FROM generations WHERE request_key LIKE 'admin-%'`;
