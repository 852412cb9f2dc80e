/** Runs lives of an Easel one after the other on the same data, each killed where it is told, and judges what was delivered. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { loadCatalog } from '../../src/models/catalog.ts';
import { type OutsidePlatform, openOutsidePlatform, type Reported } from './outside-platform.ts';

const MODELS_DIR = fileURLToPath(new URL('../fixtures', import.meta.url));
const CHILD = fileURLToPath(new URL('./child.mjs', import.meta.url));

export type Lives = {
  platform: OutsidePlatform;
  /** @returns how it ended */
  live(killAt: string | null): Promise<{ signal: string | null; code: number | null; errors: string }>;
  end(): Promise<void>;
};

export async function openLives(databaseUrl: string | null, worker: 'fake' | 'real'): Promise<Lives> {
  const dataDir = await mkdtemp(join(tmpdir(), 'easel-crash-'));
  const platform = await openOutsidePlatform();
  const catalog = await loadCatalog(MODELS_DIR);
  const { name, hash } = await catalog.resolve(catalog.defaultName);
  let life = 0;
  return {
    platform,
    live(killAt) {
      life += 1;
      const plan = {
        life,
        dataDir,
        databaseUrl,
        platformUrl: platform.url,
        modelsDir: MODELS_DIR,
        model: { name, hash },
        worker,
        killAt,
      };
      return new Promise((resolve) => {
        // Its own process group: the worker dies with it, as in a power cut.
        const child = spawn(process.execPath, [CHILD, JSON.stringify(plan)], {
          detached: true,
          stdio: ['ignore', 'ignore', 'pipe'],
        });
        let errors = '';
        child.stderr.on('data', (chunk) => {
          errors += chunk;
        });
        child.on('close', (code, signal) => resolve({ code, signal, errors }));
      });
    },
    async end() {
      await platform.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

const ENDS: Record<string, string> = { drawn: 'result', failed: 'failed', cancelled: 'cancelled' };

/** Every accepted request is delivered exactly once or refunded: by the database's word and by what the platform shows. */
export function judge(platform: OutsidePlatform): void {
  const byId = new Map(platform.reported.map((each) => [each.id, each]));
  for (const { requestKey, generationId } of platform.owed) {
    if (platform.removing.has(generationId)) continue;
    expect(byId.get(generationId), `${requestKey} was accepted and is lost`).toBeDefined();
  }
  const keys = platform.reported.filter(({ status }) => status !== 'removed').map(({ requestKey }) => requestKey);
  expect(new Set(keys).size, 'a request key with two generations').toBe(keys.length);
  for (const each of platform.reported) judgeOne(platform, each);
}

function judgeOne(platform: OutsidePlatform, { id, requestKey, status, charge, outbox }: Reported): void {
  const told = `${requestKey} (${status}, ${charge}, ${outbox})`;
  // Copies sent to somebody by hand are messages of their own.
  const own = platform.all.filter(({ generationId, channel }) => generationId === id && channel !== '@bob');
  expect(own.length, `${told} was posted more than once`).toBeLessThanOrEqual(1);
  if (status === 'removed' || platform.removing.has(id)) return;
  expect(Object.keys(ENDS), `${told} never ended`).toContain(status);
  expect(charge, told).toBe(status === 'drawn' ? 'settled' : 'refunded');
  expect(outbox, told).toBe(status === 'drawn' ? 'posted' : 'refunded');
  const [message] = own;
  // Cancelled before it had a message, or nobody to tell: refunded is all there is.
  if (message === undefined) expect(status, told).toBe('cancelled');
  else expect(message.views.at(-1)?.kind, told).toBe(ENDS[status]);
}
