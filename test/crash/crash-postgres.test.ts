import { afterAll, beforeAll, describe, it } from 'vitest';
import { createPostgresDatabase, type PostgresDatabase, whyNoPostgres } from '../fakes/postgres-database.ts';
import { BRIEF, crashAtEveryPoint } from './points.ts';

const reason = await whyNoPostgres();

describe.skipIf(reason !== null)(
  `killed at every step, on PostgreSQL${reason === null ? '' : ` (skipped: ${reason})`}`,
  () => {
    let database: PostgresDatabase;
    beforeAll(async () => {
      database = await createPostgresDatabase();
    });
    afterAll(() => database.drop());

    it('delivers every accepted request exactly once or refunds it', { timeout: 3_600_000 }, () =>
      crashAtEveryPoint(database.url, 'PostgreSQL', BRIEF),
    );
  },
);
