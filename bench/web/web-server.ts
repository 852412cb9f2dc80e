/** The web chat in a process of its own: what is measured must not share a thread with who measures. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createWebAdapter } from '../../adapters/web/web-adapter.ts';
import { readConfig } from '../../src/config.ts';
import { createLog } from '../../src/ops/log.ts';
import { createEasel } from '../../src/studio/create-easel.ts';
import type { BenchModel } from '../bench.ts';

const PROGRAM = fileURLToPath(import.meta.url);
const CHILD = '--web-server';

/** Ready to draw, on a fresh folder; it ends when `work` does. */
export async function withWebServer<T>(model: BenchModel, work: (address: string) => Promise<T>): Promise<T> {
  const dataDir = await mkdtemp(join(tmpdir(), 'easel-bench-web-'));
  try {
    return await withWebServerOn(dataDir, model, work);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** The same on a folder that holds something already. @param environment beside that of this process */
export async function withWebServerOn<T>(
  dataDir: string,
  model: BenchModel,
  work: (address: string) => Promise<T>,
  environment: Readonly<Record<string, string>> = {},
): Promise<T> {
  const child: ChildProcess = fork(PROGRAM, [CHILD, dataDir, model.modelsDir, model.name, JSON.stringify(environment)]);
  try {
    const [address] = await once(child, 'message');
    return await work(String(address));
  } finally {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }
}

/** A browser's session, without a browser. */
export async function enterWeb(address: string): Promise<Record<string, string>> {
  const answer = await fetch(`${address}/api/session`);
  await answer.text();
  return { cookie: answer.headers.getSetCookie()[0]?.split(';')[0] ?? '' };
}

export async function imagineOnWeb(address: string, headers: Record<string, string>, text: string): Promise<void> {
  const answer = await fetch(`${address}/api/messages`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ text, requestKey: crypto.randomUUID() }),
  });
  await answer.text();
}

async function serve(dataDir: string, modelsDir: string, model: string, more: string): Promise<void> {
  const config = readConfig({
    ...{ EASEL_DATA_DIR: dataDir, EASEL_PORT: '0', EASEL_MODEL: model, EASEL_DEVICE: 'cpu' },
    ...(JSON.parse(more) as Record<string, string>),
  });
  const easel = await createEasel(config, { modelsDir, log: createLog({ level: 'error' }) });
  const web = await createWebAdapter(config, easel, { modelsDir });
  await easel.connect(web);
  await easel.ready;
  process.send?.(web.address);
  await once(process, 'SIGTERM');
  await easel.close();
  process.disconnect();
}

const [role, dataDir = '', modelsDir = '', model = '', more = '{}'] = process.argv.slice(2);
if (role === CHILD) await serve(dataDir, modelsDir, model, more);
