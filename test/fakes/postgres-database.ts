/** A fresh PostgreSQL database for one suite on the server that tests use, or the reason why there is none. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** Where tests find PostgreSQL; the server must let this user create databases. */
const SERVER_URL = 'postgres://postgres@127.0.0.1:5432/test';

export type PostgresDatabase = {
  url: string;
  query(text: string): Promise<Record<string, unknown>[]>;
  drop(): Promise<void>;
};

/** @returns null when PostgreSQL answers, else the reason a suite is skipped with */
export async function whyNoPostgres(): Promise<string | null> {
  const client = new pg.Client({ connectionString: SERVER_URL, connectionTimeoutMillis: 3_000 });
  try {
    await client.connect();
    return null;
  } catch (error) {
    return `no PostgreSQL at 127.0.0.1:5432 (${error instanceof Error ? error.message : String(error)})`;
  } finally {
    await client.end().catch(() => undefined);
  }
}

export async function createPostgresDatabase(): Promise<PostgresDatabase> {
  const name = `easel_test_${process.pid}_${randomBytes(4).toString('hex')}`;
  await queryOnce(SERVER_URL, `CREATE DATABASE ${name}`);
  const url = SERVER_URL.replace(/test$/, name);
  return {
    url,
    query: (text) => queryOnce(url, text),
    drop: async () => {
      await queryOnce(SERVER_URL, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}

async function queryOnce(connectionString: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}
