/** The transaction that makes a request durable. */
import { and, eq } from 'drizzle-orm';
import { AppError } from '../../errors.ts';
import type { Accepted, Generation, NewRequest } from '../records.ts';
import { generations, ledger, outbox, slots } from '../schema.ts';
import { cleanJson, cleanText } from './clean.ts';
import type { Database } from './database.ts';
import { loadGenerations } from './rows.ts';

const NOTHING_DRAWN = {
  blobKey: null,
  sizeBytes: null,
  widthPx: null,
  heightPx: null,
  drawMs: null,
  engineMs: null,
  errorCode: null,
};

export async function accept(database: Database, request: NewRequest): Promise<Accepted> {
  if (request.generations.length === 0) throw new AppError('INTERNAL', 'A request needs at least one generation.');
  if (request.generations.some(({ pictures }) => !(pictures >= 1))) {
    throw new AppError('INTERNAL', 'A generation needs at least one picture.');
  }
  const written = toGenerations(request);
  const created = await database
    .transaction(async (tx) => {
      const inserted = await tx
        .insert(generations)
        .values(written.map((generation, requestIndex) => toRow(generation, requestIndex)))
        .onConflictDoNothing({ target: [generations.platform, generations.requestKey, generations.requestIndex] })
        .returning({ id: generations.id });
      if (inserted.length === 0) return false;
      if (inserted.length < written.length) {
        // Some of them were there: another expansion of the same key. Take this one back and answer with the first.
        tx.rollback();
      }
      await tx.insert(slots).values(written.flatMap(toSlots));
      await tx.insert(ledger).values(written.map(toReservation));
      await tx.insert(outbox).values(written.map(toOutboxRow));
      return true;
    })
    .catch((error: unknown) => {
      if (error instanceof Error && error.constructor.name === 'TransactionRollbackError') return false;
      throw error;
    });
  return created
    ? { created, generations: written }
    : { created, generations: await acceptedBefore(database, request) };
}

async function acceptedBefore(database: Database, request: NewRequest): Promise<Generation[]> {
  const rows = await database
    .select({ id: generations.id })
    .from(generations)
    .where(
      and(eq(generations.platform, request.scope.platform), eq(generations.requestKey, cleanText(request.requestKey))),
    )
    .orderBy(generations.requestIndex);
  return loadGenerations(
    database,
    rows.map(({ id }) => id),
  );
}

/** What is written, so that the answer needs no reading back. */
function toGenerations(request: NewRequest): Generation[] {
  const requestKey = cleanText(request.requestKey);
  const target = cleanJson(request.target);
  return request.generations.map(({ pictures, chargedPictures, ...generation }) => ({
    ...generation,
    requestKey,
    prompt: cleanText(generation.prompt),
    options: cleanJson(generation.options),
    status: 'queued' as const,
    errorCode: null,
    scope: { ...request.scope, roles: [...request.scope.roles] },
    private: request.private,
    target,
    kept: false,
    createdAtMs: request.acceptedAtMs,
    startedAtMs: null,
    finishedAtMs: null,
    charge: { state: 'reserved' as const, pictures: chargedPictures, engineMs: 0 },
    pictures: Array.from({ length: pictures }, (_, index) => ({
      index,
      state: 'waiting' as const,
      attempts: 0,
      ...NOTHING_DRAWN,
    })),
  }));
}

function toRow(
  { scope, charge: _charge, pictures: _pictures, private: isPrivate, kept, ...generation }: Generation,
  requestIndex: number,
): typeof generations.$inferInsert {
  const { user, ...place } = scope;
  return { ...generation, ...place, requestIndex, userId: user, isPrivate, isKept: kept };
}

function toSlots({ id, pictures }: Generation): (typeof slots.$inferInsert)[] {
  return pictures.map(({ index, state, attempts }) => ({ generationId: id, pictureIndex: index, state, attempts }));
}

function toReservation({ id, scope, charge, model, createdAtMs }: Generation): typeof ledger.$inferInsert {
  const { platform, tenant, channel, user } = scope;
  return { generationId: id, ...charge, platform, tenant, channel, userId: user, model, reservedAtMs: createdAtMs };
}

function toOutboxRow({ id, scope, createdAtMs }: Generation): typeof outbox.$inferInsert {
  const { platform, channel } = scope;
  return {
    generationId: id,
    state: 'due',
    isReady: true,
    platform,
    channel,
    attempts: 0,
    nextAttemptAtMs: createdAtMs,
    createdAtMs,
  };
}
