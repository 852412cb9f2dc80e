/** Easel on Slack's protocol server, in a process of its own: what is measured must not share a thread with who measures. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { createSlackAdapter } from '../../adapters/slack/slack-adapter.ts';
import { readConfig } from '../../src/config.ts';
import { findPackageRoot } from '../../src/models/package-root.ts';
import { createLog } from '../../src/ops/log.ts';
import { createEasel } from '../../src/studio/create-easel.ts';
import { eventually } from '../../test/fakes/protocol/eventually.ts';
import type { Person } from '../../test/fakes/slack/person.ts';
import { type SlackServer, startSlackServer } from '../../test/fakes/slack/slack-server.ts';
import type { BenchModel } from '../bench.ts';

const PROGRAM = fileURLToPath(import.meta.url);
const CHILD = '--slack-easel';
const PEOPLE = 20;
/** Slack's own limits are not what is measured. */
const TIER_FACTOR = 1_000;
const READY_WITHIN_MS = 120_000;

export type SlackEasel = {
  readonly server: SlackServer;
  readonly channel: string;
  readonly people: readonly Person[];
  /** When a picture was ready, by generation, of this machine's clock. */
  readonly readyAtMs: ReadonlyMap<string, number>;
  /** Those whose message shows the end. */
  readonly delivered: ReadonlySet<string>;
};

type Told = { kind: 'ready' } | { kind: 'finished' | 'delivered'; generationId: string; atMs: number };

/** Ready to draw, on a fresh folder; it ends when `work` does. */
export async function withSlackEasel<T>(model: BenchModel, work: (easel: SlackEasel) => Promise<T>): Promise<T> {
  const manifest = parse(readFileSync(join(findPackageRoot(import.meta.url), 'adapters/slack/manifest.yaml'), 'utf8'));
  const server = await startSlackServer({ manifest, tierFactor: TIER_FACTOR });
  const people = Array.from({ length: PEOPLE }, (_, at) => server.addPerson(`person${at}`));
  const channel = server.addChannel(
    'drawing',
    people.map(({ id }) => id),
  ).id;
  const dataDir = await mkdtemp(join(tmpdir(), 'easel-bench-slack-'));
  const readyAtMs = new Map<string, number>();
  const delivered = new Set<string>();
  let isReady = false;
  const child: ChildProcess = fork(PROGRAM, [CHILD, dataDir, model.modelsDir, model.name], {
    env: {
      ...process.env,
      SLACK_BOT_TOKEN: server.app.botToken,
      SLACK_APP_TOKEN: server.app.appToken,
      SLACK_API_URL: server.apiUrl,
    },
  });
  child.on('message', (message) => {
    const told = message as Told;
    if (told.kind === 'ready') isReady = true;
    else if (told.kind === 'finished') readyAtMs.set(told.generationId, told.atMs);
    else delivered.add(told.generationId);
  });
  try {
    await eventually('Easel', () => isReady && server.sockets.openCount > 0, READY_WITHIN_MS);
    return await work({ server, channel, people, readyAtMs, delivered });
  } finally {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
    await server.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function serve(dataDir: string, modelsDir: string, model: string): Promise<void> {
  const settings = { EASEL_DATA_DIR: dataDir, EASEL_PORT: '0', EASEL_MODEL: model, EASEL_DEVICE: 'cpu' };
  const config = readConfig({ ...process.env, ...settings });
  const tell = (told: Told) => process.send?.(told);
  const easel = await createEasel(config, { modelsDir, log: createLog({ level: 'error' }) });
  easel.events.subscribe((event) => {
    const atMs = Date.now();
    if (event.kind === 'finished') tell({ kind: 'finished', generationId: event.generation.id, atMs });
    if (event.kind === 'delivered') tell({ kind: 'delivered', generationId: event.generationId, atMs });
  });
  await easel.connect(await createSlackAdapter(config, easel, { modelsDir }));
  await easel.ready;
  tell({ kind: 'ready' });
  await once(process, 'SIGTERM');
  await easel.close();
  process.disconnect();
}

const [role, dataDir = '', modelsDir = '', model = ''] = process.argv.slice(2);
if (role === CHILD) await serve(dataDir, modelsDir, model);
