/** Easel with one adapter in a process of its own: what is measured must not share a thread with who measures. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, readConfig } from '../src/config.ts';
import { createLog } from '../src/ops/log.ts';
import { createEasel, type Easel } from '../src/studio/create-easel.ts';
import type { BenchModel } from './bench.ts';

const CHILD = '--easel-child';

export type EaselChild = {
  /** It draws, and its adapter was opened. */
  readonly isReady: () => boolean;
  /** When a picture was ready, by generation, of this machine's clock. */
  readonly readyAtMs: ReadonlyMap<string, number>;
  /** Those whose message shows the end. */
  readonly delivered: ReadonlySet<string>;
};

type Told = { kind: 'ready' } | { kind: 'finished' | 'delivered'; generationId: string; atMs: number };

/**
 * Starts it on a fresh folder; it ends when `work` does.
 *
 * @param program a file that calls `serveAsChild`
 * @param environment tokens and addresses of the adapter
 */
export async function withEaselChild<T>(
  program: string,
  model: BenchModel,
  environment: Readonly<Record<string, string>>,
  work: (child: EaselChild) => Promise<T>,
): Promise<T> {
  const dataDir = await mkdtemp(join(tmpdir(), 'easel-bench-'));
  const readyAtMs = new Map<string, number>();
  const delivered = new Set<string>();
  let isReady = false;
  const env = { ...process.env, ...environment };
  const child = fork(program, [CHILD, dataDir, model.modelsDir, model.name], { env });
  child.on('message', (message) => {
    const told = message as Told;
    if (told.kind === 'ready') isReady = true;
    else if (told.kind === 'finished') readyAtMs.set(told.generationId, told.atMs);
    else delivered.add(told.generationId);
  });
  try {
    return await work({ isReady: () => isReady, readyAtMs, delivered });
  } finally {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
    await rm(dataDir, { recursive: true, force: true });
  }
}

type CreateAdapter = (
  config: Config,
  easel: Easel,
  options: { modelsDir: string },
) => Promise<Parameters<Easel['connect']>[0]>;

/** Does nothing in a process that is no such child. */
export async function serveAsChild(createAdapter: CreateAdapter): Promise<void> {
  const [role, dataDir = '', modelsDir = '', model = ''] = process.argv.slice(2);
  if (role !== CHILD) return;
  const settings = { EASEL_DATA_DIR: dataDir, EASEL_PORT: '0', EASEL_MODEL: model, EASEL_DEVICE: 'cpu' };
  const config = readConfig({ ...process.env, ...settings });
  const tell = (told: Told) => process.send?.(told);
  const easel = await createEasel(config, { modelsDir, log: createLog({ level: 'error' }) });
  easel.events.subscribe((event) => {
    const atMs = Date.now();
    if (event.kind === 'finished') tell({ kind: 'finished', generationId: event.generation.id, atMs });
    if (event.kind === 'delivered') tell({ kind: 'delivered', generationId: event.generationId, atMs });
  });
  await easel.connect(await createAdapter(config, easel, { modelsDir }));
  await easel.ready;
  tell({ kind: 'ready' });
  await once(process, 'SIGTERM');
  await easel.close();
  process.disconnect();
}
