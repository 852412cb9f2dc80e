/** Copies of kept pictures in galleries: wanted in the transaction that keeps, worked until they are there or gone. */
import { and, asc, eq, inArray, lte, ne, sql } from 'drizzle-orm';
import { deliveries, gallery } from '../schema.ts';
import type { GalleryStore } from '../store.ts';
import type { Database } from './database.ts';
import { loadGenerations, lockGeneration } from './rows.ts';

export function createGalleryStore(database: Database): GalleryStore {
  return {
    next: async (platforms, nowMs, limit) => {
      if (platforms.length === 0) return [];
      const rows = await database
        .select()
        .from(gallery)
        .where(
          and(
            ne(gallery.state, 'posted'),
            lte(gallery.nextAttemptAtMs, nowMs),
            inArray(gallery.platform, [...platforms]),
          ),
        )
        .orderBy(asc(gallery.nextAttemptAtMs), asc(gallery.generationId))
        .limit(limit);
      const loaded = await loadGenerations(
        database,
        rows.map(({ generationId }) => generationId),
      );
      const byId = new Map(loaded.map((generation) => [generation.id, generation]));
      return rows.flatMap(({ userId: user, ...row }) => {
        const generation = byId.get(row.generationId);
        return generation === undefined ? [] : [{ ...row, user, generation }];
      });
    },
    posted: (generationId, messageId) =>
      database.transaction(async (tx) => {
        // Removing it takes the same lock, and takes down what is linked by then.
        await lockGeneration(tx, generationId);
        const [row] = await tx
          .update(gallery)
          .set({
            messageId,
            attempts: 0,
            state: sql`CASE ${gallery.state} WHEN 'due' THEN 'posted' ELSE ${gallery.state} END`,
          })
          .where(eq(gallery.generationId, generationId))
          .returning();
        if (row === undefined) return false;
        const { platform, channel } = row;
        await tx
          .insert(deliveries)
          .values({ platform, channel, messageId, generationId })
          .onConflictDoUpdate({
            target: [deliveries.platform, deliveries.channel, deliveries.messageId],
            set: { generationId },
          });
        return true;
      }),
    later: async (generationId, nextAttemptAtMs) => {
      await database
        .update(gallery)
        .set({ attempts: sql`${gallery.attempts} + 1`, nextAttemptAtMs })
        .where(eq(gallery.generationId, generationId));
    },
    gone: async (generationId) => {
      await database.transaction(async (tx) => {
        const [row] = await tx.delete(gallery).where(eq(gallery.generationId, generationId)).returning();
        if (row === undefined || row.messageId === null) return;
        await tx
          .delete(deliveries)
          .where(
            and(
              eq(deliveries.platform, row.platform),
              eq(deliveries.channel, row.channel),
              eq(deliveries.messageId, row.messageId),
            ),
          );
      });
    },
  };
}

type Entry = {
  generationId: string;
  platform: string;
  tenant: string;
  channel: string;
  user: string;
  nowMs: number;
};

/** Kept again before its copy was taken down: the copy stays. */
export async function enterGallery(tx: Database, { user: userId, nowMs, ...row }: Entry): Promise<void> {
  await tx
    .insert(gallery)
    .values({ ...row, userId, state: 'due', messageId: null, attempts: 0, nextAttemptAtMs: nowMs })
    .onConflictDoUpdate({
      target: gallery.generationId,
      set: { state: sql`CASE WHEN ${gallery.messageId} IS NULL THEN 'due' ELSE 'posted' END`, attempts: 0 },
      setWhere: eq(gallery.state, 'leaving'),
    });
}

/** Also one that may be on its way to the platform at this moment leaves by `leaving`: it is searched before it is forgotten. */
export async function leaveGallery(tx: Database, generationId: string): Promise<void> {
  await tx
    .update(gallery)
    .set({ state: 'leaving', attempts: 0, nextAttemptAtMs: 0 })
    .where(eq(gallery.generationId, generationId));
}
