/** What every statement of the store runs on: Drizzle over PGlite or over pg, or a transaction of either. */
import { type SQL, sql } from 'drizzle-orm';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import { AppError } from '../../errors.ts';
import { MIGRATIONS, SCHEMA_VERSION } from '../migrations.ts';

export type Database = PgDatabase<PgQueryResultHKT, Record<string, never>>;

/** Rows of a statement written by hand. Both drivers answer `{ rows }`; the caller vouches for the columns. */
export async function rowsOf<T extends Record<string, unknown>>(database: Database, query: SQL): Promise<T[]> {
  const result = (await database.execute(query)) as unknown as { rows: T[] };
  return result.rows;
}

/** Keeps two Easels that start on one PostgreSQL from migrating at once. */
const MIGRATION_LOCK_KEY = 0x6561_736c;

/**
 * Brings the schema to this version, all or nothing.
 *
 * @throws {AppError} `STORE_NEWER` when the database was written by a later Easel
 */
export async function migrate(database: Database): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.execute(sql`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK_KEY})`);
    await tx.execute(sql`CREATE TABLE IF NOT EXISTS easel_schema (version integer PRIMARY KEY)`);
    const [row] = await rowsOf<{ version: number | null }>(tx, sql`SELECT max(version) AS version FROM easel_schema`);
    const found = row?.version ?? 0;
    if (found > SCHEMA_VERSION) {
      throw new AppError(
        'STORE_NEWER',
        `The database was written by a newer Easel (schema ${found}, this one knows ${SCHEMA_VERSION}). ` +
          'Start that version, or give this one another data folder.',
        { details: { found, known: SCHEMA_VERSION } },
      );
    }
    for (const migration of MIGRATIONS.filter(({ version }) => version > found)) {
      for (const statement of migration.statements) await tx.execute(sql.raw(statement));
      await tx.execute(sql`INSERT INTO easel_schema (version) VALUES (${migration.version})`);
    }
  });
}
