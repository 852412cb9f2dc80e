// Two processes on one PostgreSQL that a platform tells of the same things at the same time.

import { expect, it } from 'vitest';
import { openPostgresStore } from '../../../src/store/postgres/postgres-store.ts';
import { startChild } from '../../fakes/child.ts';
import { createPostgresDatabase, whyNoPostgres } from '../../fakes/postgres-database.ts';

const CHILD = new URL('children/worker-of-once.mjs', import.meta.url);
const TOLD = 60;
const noPostgres = await whyNoPostgres();

it.skipIf(noPostgres !== null)(
  `each thing is worked by one of them, once${noPostgres === null ? '' : ` (skipped: ${noPostgres})`}`,
  { timeout: 120_000 },
  async () => {
    const database = await createPostgresDatabase();
    // For its tables.
    await (await openPostgresStore({ connectionString: database.url })).close();
    const children = [1, 2].map(() => startChild(CHILD, [database.url, String(TOLD)]));
    await Promise.all(children.map((child) => child.line('ready')));
    for (const { pid } of children) process.kill(pid, 'SIGUSR2');
    const lines = await Promise.all(children.map((child) => child.line('worked ')));
    const worked = lines.map((line) => JSON.parse(line.slice('worked '.length)) as string[]);
    expect(worked.flat().toSorted()).toEqual(Array.from({ length: TOLD }, (_, at) => `slack:Ev${at}`).toSorted());
    await Promise.all(children.map(({ ended }) => ended));
    await database.drop();
  },
);
