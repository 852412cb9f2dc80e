/** The outbox: what still has to be told to somebody, and which message belongs to which generation. */
import { and, asc, eq, inArray, lte, sql } from 'drizzle-orm';
import type { Delivery, OutboxItem } from '../records.ts';
import { deliveries, generations, outbox } from '../schema.ts';
import type { OutboxStore } from '../store.ts';
import type { Database } from './database.ts';
import { refund, settle } from './ledger.ts';
import { cancelLocked, isUnfinished, loadGeneration, loadGenerations, lockGeneration } from './rows.ts';

type OutboxRow = typeof outbox.$inferSelect;

export function createOutboxStore(database: Database): OutboxStore {
  return {
    next: async (nowMs, limit) => {
      const rows = await database
        .select()
        .from(outbox)
        .where(and(eq(outbox.isReady, true), lte(outbox.nextAttemptAtMs, nowMs)))
        .orderBy(asc(outbox.nextAttemptAtMs), asc(outbox.generationId))
        .limit(limit);
      return toItems(database, rows);
    },
    get: async (generationId) => {
      const rows = await database.select().from(outbox).where(eq(outbox.generationId, generationId));
      return (await toItems(database, rows))[0] ?? null;
    },
    placeholder: (generationId, channel, messageId) => placeholder(database, generationId, channel, messageId),
    posting: async (generationId) => {
      const rows = await database
        .update(outbox)
        .set({ state: 'posting', isReady: true })
        .where(and(eq(outbox.generationId, generationId), inArray(outbox.state, ['due', 'placeholder', 'posting'])))
        .returning({ state: outbox.state });
      return rows.length > 0;
    },
    told: (generationId, channel, messageId, nowMs) => told(database, generationId, channel, messageId, nowMs),
    later: async (generationId, nextAttemptAtMs) => {
      await database
        .update(outbox)
        .set({ attempts: sql`${outbox.attempts} + 1`, nextAttemptAtMs })
        .where(eq(outbox.generationId, generationId));
    },
    giveUp: (generationId, nowMs) => giveUp(database, generationId, nowMs),
    link: (delivery) => link(database, delivery),
    find: async (platform, channel, messageId) => {
      const [row] = await database
        .select({ generationId: deliveries.generationId })
        .from(deliveries)
        .where(
          and(eq(deliveries.platform, platform), eq(deliveries.channel, channel), eq(deliveries.messageId, messageId)),
        );
      return row === undefined ? null : loadGeneration(database, row.generationId);
    },
  };
}

async function toItems(database: Database, rows: OutboxRow[]): Promise<OutboxItem[]> {
  const loaded = await loadGenerations(
    database,
    rows.map(({ generationId }) => generationId),
  );
  const byId = new Map(loaded.map((generation) => [generation.id, generation]));
  return rows.flatMap(({ isReady: _, ...row }) => {
    const generation = byId.get(row.generationId);
    return generation === undefined ? [] : [{ ...row, generation }];
  });
}

async function placeholder(
  database: Database,
  generationId: string,
  channel: string,
  messageId: string,
): Promise<void> {
  await database.transaction(async (tx) => {
    const status = await lockGeneration(tx, generationId);
    if (status === null) return;
    await tx
      .update(outbox)
      .set({ state: 'placeholder', channel, messageId, attempts: 0, isReady: !isUnfinished(status) })
      .where(and(eq(outbox.generationId, generationId), inArray(outbox.state, ['due', 'placeholder'])));
    await linkLocked(tx, generationId, channel, messageId);
  });
}

async function told(
  database: Database,
  generationId: string,
  channel: string,
  messageId: string,
  nowMs: number,
): Promise<boolean> {
  return database.transaction(async (tx) => {
    const status = await lockGeneration(tx, generationId);
    if (status === null) return false;
    await linkLocked(tx, generationId, channel, messageId);
    if (status === 'removed') return false;
    if (isUnfinished(status)) return true;
    if (status === 'drawn') await settle(tx, generationId, nowMs);
    else await refund(tx, generationId, nowMs);
    await tx
      .update(outbox)
      .set({ state: status === 'drawn' ? 'posted' : 'refunded', channel, messageId, isReady: false })
      .where(and(eq(outbox.generationId, generationId), inArray(outbox.state, ['due', 'placeholder', 'posting'])));
    return true;
  });
}

async function giveUp(database: Database, generationId: string, nowMs: number): Promise<void> {
  await database.transaction(async (tx) => {
    const status = await lockGeneration(tx, generationId);
    if (status === null) return;
    if (isUnfinished(status)) await cancelLocked(tx, generationId, nowMs);
    await refund(tx, generationId, nowMs);
    await tx
      .update(outbox)
      .set({ state: 'refunded', isReady: false })
      .where(and(eq(outbox.generationId, generationId), inArray(outbox.state, ['due', 'placeholder', 'posting'])));
  });
}

async function linkLocked(tx: Database, generationId: string, channel: string, messageId: string): Promise<void> {
  const [row] = await tx
    .select({ platform: generations.platform })
    .from(generations)
    .where(eq(generations.id, generationId));
  if (row !== undefined) await link(tx, { platform: row.platform, channel, messageId, generationId });
}

async function link(database: Database, delivery: Delivery): Promise<void> {
  await database
    .insert(deliveries)
    .values(delivery)
    .onConflictDoUpdate({
      target: [deliveries.platform, deliveries.channel, deliveries.messageId],
      set: { generationId: delivery.generationId },
    });
}
