/** Generations by id, page and family; keeping, cancelling and removing them. */
import { and, asc, desc, eq, gt, ilike, inArray, lt, ne, sql } from 'drizzle-orm';
import type { CancelOutcome, HistoryPage, HistoryQuery, Leftovers, Lineage } from '../records.ts';
import { deliveries, generations, outbox, reactions, slots } from '../schema.ts';
import type { GenerationStore } from '../store.ts';
import { cleanText } from './clean.ts';
import { type Database, rowsOf } from './database.ts';
import { enterGallery, leaveGallery } from './gallery.ts';
import { refund, settle } from './ledger.ts';
import { unreferenced } from './pictures.ts';
import { cancelLocked, drawingSlots, isUnfinished, loadGeneration, loadGenerations, lockGeneration } from './rows.ts';

/** A chain longer than this is cut at its oldest end: nobody reads it. */
const MAX_ANCESTORS = 100;
const MAX_CHILDREN = 200;
const MAX_PAGE = 100;

export function createGenerationStore(database: Database): GenerationStore {
  return {
    get: (id) => loadGeneration(database, id),
    history: (query) => history(database, query),
    lineage: (id) => lineage(database, id),
    ofRequest: async (platform, requestKey) => {
      const rows = await database
        .select({ id: generations.id })
        .from(generations)
        .where(and(eq(generations.platform, platform), eq(generations.requestKey, cleanText(requestKey))))
        .orderBy(generations.requestIndex);
      return loadGenerations(
        database,
        rows.map(({ id }) => id),
      );
    },
    keep: (id, kept, shown) => keep(database, id, kept, shown),
    publish: (id) => publish(database, id),
    cancel: (id, nowMs) => cancel(database, id, nowMs),
    remove: (id, nowMs) => remove(database, id, nowMs),
  };
}

async function history(database: Database, query: HistoryQuery): Promise<HistoryPage> {
  const limit = Math.min(MAX_PAGE, Math.max(1, Math.trunc(query.limit)));
  const rows = await database
    .select({ id: generations.id })
    .from(generations)
    .where(
      and(
        eq(generations.platform, query.platform),
        ne(generations.status, 'removed'),
        query.tenant === undefined ? undefined : eq(generations.tenant, query.tenant),
        query.channel === undefined ? undefined : eq(generations.channel, query.channel),
        query.user === undefined ? undefined : eq(generations.userId, query.user),
        query.withPrivate === true ? undefined : eq(generations.isPrivate, false),
        query.kept === undefined ? undefined : eq(generations.isKept, query.kept),
        query.unfinished === undefined ? undefined : inArray(generations.status, ['queued', 'drawing']),
        query.drawn === undefined ? undefined : eq(generations.status, 'drawn'),
        query.search === undefined ? undefined : ilike(generations.prompt, `%${likeText(query.search)}%`),
        query.before === undefined
          ? undefined
          : query.unfinished === undefined
            ? lt(generations.id, query.before)
            : gt(generations.id, query.before),
      ),
    )
    .orderBy(query.unfinished === undefined ? desc(generations.id) : asc(generations.id))
    .limit(limit + 1);
  const ids = rows.slice(0, limit).map(({ id }) => id);
  return { generations: await loadGenerations(database, ids), next: rows.length > limit ? (ids.at(-1) ?? null) : null };
}

/** What a person typed is looked for as it stands. */
function likeText(text: string): string {
  return cleanText(text).replace(/[\\%_]/gu, String.raw`\$&`);
}

async function keep(
  database: Database,
  id: string,
  kept: boolean,
  shown: { channel: string; user: string; nowMs: number } | null = null,
): Promise<boolean> {
  return database.transaction(async (tx) => {
    const [row] = await tx
      .update(generations)
      .set({ isKept: kept })
      .where(eq(generations.id, id))
      .returning({ platform: generations.platform, tenant: generations.tenant });
    if (row === undefined) return false;
    if (!kept) await leaveGallery(tx, id);
    else if (shown !== null) await enterGallery(tx, { generationId: id, ...row, ...shown });
    return true;
  });
}

async function publish(database: Database, id: string): Promise<boolean> {
  const rows = await database
    .update(generations)
    .set({ isPrivate: false })
    .where(eq(generations.id, id))
    .returning({ id: generations.id });
  return rows.length > 0;
}

async function lineage(database: Database, id: string): Promise<Lineage> {
  const ancestors = await rowsOf<{ id: string }>(
    database,
    sql`WITH RECURSIVE chain AS (
          SELECT parent_id, 1 AS depth FROM generations WHERE id = ${id}
          UNION ALL
          SELECT g.parent_id, chain.depth + 1 FROM generations g JOIN chain ON g.id = chain.parent_id
          WHERE chain.depth < ${MAX_ANCESTORS}
        ) SELECT parent_id AS id FROM chain WHERE parent_id IS NOT NULL ORDER BY depth DESC`,
  );
  const children = await database
    .select({ id: generations.id })
    .from(generations)
    .where(and(eq(generations.parentId, id), ne(generations.status, 'removed')))
    .orderBy(asc(generations.id))
    .limit(MAX_CHILDREN);
  return {
    ancestors: await loadGenerations(
      database,
      ancestors.map((row) => row.id),
    ),
    children: await loadGenerations(
      database,
      children.map((row) => row.id),
    ),
  };
}

async function cancel(database: Database, id: string, nowMs: number): Promise<CancelOutcome> {
  const drawing = await database.transaction(async (tx) => {
    const status = await lockGeneration(tx, id);
    return status !== null && isUnfinished(status) ? cancelLocked(tx, id, nowMs) : [];
  });
  const generation = await loadGeneration(database, id);
  return { cancelled: generation?.status === 'cancelled', generation, drawing };
}

async function remove(database: Database, id: string, nowMs: number): Promise<Leftovers | null> {
  return database.transaction(async (tx) => {
    const status = await lockGeneration(tx, id);
    if (status === null) return null;
    const drawing = await drawingSlots(tx, id);
    const files = await tx.select({ blobKey: slots.blobKey }).from(slots).where(eq(slots.generationId, id));
    await tx
      .update(slots)
      .set({ ids: null, blobKey: null, sizeBytes: null, claim: null })
      .where(eq(slots.generationId, id));
    await tx
      .update(slots)
      .set({ state: 'cancelled' })
      .where(and(eq(slots.generationId, id), inArray(slots.state, ['waiting', 'drawing'])));
    await tx
      .update(generations)
      .set({
        status: 'removed',
        prompt: '',
        options: {},
        target: {},
        isKept: false,
        finishedAtMs: sql`coalesce(${generations.finishedAtMs}, ${nowMs})`,
      })
      .where(eq(generations.id, id));
    await tx.delete(reactions).where(eq(reactions.generationId, id));
    // Its copy may be on its way at this moment: it is searched once more before it is forgotten.
    await leaveGallery(tx, id);
    // What was drawn is charged, else removing would be a way around every limit.
    if (status === 'drawn') await settle(tx, id, nowMs);
    else await refund(tx, id, nowMs);
    await tx.update(outbox).set({ state: 'removed', isReady: false }).where(eq(outbox.generationId, id));
    return {
      generationIds: [id],
      blobKeys: await unreferenced(
        tx,
        files.flatMap(({ blobKey }) => blobKey ?? []),
      ),
      deliveries: await tx.select().from(deliveries).where(eq(deliveries.generationId, id)),
      drawing,
    };
  });
}
