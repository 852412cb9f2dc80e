/** Tables of what people do with delivered pictures: reactions, and the copies of kept ones in galleries. */
import { bigint, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import type { GalleryState, ReactionState } from './records.ts';

const atMs = (name: string) => bigint(name, { mode: 'number' });

export const reactions = pgTable(
  'reactions',
  {
    platform: text('platform').notNull(),
    channel: text('channel').notNull(),
    messageId: text('message_id').notNull(),
    userId: text('user_id').notNull(),
    emoji: text('emoji').notNull(),
    generationId: text('generation_id').notNull(),
    state: text('state').$type<ReactionState>().notNull(),
    requestKey: text('request_key').notNull(),
    atMs: atMs('at_ms').notNull(),
  },
  (table) => [primaryKey({ columns: [table.platform, table.channel, table.messageId, table.userId, table.emoji] })],
);

/** One row per kept generation of a place that has a gallery. */
export const gallery = pgTable('gallery', {
  generationId: text('generation_id').primaryKey(),
  state: text('state').$type<GalleryState>().notNull(),
  platform: text('platform').notNull(),
  tenant: text('tenant').notNull(),
  channel: text('channel').notNull(),
  messageId: text('message_id'),
  /** Who kept it. */
  userId: text('user_id').notNull(),
  attempts: integer('attempts').notNull(),
  nextAttemptAtMs: atMs('next_attempt_at_ms').notNull(),
});
