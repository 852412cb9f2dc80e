/** What was told by a platform and is worked once, however often it is told. */
import { bigint, pgTable, text } from 'drizzle-orm/pg-core';

const atMs = (name: string) => bigint(name, { mode: 'number' });

export const claims = pgTable('claims', {
  key: text('key').primaryKey(),
  holder: text('holder').notNull(),
  begunAtMs: atMs('begun_at_ms').notNull(),
  /** null: being worked, or cut off by a crash. */
  doneAtMs: atMs('done_at_ms'),
});
