/** The store on PGlite in a folder, owned by a worker thread; this side forwards calls and never runs SQL. */
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { AppError } from '../../errors.ts';
import { findPackageRoot } from '../../models/package-root.ts';
import { SCHEMA_VERSION } from '../migrations.ts';
import type { OpenedStore, Store, StoreInfo } from '../store.ts';
import {
  STORE_AREAS,
  type ThreadAnswer,
  type ThreadCall,
  type ThreadError,
  type ThreadGreeting,
  type ThreadOptions,
} from './thread-protocol.ts';

type Thread = {
  call(path: string, args: readonly unknown[]): Promise<unknown>;
  readonly recoveredSlots: number;
  end(): Promise<void>;
};

/**
 * Opens (or makes) the database in a folder. Whoever calls this holds the data folder's lock: PGlite has none.
 *
 * A thread that dies (out of memory, a full disk under the write-ahead log) fails its calls with `STORE_UNAVAILABLE`; the
 * next call opens the folder again, which replays what was acknowledged.
 *
 * @throws {AppError} `STORE_NEWER`, `STORE_NO_SPACE`, `STORE_NO_PERMISSION` or `STORE_FAILED`
 */
export async function openPgliteStore(folder: string): Promise<OpenedStore> {
  let opening: Promise<Thread> | null = startThread({ folder }, onDeath);
  let isClosed = false;
  const inFlight = new Set<Promise<unknown>>();
  function onDeath(): void {
    opening = null;
  }

  const first = await opening;

  async function send(path: string, args: readonly unknown[]): Promise<unknown> {
    opening ??= startThread({ folder }, onDeath).catch((error: unknown) => {
      opening = null;
      throw error;
    });
    return (await opening).call(path, args);
  }

  function forward(path: string, args: readonly unknown[]): Promise<unknown> {
    if (isClosed)
      return Promise.reject(new AppError('STORE_CLOSED', 'Easel is closing: the database takes no more calls.'));
    const call = send(path, args).finally(() => inFlight.delete(call));
    inFlight.add(call);
    return call;
  }

  const area = (name: keyof typeof STORE_AREAS) =>
    Object.fromEntries(
      STORE_AREAS[name].map((method) => [method, (...args: unknown[]) => forward(`${name}.${method}`, args)]),
    );
  const areas = Object.fromEntries(
    (Object.keys(STORE_AREAS) as (keyof typeof STORE_AREAS)[]).map((name) => [name, area(name)]),
  );
  // The names come from STORE_AREAS, which a type below holds to the seam; what crosses is the seam's own data.
  const store = { ...areas, accept: (...args: unknown[]) => forward('accept', args) } as unknown as Store;

  let closing: Promise<void> | null = null;
  async function close(): Promise<void> {
    isClosed = true;
    await Promise.allSettled(inFlight);
    const thread = await opening?.catch(() => null);
    await thread?.end();
  }

  return {
    ...store,
    describe: async () => {
      const counts = (await forward('describe', [])) as Pick<StoreInfo, 'generations' | 'unfinished'>;
      return { backEnd: 'pglite', schemaVersion: SCHEMA_VERSION, recoveredSlots: first.recoveredSlots, ...counts };
    },
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

/** Fails to compile when an area of the seam has a method that does not cross, or one crosses that is none. */
type Crossing = { [A in keyof typeof STORE_AREAS]: (typeof STORE_AREAS)[A][number] };
type Seam = { [A in Exclude<keyof Store, 'accept'>]: keyof Store[A] };
const _everyMethodCrosses: [Crossing, Seam] extends [Seam, Crossing] ? true : never = true;
void _everyMethodCrosses;

/**
 * Node 20 cannot run TypeScript in a thread, so under vitest, where this file is TypeScript, the thread is the compiled
 * file of `npm run build`; `npm test` builds first.
 */
function threadFile(): URL {
  const here = fileURLToPath(import.meta.url);
  if (!here.endsWith('.ts')) return new URL('./pglite-thread.js', import.meta.url);
  const root = findPackageRoot(import.meta.url);
  const compiled = join(root, 'dist', relative(root, here).replace(/pglite-store\.ts$/, 'pglite-thread.js'));
  if (!existsSync(compiled))
    throw new AppError('INTERNAL', 'The database thread is not compiled: run `npm run build`.');
  return pathToFileURL(compiled);
}

function startThread(options: ThreadOptions, onDeath: () => void): Promise<Thread> {
  const worker = new Worker(threadFile(), { workerData: options, name: 'easel-store' });
  const pending = new Map<number, { resolve(value: unknown): void; reject(error: AppError): void }>();
  let lastId = 0;
  let reason: unknown;
  let isEnding = false;

  function call(path: string, args: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = ++lastId;
      pending.set(id, { resolve, reject });
      worker.postMessage({ id, path, args } satisfies ThreadCall);
    });
  }

  async function end(): Promise<void> {
    isEnding = true;
    await call('close', []).catch(() => undefined);
    await worker.terminate();
  }

  return new Promise((resolve, reject) => {
    worker.once('message', (greeting: ThreadGreeting) => {
      if (!greeting.ready) return reject(toAppErrorAgain(greeting.error));
      worker.on('message', (answer: ThreadAnswer) => {
        const waiting = pending.get(answer.id);
        pending.delete(answer.id);
        if ('error' in answer) waiting?.reject(toAppErrorAgain(answer.error));
        else waiting?.resolve(answer.value);
      });
      resolve({ call, end, recoveredSlots: greeting.recoveredSlots });
    });
    worker.once('error', (error) => {
      reason = error;
    });
    worker.once('exit', () => {
      const gone = new AppError(
        'STORE_UNAVAILABLE',
        'The database stopped and is opened again. Try once more; what was accepted is safe.',
        { cause: reason },
      );
      if (!isEnding) onDeath();
      for (const { reject: rejectCall } of pending.values()) rejectCall(gone);
      pending.clear();
      reject(gone);
    });
  });
}

function toAppErrorAgain({ code, message, details, reason }: ThreadError): AppError {
  return new AppError(code, message, { details, ...(reason === null ? {} : { cause: new Error(reason) }) });
}
