/** Pictures by their files: which may go when space is needed, and the token ids that stay. */
import { and, asc, eq, inArray, isNotNull, sql } from 'drizzle-orm';
import type { StoredPicture } from '../records.ts';
import { generations, slots } from '../schema.ts';
import type { PictureStore } from '../store.ts';
import { type Database, rowsOf } from './database.ts';
import { isOneOf, isSlot } from './jobs.ts';
import { unpackIds } from './token-ids.ts';

export function createPictureStore(database: Database): PictureStore {
  return {
    ids: async (slot) => {
      const [row] = await database.select({ ids: slots.ids }).from(slots).where(isSlot(slot));
      return row?.ids == null ? null : unpackIds(row.ids);
    },
    totalBytes: async () => {
      const [row] = await rowsOf<{ bytes: number }>(
        database,
        sql`SELECT coalesce(sum(size_bytes), 0)::float8 AS bytes
            FROM (SELECT DISTINCT blob_key, size_bytes FROM slots WHERE blob_key IS NOT NULL) AS files`,
      );
      return row?.bytes ?? 0;
    },
    oldest: async (limit) => {
      const rows = await database
        .select({
          generationId: slots.generationId,
          pictureIndex: slots.pictureIndex,
          blobKey: slots.blobKey,
          sizeBytes: slots.sizeBytes,
          drawnAtMs: slots.drawnAtMs,
        })
        .from(slots)
        .innerJoin(generations, eq(generations.id, slots.generationId))
        .where(and(isNotNull(slots.blobKey), eq(generations.isKept, false)))
        .orderBy(asc(slots.drawnAtMs), asc(slots.generationId), asc(slots.pictureIndex))
        .limit(limit);
      return rows.map(
        (row): StoredPicture => ({
          ...row,
          blobKey: row.blobKey ?? '',
          sizeBytes: row.sizeBytes ?? 0,
          drawnAtMs: row.drawnAtMs ?? 0,
        }),
      );
    },
    expire: async (keys) => {
      if (keys.length === 0) return [];
      return database.transaction(async (tx) => {
        const isExpirable = and(
          isOneOf(keys),
          isNotNull(slots.blobKey),
          sql`NOT EXISTS (SELECT 1 FROM generations g WHERE g.id = ${slots.generationId} AND g.is_kept)`,
        );
        const files = await tx.select({ blobKey: slots.blobKey }).from(slots).where(isExpirable).for('update');
        await tx.update(slots).set({ blobKey: null, sizeBytes: null }).where(isExpirable);
        return unreferenced(
          tx,
          files.flatMap(({ blobKey }) => blobKey ?? []),
        );
      });
    },
    restore: async (slot, blobKey, sizeBytes) => {
      await database
        .update(slots)
        .set({ blobKey, sizeBytes })
        .where(and(isSlot(slot), eq(slots.state, 'drawn'), isNotNull(slots.ids)));
    },
    referenced: (blobKeys) => referenced(database, blobKeys),
  };
}

async function referenced(database: Database, blobKeys: readonly string[]): Promise<string[]> {
  if (blobKeys.length === 0) return [];
  const rows = await database
    .selectDistinct({ blobKey: slots.blobKey })
    .from(slots)
    .where(inArray(slots.blobKey, [...blobKeys]));
  return rows.flatMap(({ blobKey }) => blobKey ?? []);
}

/** Which of these no picture refers to any more. */
export async function unreferenced(database: Database, blobKeys: readonly string[]): Promise<string[]> {
  const stay = new Set(await referenced(database, blobKeys));
  return [...new Set(blobKeys)].filter((key) => !stay.has(key));
}
