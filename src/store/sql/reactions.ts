/** Reactions: one row for each person's emoji on a message, claimed by whoever hears of it first. */
import { and, eq, lt, sql } from 'drizzle-orm';
import type { ReactionKey } from '../records.ts';
import { reactions } from '../schema.ts';
import type { ReactionStore } from '../store.ts';
import { cleanText } from './clean.ts';
import type { Database } from './database.ts';

export function createReactionStore(database: Database): ReactionStore {
  return {
    add: async (reaction, { generationId, requestKey, nowMs, staleMs }) => {
      const { platform, channel, messageId, user: userId, emoji } = clean(reaction);
      const [row] = await database
        .insert(reactions)
        .values({ platform, channel, messageId, userId, emoji, generationId, state: 'open', requestKey, atMs: nowMs })
        .onConflictDoUpdate({
          target: [reactions.platform, reactions.channel, reactions.messageId, reactions.userId, reactions.emoji],
          set: { atMs: sql`excluded.at_ms` },
          setWhere: sql`${eq(reactions.state, 'open')} AND ${lt(reactions.atMs, nowMs - staleMs)}`,
        })
        .returning({ requestKey: reactions.requestKey });
      return row?.requestKey ?? null;
    },
    done: async (reaction) => {
      await database.update(reactions).set({ state: 'done' }).where(is(reaction));
    },
    atMs: async (reaction) => {
      const [row] = await database.select({ atMs: reactions.atMs }).from(reactions).where(is(reaction));
      return row?.atMs ?? null;
    },
    remove: async (reaction) => {
      const [row] = await database.delete(reactions).where(is(reaction)).returning();
      return row === undefined ? null : { generationId: row.generationId, requestKey: row.requestKey, atMs: row.atMs };
    },
    count: async (generationId, emoji) =>
      database.$count(reactions, and(eq(reactions.generationId, generationId), eq(reactions.emoji, emoji))),
  };
}

function is(reaction: ReactionKey) {
  const { platform, channel, messageId, user, emoji } = clean(reaction);
  return and(
    eq(reactions.platform, platform),
    eq(reactions.channel, channel),
    eq(reactions.messageId, messageId),
    eq(reactions.userId, user),
    eq(reactions.emoji, emoji),
  );
}

function clean({ platform, channel, messageId, user, emoji }: ReactionKey): ReactionKey {
  return { platform, channel, messageId, user, emoji: cleanText(emoji) };
}
