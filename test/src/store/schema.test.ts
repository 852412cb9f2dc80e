import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { is, SQL } from 'drizzle-orm';
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core';
import { drizzle } from 'drizzle-orm/pglite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MIGRATIONS, SCHEMA_VERSION } from '../../../src/store/migrations.ts';
import * as schema from '../../../src/store/schema.ts';
import { type Database, migrate } from '../../../src/store/sql/database.ts';
import { copyPgliteFolder } from '../../fakes/pglite-folder.ts';

describe('the schema', () => {
  let folder: string;
  let client: PGlite;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'easel-schema-'));
    await copyPgliteFolder(join(folder, 'db'));
    client = await PGlite.create(join(folder, 'db'));
  }, 240_000);
  afterAll(async () => {
    await client.close();
    await rm(folder, { recursive: true });
  });

  test('versions are numbered from one without a gap', () => {
    expect(MIGRATIONS.map(({ version }) => version)).toEqual(MIGRATIONS.map((_, index) => index + 1));
  });

  test('the migrations make exactly the tables and columns that the code reads', async () => {
    const tables = Object.values(schema).filter((one) => is(one, PgTable));
    const known = tables.flatMap((table) => {
      const { name, columns } = getTableConfig(table);
      return columns.map(
        (column) => `${name}.${column.name} ${column.getSQLType()}${column.notNull ? ' not null' : ''}`,
      );
    });
    const { rows } = await client.query<{ line: string }>(
      `SELECT table_name || '.' || column_name || ' ' || data_type || CASE is_nullable WHEN 'NO' THEN ' not null' ELSE '' END AS line
       FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'easel_schema'`,
    );
    expect(new Set(known)).toEqual(new Set(rows.map(({ line }) => line)));
  });

  test('no default hides in the code that the database does not have', () => {
    const tables = Object.values(schema).filter((one) => is(one, PgTable));
    const defaults = tables.flatMap((table) =>
      getTableConfig(table).columns.filter((column) => is(column.default, SQL) || column.hasDefault),
    );
    expect(defaults).toEqual([]);
  });

  test('migrating again changes nothing', async () => {
    await migrate(drizzle(client) as unknown as Database);
    const { rows } = await client.query('SELECT version FROM easel_schema ORDER BY version');
    expect(rows).toEqual(MIGRATIONS.map(({ version }) => ({ version })));
    expect(rows.at(-1)).toEqual({ version: SCHEMA_VERSION });
  });
});
