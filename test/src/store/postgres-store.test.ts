import { describe, test } from 'vitest';
import { openPostgresStore } from '../../../src/store/postgres/postgres-store.ts';
import { storeContract } from '../../contracts/store.ts';
import { createPostgresDatabase, whyNoPostgres } from '../../fakes/postgres-database.ts';

const reason = await whyNoPostgres();

if (reason === null) {
  const database = await createPostgresDatabase();
  storeContract('PostgreSQL', {
    open: () => openPostgresStore({ connectionString: database.url }),
    dispose: () => database.drop(),
  });
} else {
  describe('store on PostgreSQL', () => {
    test.skip(`skipped: ${reason}`, () => undefined);
  });
}
