/** One Easel per PostgreSQL database: an advisory lock on a connection of its own, taken again when that is lost. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { AppError } from '../../errors.ts';

const OWNER_LOCK_KEY = 0x6561_736d;
const AGAIN_AFTER_MS = 1_000;
/** The server of a connection that died without a word notices late: a restarted Easel gives it this long. */
const HANDOVER_MS = 3_000;
/** How long the server has to answer a goodbye; then the connection ends with the process. */
const GOODBYE_MS = 1_000;

export type OwnerLock = {
  /** @throws {AppError} `STORE_LOCKED` when another Easel took the database while this one had lost it */
  assertOwned(): void;
  release(): Promise<void>;
};

/** @throws {AppError} `STORE_LOCKED` when another Easel works on this database */
export async function takeOwnerLock(connectionString: string): Promise<OwnerLock> {
  const stop = new AbortController();
  let isTaken = false;
  let client = await connect();

  async function connect(): Promise<pg.Client> {
    const fresh = new pg.Client({
      connectionString,
      keepAlive: true,
      application_name: 'easel owner',
      connectionTimeoutMillis: 5_000,
    });
    // Without a listener the loss of this connection would end the process; `end` follows and says the same.
    fresh.on('error', () => undefined);
    try {
      await fresh.connect();
      await lock(fresh);
    } catch (error) {
      // Not waited for: the end of a connection that never began may never come.
      void fresh.end().catch(() => undefined);
      throw error;
    }
    fresh.once('end', () => void takeAgain());
    return fresh;
  }

  async function lock(fresh: pg.Client): Promise<void> {
    for (let waitedMs = 0; ; waitedMs += 500) {
      const { rows } = await fresh.query<{ taken: boolean }>(
        // The key of the schema tells two Easels apart that share a database by search_path.
        `SELECT pg_try_advisory_lock($1, hashtext(current_schema())) AS taken`,
        [OWNER_LOCK_KEY],
      );
      if (rows[0]?.taken) return;
      if (waitedMs >= HANDOVER_MS) throw lockedError();
      await sleep(500);
    }
  }

  async function takeAgain(): Promise<void> {
    while (!stop.signal.aborted) {
      try {
        client = await connect();
        isTaken = false;
        if (stop.signal.aborted) await client.end();
        return;
      } catch (error) {
        isTaken = error instanceof AppError;
        await sleep(AGAIN_AFTER_MS, undefined, { signal: stop.signal, ref: false }).catch(() => undefined);
      }
    }
  }

  return {
    assertOwned: () => {
      if (isTaken) throw lockedError();
    },
    release: async () => {
      stop.abort();
      await Promise.race([client.end().catch(() => undefined), sleep(GOODBYE_MS, undefined, { ref: false })]);
    },
  };
}

function lockedError(): AppError {
  return new AppError(
    'STORE_LOCKED',
    'Another Easel works on this PostgreSQL database. Stop that one, or set DATABASE_URL to another database.',
  );
}
