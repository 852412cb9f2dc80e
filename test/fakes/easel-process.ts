/** Easel with its adapters in a process of its own, to be opened, killed and opened again on the same data. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const FIXTURES_DIR = fileURLToPath(new URL('../fixtures', import.meta.url));
const PROGRAM = fileURLToPath(new URL('./easel-program.mjs', import.meta.url));

/** Discord and Slack are connected when `environment` holds their tokens. */
export type EaselPlan = {
  /** Default: yes. */
  web?: boolean;
  worker: 'fake' | 'real';
  /** null: the models that ship. */
  modelsDir?: string | null;
  environment?: Readonly<Record<string, string>>;
  /** How soon a reaction can be taken back; default: 15 s, since a test may wait for its machine. */
  takeBackMs?: number;
  /** Of the fake worker. */
  rowMs?: number;
};

export type EaselProcess = {
  /** Of the web chat. */
  readonly address: string;
  readonly dataDir: string;
  /** What it wrote to standard error. */
  readonly errors: string;
  say(message: 'hold' | 'release'): Promise<void>;
  /**
   * From here on it kills itself there.
   * @param point `before` or `after` and a step, such as `after post`; null: nowhere
   * @param since only once a request has come to this step: what was asked before may still be on its way
   */
  dieAt(point: string | null, since?: 'accept'): Promise<void>;
  /** Once it is dead. */
  died(): Promise<void>;
  /** SIGKILL to its whole group, worker and all. */
  kill(): Promise<void>;
  startAgain(): Promise<void>;
  close(): Promise<void>;
};

export async function openEasel(plan: EaselPlan): Promise<EaselProcess> {
  const dataDir = await mkdtemp(join(tmpdir(), 'easel-test-'));
  const port = await freePort();
  let child: ChildProcess;
  let address = '';
  let errors = '';

  async function start(): Promise<void> {
    const whole = { dataDir, port, modelsDir: FIXTURES_DIR, ...plan };
    // Its own group: the worker dies with it, as in a power cut.
    child = spawn(process.execPath, [PROGRAM, JSON.stringify(whole)], {
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    child.stderr?.on('data', (chunk) => {
      errors += chunk;
    });
    const ended = once(child, 'exit').then(() => {
      throw new Error(`Easel ended before it was ready: ${errors}`);
    });
    const [told] = await Promise.race([once(child, 'message'), ended]);
    ended.catch(() => {});
    address = (told as { address: string }).address;
  }

  async function end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const { pid } = child;
    if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    // Only a kill takes the worker with it; asked to end, the program ends it itself.
    process.kill(signal === 'SIGKILL' ? -pid : pid, signal);
    await ended;
  }

  async function tell(message: string | object): Promise<void> {
    const heard = once(child, 'message');
    child.send(message);
    await heard;
  }

  await start();
  return {
    get address() {
      return address;
    },
    dataDir,
    get errors() {
      return errors;
    },
    say: tell,
    dieAt: (point, since) => tell({ dieAt: point, since }),
    async died() {
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
    kill: () => end('SIGKILL'),
    startAgain: start,
    async close() {
      await end('SIGTERM');
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** The same one after a restart: pages come back to it. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
