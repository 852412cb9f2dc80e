/** Who is signed in to the web admin: links that work once, and sessions that can be taken back. Secrets are stored as hashes. */
import { bigint, pgTable, text } from 'drizzle-orm/pg-core';

const atMs = (name: string) => bigint(name, { mode: 'number' });

export const signInLinks = pgTable('sign_in_links', {
  secretHash: text('secret_hash').primaryKey(),
  via: text('via').$type<'link' | 'web' | 'host'>().notNull(),
  platform: text('platform').notNull(),
  tenant: text('tenant').notNull(),
  userId: text('user_id').notNull(),
  name: text('name').notNull(),
  expiresAtMs: atMs('expires_at_ms').notNull(),
  /** Of the session that it opened; null: not used. */
  usedBy: text('used_by'),
});

export const signIns = pgTable('sign_ins', {
  tokenHash: text('token_hash').primaryKey(),
  /** What it is called where sessions are listed: it opens nothing. */
  id: text('id').notNull(),
  via: text('via').$type<'link' | 'web' | 'host'>().notNull(),
  platform: text('platform').notNull(),
  tenant: text('tenant').notNull(),
  userId: text('user_id').notNull(),
  name: text('name').notNull(),
  createdAtMs: atMs('created_at_ms').notNull(),
  expiresAtMs: atMs('expires_at_ms').notNull(),
});
