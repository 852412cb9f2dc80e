/** The worker thread that owns PGlite: a long query stops this thread and not the bot. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import { toStoreError } from '../database-error.ts';
import { type Database, migrate } from '../sql/database.ts';
import { recoverSlots } from '../sql/jobs.ts';
import { countGenerations, createSqlStore } from '../sql/sql-store.ts';
import type { ThreadAnswer, ThreadCall, ThreadError, ThreadGreeting, ThreadOptions } from './thread-protocol.ts';

type Method = (...args: readonly unknown[]) => Promise<unknown>;

async function main(port: MessagePort, { folder }: ThreadOptions): Promise<void> {
  const client = await PGlite.create(folder);
  const database = drizzle(client) as unknown as Database;
  await migrate(database);
  const recoveredSlots = await recoverSlots(database);
  const methods = toMethods(database, client);
  port.on('message', (call: ThreadCall) => {
    void answer(methods, call).then((message) => port.postMessage(message));
  });
  port.postMessage({ ready: true, recoveredSlots } satisfies ThreadGreeting);
}

function toMethods(database: Database, client: PGlite): Map<string, Method> {
  const { accept, ...areas } = createSqlStore(database);
  const methods = new Map<string, Method>([
    ['accept', accept as Method],
    ['describe', () => countGenerations(database)],
    ['close', () => client.close()],
  ]);
  for (const [area, calls] of Object.entries(areas)) {
    for (const [name, call] of Object.entries(calls)) methods.set(`${area}.${name}`, call as Method);
  }
  return methods;
}

async function answer(methods: Map<string, Method>, { id, path, args }: ThreadCall): Promise<ThreadAnswer> {
  try {
    const method = methods.get(path);
    if (method === undefined) throw new Error(`The store has no ${path}.`);
    return { id, value: await method(...args) };
  } catch (error) {
    return { id, error: toThreadError(error) };
  }
}

function toThreadError(thrown: unknown): ThreadError {
  const { code, message, details, cause } = toStoreError(thrown);
  return { code, message, details, reason: cause instanceof Error ? cause.message : null };
}

if (parentPort !== null) {
  const port = parentPort;
  main(port, workerData as ThreadOptions).catch((error: unknown) => {
    port.postMessage({ ready: false, error: toThreadError(error) } satisfies ThreadGreeting);
    port.close();
  });
}
