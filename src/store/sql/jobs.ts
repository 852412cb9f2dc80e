/** Slots from waiting to drawn, and what the end of the last one means for its generation. */
import { and, eq, inArray, or, type SQL, sql } from 'drizzle-orm';
import type { DrawnSlot, Generation, QueuedJob, SlotKey } from '../records.ts';
import { generations, slots } from '../schema.ts';
import type { JobStore } from '../store.ts';
import { type Database, rowsOf } from './database.ts';
import { refund } from './ledger.ts';
import { isUnfinished, loadGeneration, lockGeneration, lockGenerations, makeReady } from './rows.ts';
import { packIds } from './token-ids.ts';

export function createJobStore(database: Database): JobStore {
  return {
    snapshot: () => snapshot(database),
    begin: (keys, claim, nowMs) => begin(database, keys, claim, nowMs),
    drawn: (slot) => drawn(database, slot),
    failed: (slot, errorCode, nowMs) => failed(database, slot, errorCode, nowMs),
    release: (keys, countAttempt) => release(database, keys, countAttempt),
  };
}

/** What a crash left in drawing waits again: a picture is drawn anew from its first token. @returns how many slots */
export async function recoverSlots(database: Database): Promise<number> {
  return database.transaction(async (tx) => {
    const recovered = await tx
      .update(slots)
      .set({ state: 'waiting', claim: null })
      .where(eq(slots.state, 'drawing'))
      .returning({ generationId: slots.generationId });
    await tx.update(generations).set({ status: 'queued' }).where(eq(generations.status, 'drawing'));
    return recovered.length;
  });
}

function snapshot(database: Database): Promise<QueuedJob[]> {
  return rowsOf<QueuedJob>(
    database,
    sql`SELECT g.id AS "generationId", g.kind, g.platform, g.tenant, g.channel, g.user_id AS "user", g.model,
          g.created_at_ms::float8 AS "createdAtMs",
          count(*)::int AS pictures,
          coalesce(array_agg(s.picture_index ORDER BY s.picture_index) FILTER (WHERE s.state = 'waiting'), '{}') AS waiting,
          coalesce(array_agg(s.picture_index ORDER BY s.picture_index) FILTER (WHERE s.state = 'drawing'), '{}') AS drawing
        FROM generations g JOIN slots s ON s.generation_id = g.id
        WHERE g.status IN ('queued', 'drawing')
        GROUP BY g.id ORDER BY g.id`,
  );
}

async function begin(database: Database, keys: readonly SlotKey[], claim: string, nowMs: number): Promise<SlotKey[]> {
  if (keys.length === 0) return [];
  const ids = keys.map(({ generationId }) => generationId);
  return database.transaction(async (tx) => {
    await lockGenerations(tx, ids);
    const started = await tx
      .update(slots)
      .set({ state: 'drawing', claim, attempts: sql`${slots.attempts} + 1` })
      .where(and(isOneOf(keys), eq(slots.state, 'waiting')))
      .returning({ generationId: slots.generationId });
    if (started.length > 0) {
      await tx
        .update(generations)
        .set({ status: 'drawing', startedAtMs: sql`coalesce(${generations.startedAtMs}, ${nowMs})` })
        .where(inArray(generations.id, [...new Set(started.map(({ generationId }) => generationId))]));
    }
    return tx
      .select({ generationId: slots.generationId, pictureIndex: slots.pictureIndex })
      .from(slots)
      .where(and(isOneOf(keys), eq(slots.state, 'drawing'), eq(slots.claim, claim)))
      .orderBy(slots.generationId, slots.pictureIndex);
  });
}

async function drawn(database: Database, slot: DrawnSlot): Promise<Generation | null> {
  const { generationId, pictureIndex, ids, finishedAtMs, ...picture } = slot;
  const packed = packIds(ids);
  const stored = await database.transaction(async (tx) => {
    const status = await lockGeneration(tx, generationId);
    if (status === null) return false;
    const updated = await tx
      .update(slots)
      .set({ ...picture, ids: packed, state: 'drawn', claim: null, errorCode: null, drawnAtMs: finishedAtMs })
      .where(and(isSlot(slot), eq(slots.state, 'drawing')))
      .returning({ state: slots.state });
    if (updated.length > 0) {
      await finishIfDone(tx, generationId, finishedAtMs);
      return true;
    }
    const [before] = await tx
      .select({ state: slots.state })
      .from(slots)
      .where(and(isSlot({ generationId, pictureIndex }), eq(slots.blobKey, picture.blobKey)));
    return before?.state === 'drawn';
  });
  return stored ? loadGeneration(database, generationId) : null;
}

async function failed(database: Database, slot: SlotKey, errorCode: string, nowMs: number): Promise<Generation | null> {
  await database.transaction(async (tx) => {
    const status = await lockGeneration(tx, slot.generationId);
    if (status === null || !isUnfinished(status)) return;
    const updated = await tx
      .update(slots)
      .set({ state: 'failed', claim: null, errorCode })
      .where(and(isSlot(slot), inArray(slots.state, ['waiting', 'drawing'])))
      .returning({ state: slots.state });
    if (updated.length > 0) await finishIfDone(tx, slot.generationId, nowMs);
  });
  return loadGeneration(database, slot.generationId);
}

async function release(database: Database, keys: readonly SlotKey[], countAttempt: boolean): Promise<void> {
  if (keys.length === 0) return;
  const ids = [...new Set(keys.map(({ generationId }) => generationId))];
  await database.transaction(async (tx) => {
    await lockGenerations(tx, ids);
    await tx
      .update(slots)
      .set({
        state: 'waiting',
        claim: null,
        ...(countAttempt ? {} : { attempts: sql`greatest(0, ${slots.attempts} - 1)` }),
      })
      .where(and(isOneOf(keys), eq(slots.state, 'drawing')));
    await tx
      .update(generations)
      .set({ status: 'queued' })
      .where(
        and(
          inArray(generations.id, ids),
          eq(generations.status, 'drawing'),
          sql`NOT EXISTS (SELECT 1 FROM slots s WHERE s.generation_id = ${generations.id} AND s.state = 'drawing')`,
        ),
      );
  });
}

/** Ends a locked generation once no slot is open: drawn when there is a picture to show, else failed and refunded. */
async function finishIfDone(tx: Database, generationId: string, nowMs: number): Promise<void> {
  const states = await tx
    .select({ state: slots.state, errorCode: slots.errorCode })
    .from(slots)
    .where(eq(slots.generationId, generationId))
    .orderBy(slots.pictureIndex);
  if (states.some(({ state }) => state === 'waiting' || state === 'drawing')) return;
  const isDrawn = states.some(({ state }) => state === 'drawn');
  const errorCode = states.find((slot) => slot.errorCode !== null)?.errorCode ?? null;
  await tx
    .update(generations)
    .set({ status: isDrawn ? 'drawn' : 'failed', errorCode, finishedAtMs: nowMs })
    .where(eq(generations.id, generationId));
  if (!isDrawn) await refund(tx, generationId, nowMs);
  await makeReady(tx, generationId, nowMs);
}

export function isSlot({ generationId, pictureIndex }: SlotKey): SQL | undefined {
  return and(eq(slots.generationId, generationId), eq(slots.pictureIndex, pictureIndex));
}

export function isOneOf(keys: readonly SlotKey[]): SQL | undefined {
  return or(...keys.map(isSlot));
}
