// One of two processes that are told of the same things on one PostgreSQL: prints the keys that it worked.
// Plain JavaScript over the compiled program.

import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import { createOnce } from '../../../../dist/src/conversation/once.js';
import { systemClock } from '../../../../dist/src/ops/clock.js';
import { createSqlStore } from '../../../../dist/src/store/sql/sql-store.js';

const [connectionString, count] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString, max: 4 });
const once = createOnce({ store: createSqlStore(drizzle(pool)), clock: systemClock });
await pool.query('SELECT 1');
const go = new Promise((resolve) => process.once('SIGUSR2', resolve));
console.log('ready');
await go;

await work();

async function work() {
  const told = Array.from({ length: Number(count) }, (_, at) => `slack:Ev${at}`);
  const worked = [];
  // Each thing twice to each process, as a platform that repeats itself does.
  await Promise.all(
    [...told, ...told].map((key) =>
      once(key, async () => {
        worked.push(key);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }),
    ),
  );
  console.log(`worked ${JSON.stringify(worked)}`);
  await pool.end();
  process.exit(0);
}
