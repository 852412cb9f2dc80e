import { describe, test } from 'vitest';
import { openPostgresStore } from '../../../src/store/postgres/postgres-store.ts';
import { limitsContract } from '../../contracts/limits.ts';
import { createPostgresDatabase, whyNoPostgres } from '../../fakes/postgres-database.ts';

const reason = await whyNoPostgres();

if (reason === null) {
  const database = await createPostgresDatabase();
  limitsContract('PostgreSQL', {
    open: () => openPostgresStore({ connectionString: database.url }),
    dispose: () => database.drop(),
  });
} else {
  describe('limits on PostgreSQL', () => {
    test.skip(`skipped: ${reason}`, () => undefined);
  });
}
