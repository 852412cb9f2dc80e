/** The store on PostgreSQL: the same statements through a pool, repeated while the database is away. */
import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import { AppError } from '../../errors.ts';
import { toStoreError } from '../database-error.ts';
import { SCHEMA_VERSION } from '../migrations.ts';
import { withRetry } from '../retry.ts';
import { type Database, migrate } from '../sql/database.ts';
import { recoverSlots } from '../sql/jobs.ts';
import { countGenerations, createSqlStore } from '../sql/sql-store.ts';
import type { OpenedStore, Store } from '../store.ts';
import { takeOwnerLock } from './owner-lock.ts';

export type PostgresOptions = {
  connectionString: string;
  /** Connections at once. */
  poolSize?: number;
  /** How long a call that a person waits for is repeated while the database is away. */
  personPatienceMs?: number;
  /** The same for jobs and the outbox: nobody waits, and giving up would throw away a drawn picture. */
  workPatienceMs?: number;
};

const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Opens the database and brings its schema up to date.
 *
 * @throws {AppError} `STORE_UNAVAILABLE` when nothing answers, `STORE_LOCKED` when another Easel works on it, `STORE_NEWER`
 */
export async function openPostgresStore(options: PostgresOptions): Promise<OpenedStore> {
  const { connectionString, poolSize = 8, personPatienceMs = 5_000, workPatienceMs = 120_000 } = options;
  const pool = new pg.Pool({
    connectionString,
    max: poolSize,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    application_name: 'easel',
  });
  // An idle connection that is cut is replaced by the pool; unheard, the event would end the process.
  pool.on('error', () => undefined);
  // The same for one that is cut while a transaction holds it, between two queries: the next query of it fails and says so.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const database = openDatabase(pool);
  const owner = await withRetry(() => takeOwnerLock(connectionString), personPatienceMs).catch(
    async (error: unknown) => {
      await pool.end();
      throw error;
    },
  );
  let recoveredSlots: number;
  try {
    await withRetry(() => migrate(database), personPatienceMs);
    recoveredSlots = await withRetry(() => recoverSlots(database), personPatienceMs);
  } catch (error) {
    await owner.release();
    await pool.end();
    throw error;
  }

  const stop = new AbortController();
  const inFlight = new Set<Promise<unknown>>();
  async function run<T>(call: () => Promise<T>, patienceMs: number): Promise<T> {
    if (stop.signal.aborted) throw new AppError('STORE_CLOSED', 'Easel is closing: the database takes no more calls.');
    owner.assertOwned();
    const running = withRetry(call, patienceMs, stop.signal);
    inFlight.add(running);
    try {
      return await running;
    } finally {
      inFlight.delete(running);
    }
  }

  const plain = createSqlStore(database);
  const store: Store = {
    accept: (request) => run(() => plain.accept(request), personPatienceMs),
    generations: repeated(plain.generations, personPatienceMs),
    jobs: repeated(plain.jobs, workPatienceMs),
    outbox: repeated(plain.outbox, workPatienceMs),
    pictures: repeated(plain.pictures, workPatienceMs),
    people: repeated(plain.people, personPatienceMs),
    reactions: repeated(plain.reactions, personPatienceMs),
    gallery: repeated(plain.gallery, workPatienceMs),
    claims: repeated(plain.claims, personPatienceMs),
    signIns: repeated(plain.signIns, personPatienceMs),
    limits: repeated(plain.limits, personPatienceMs),
  };

  function repeated<A extends object>(area: A, patienceMs: number): A {
    const entries = Object.entries(area as Record<string, (...args: unknown[]) => Promise<unknown>>);
    return Object.fromEntries(
      entries.map(([name, call]) => [name, (...args: unknown[]) => run(() => call(...args), patienceMs)]),
    ) as A;
  }

  let closing: Promise<void> | null = null;
  async function close(): Promise<void> {
    stop.abort();
    await Promise.allSettled(inFlight);
    await owner.release();
    await pool.end();
  }

  return {
    ...store,
    describe: async () => {
      const counts = await run(() => countGenerations(database), personPatienceMs);
      return { backEnd: 'postgresql', schemaVersion: SCHEMA_VERSION, recoveredSlots, ...counts };
    },
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

/**
 * Drizzle over the pool, with a transaction of our own: Drizzle's sends `begin` before it is ready to give the connection
 * back, so one that dies there is lost to the pool for ever.
 */
function openDatabase(pool: pg.Pool): Database {
  const database = drizzle(pool) as unknown as Database;
  const transaction: Database['transaction'] = async (work, config) => {
    const client = await pool.connect();
    let isBroken = false;
    try {
      return await (drizzle(client) as unknown as Database).transaction(work, config);
    } catch (error) {
      isBroken = toStoreError(error).code === 'STORE_UNAVAILABLE';
      throw error;
    } finally {
      client.release(isBroken);
    }
  };
  return Object.assign(database, { transaction });
}
