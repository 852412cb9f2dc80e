/** From rows to records, and the two things that several areas do to a generation. */
import { and, eq, inArray } from 'drizzle-orm';
import type { Generation, GenerationStatus, Picture, SlotKey } from '../records.ts';
import { generations, ledger, outbox, slots } from '../schema.ts';
import type { Database } from './database.ts';
import { refund } from './ledger.ts';

type GenerationRow = typeof generations.$inferSelect;
type LedgerRow = typeof ledger.$inferSelect;

const pictureColumns = {
  generationId: slots.generationId,
  index: slots.pictureIndex,
  state: slots.state,
  attempts: slots.attempts,
  blobKey: slots.blobKey,
  sizeBytes: slots.sizeBytes,
  widthPx: slots.widthPx,
  heightPx: slots.heightPx,
  drawMs: slots.drawMs,
  engineMs: slots.engineMs,
  errorCode: slots.errorCode,
};

/** The generations with these ids, in this order; unknown ids are left out. */
export async function loadGenerations(database: Database, ids: readonly string[]): Promise<Generation[]> {
  if (ids.length === 0) return [];
  const rows = await database
    .select()
    .from(generations)
    .leftJoin(ledger, eq(ledger.generationId, generations.id))
    .where(inArray(generations.id, [...ids]));
  const pictures = await database
    .select(pictureColumns)
    .from(slots)
    .where(inArray(slots.generationId, [...ids]))
    .orderBy(slots.generationId, slots.pictureIndex);
  const picturesOf = new Map<string, Picture[]>();
  for (const { generationId, ...picture } of pictures) {
    const siblings = picturesOf.get(generationId);
    if (siblings === undefined) picturesOf.set(generationId, [picture]);
    else siblings.push(picture);
  }
  const byId = new Map(
    rows.map((row) => [
      row.generations.id,
      toGeneration(row.generations, row.ledger, picturesOf.get(row.generations.id) ?? []),
    ]),
  );
  return ids.flatMap((id) => byId.get(id) ?? []);
}

export async function loadGeneration(database: Database, id: string): Promise<Generation | null> {
  const [generation] = await loadGenerations(database, [id]);
  return generation ?? null;
}

function toGeneration(row: GenerationRow, charge: LedgerRow | null, pictures: Picture[]): Generation {
  const { requestIndex: _, platform, tenant, channel, userId, roles, isPrivate, isKept, ...rest } = row;
  return {
    ...rest,
    scope: { platform, tenant, channel, user: userId, roles },
    private: isPrivate,
    kept: isKept,
    charge:
      charge === null
        ? rolledUp(row, pictures)
        : { state: charge.state, pictures: charge.pictures, engineMs: charge.engineMs },
    pictures,
  };
}

/** Its row has left the ledger: what was drawn was settled. */
function rolledUp({ kind, status }: GenerationRow, pictures: readonly Picture[]): Generation['charge'] {
  const drawn = status === 'drawn' ? pictures.filter(({ state }) => state === 'drawn') : [];
  return {
    state: drawn.length > 0 ? 'settled' : 'refunded',
    pictures: kind === 'upscale' ? 0 : drawn.length,
    engineMs: drawn.reduce((sum, { engineMs }) => sum + (engineMs ?? 0), 0),
  };
}

/**
 * Locks a generation for this transaction. Whoever changes anything of a generation takes this first: it is what makes
 * "the last picture finishes it" and "the outbox row becomes ready" true when two of them arrive together.
 */
export async function lockGeneration(tx: Database, id: string): Promise<GenerationStatus | null> {
  const [row] = await tx
    .select({ status: generations.status })
    .from(generations)
    .where(eq(generations.id, id))
    .for('update');
  return row?.status ?? null;
}

/** The same for several, in the order of their ids, so that two callers never wait for each other. */
export async function lockGenerations(tx: Database, ids: readonly string[]): Promise<void> {
  await tx
    .select({ id: generations.id })
    .from(generations)
    .where(inArray(generations.id, [...new Set(ids)]))
    .orderBy(generations.id)
    .for('update');
}

export function isUnfinished(status: GenerationStatus): boolean {
  return status === 'queued' || status === 'drawing';
}

/** Takes a locked, unfinished generation off the queue. @returns its slots that were being drawn */
export async function cancelLocked(tx: Database, id: string, nowMs: number): Promise<SlotKey[]> {
  const drawing = await drawingSlots(tx, id);
  await tx
    .update(slots)
    .set({ state: 'cancelled', claim: null })
    .where(and(eq(slots.generationId, id), inArray(slots.state, ['waiting', 'drawing'])));
  await tx.update(generations).set({ status: 'cancelled', finishedAtMs: nowMs }).where(eq(generations.id, id));
  await refund(tx, id, nowMs);
  await makeReady(tx, id, nowMs);
  return drawing;
}

export function drawingSlots(tx: Database, id: string): Promise<SlotKey[]> {
  return tx
    .select({ generationId: slots.generationId, pictureIndex: slots.pictureIndex })
    .from(slots)
    .where(and(eq(slots.generationId, id), eq(slots.state, 'drawing')));
}

/** There is an end to tell. */
export async function makeReady(tx: Database, id: string, nowMs: number): Promise<void> {
  await tx
    .update(outbox)
    .set({ isReady: true, nextAttemptAtMs: nowMs })
    .where(and(eq(outbox.generationId, id), inArray(outbox.state, ['due', 'placeholder', 'posting'])));
}
