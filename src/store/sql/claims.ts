/** Claims: one row for each thing a platform told, held by whoever hears of it first. */
import { and, eq, lt, sql } from 'drizzle-orm';
import { claims } from '../schema.ts';
import type { ClaimStore } from '../store.ts';
import { cleanText } from './clean.ts';
import type { Database } from './database.ts';

export function createClaimStore(database: Database): ClaimStore {
  return {
    begin: async (key, { holder, nowMs, staleMs }) => {
      const isLeft = sql`${lt(claims.begunAtMs, nowMs - staleMs)} OR ${eq(claims.holder, holder)}`;
      const rows = await database
        .insert(claims)
        .values({ key: cleanText(key), holder, begunAtMs: nowMs, doneAtMs: null })
        .onConflictDoUpdate({
          target: claims.key,
          set: { holder: sql`excluded.holder`, begunAtMs: sql`excluded.begun_at_ms` },
          setWhere: sql`${claims.doneAtMs} IS NULL AND (${isLeft})`,
        })
        .returning({ key: claims.key });
      return rows.length > 0;
    },
    end: async (key, holder, nowMs) => {
      await database
        .update(claims)
        .set({ doneAtMs: nowMs })
        .where(and(eq(claims.key, cleanText(key)), eq(claims.holder, holder)));
    },
    forget: async (beforeMs) => {
      await database.delete(claims).where(lt(claims.begunAtMs, beforeMs));
    },
  };
}
