/** Easel on Discord's protocol server, in a process of its own: what is measured must not share a thread with who measures. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createDiscordAdapter } from '../../adapters/discord/discord-adapter.ts';
import { readConfig } from '../../src/config.ts';
import { createLog } from '../../src/ops/log.ts';
import { createEasel } from '../../src/studio/create-easel.ts';
import type { Person } from '../../test/fakes/discord/person.ts';
import { type DiscordServer, startDiscordServer } from '../../test/fakes/discord/server.ts';
import { eventually } from '../../test/fakes/protocol/eventually.ts';
import type { BenchModel } from '../bench.ts';

const PROGRAM = fileURLToPath(import.meta.url);
const CHILD = '--discord-easel';
const PEOPLE = 20;
const READY_WITHIN_MS = 120_000;

export type DiscordEasel = {
  readonly server: DiscordServer;
  readonly channel: string;
  readonly people: readonly Person[];
  /** When a picture was ready, by generation, of this machine's clock. */
  readonly readyAtMs: ReadonlyMap<string, number>;
  /** Those whose message shows the end. */
  readonly delivered: ReadonlySet<string>;
};

type Told = { kind: 'ready' } | { kind: 'finished' | 'delivered'; generationId: string; atMs: number };

/** Ready to draw, on a fresh folder; it ends when `work` does. */
export async function withDiscordEasel<T>(model: BenchModel, work: (easel: DiscordEasel) => Promise<T>): Promise<T> {
  // What Discord allows is not what is measured.
  const server = await startDiscordServer({ rateLimits: { routes: {}, globalPerSecond: 10_000 } });
  const people = Array.from({ length: PEOPLE }, (_, at) => server.person(`person${at}`));
  const channel = server.guild('Painters', people).addChannel('drawing');
  const dataDir = await mkdtemp(join(tmpdir(), 'easel-bench-discord-'));
  const readyAtMs = new Map<string, number>();
  const delivered = new Set<string>();
  let isReady = false;
  const child: ChildProcess = fork(PROGRAM, [CHILD, dataDir, model.modelsDir, model.name, server.token, server.api]);
  child.on('message', (message) => {
    const told = message as Told;
    if (told.kind === 'ready') isReady = true;
    else if (told.kind === 'finished') readyAtMs.set(told.generationId, told.atMs);
    else delivered.add(told.generationId);
  });
  try {
    await eventually('Easel', () => isReady && server.world.commands.size > 0, READY_WITHIN_MS);
    return await work({ server, channel, people, readyAtMs, delivered });
  } finally {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
    await server.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

type Plan = { dataDir: string; modelsDir: string; model: string; token: string; api: string };

async function serve({ dataDir, modelsDir, model, token, api }: Plan): Promise<void> {
  const config = readConfig({
    EASEL_DATA_DIR: dataDir,
    EASEL_PORT: '0',
    EASEL_MODEL: model,
    EASEL_DEVICE: 'cpu',
    DISCORD_TOKEN: token,
    DISCORD_API_URL: api,
  });
  const tell = (told: Told) => process.send?.(told);
  const easel = await createEasel(config, { modelsDir, log: createLog({ level: 'error' }) });
  easel.events.subscribe((event) => {
    const atMs = Date.now();
    if (event.kind === 'finished') tell({ kind: 'finished', generationId: event.generation.id, atMs });
    if (event.kind === 'delivered') tell({ kind: 'delivered', generationId: event.generationId, atMs });
  });
  await easel.connect(await createDiscordAdapter(config, easel, { modelsDir }));
  await easel.ready;
  tell({ kind: 'ready' });
  await once(process, 'SIGTERM');
  await easel.close();
  process.disconnect();
}

const [role, dataDir = '', modelsDir = '', model = '', token = '', api = ''] = process.argv.slice(2);
if (role === CHILD) await serve({ dataDir, modelsDir, model, token, api });
