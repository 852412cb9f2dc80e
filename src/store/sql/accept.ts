/** The transaction that makes a request durable. */
import { and, eq, type SQL, sql } from 'drizzle-orm';
import { AppError } from '../../errors.ts';
import { toStoreError } from '../database-error.ts';
import { type Check, exceeds } from '../limit-records.ts';
import type { Accepted, Generation, JsonObject, NewRequest } from '../records.ts';
import { generations } from '../schema.ts';
import { cleanJson, cleanText } from './clean.ts';
import { countAll, explainAll, withoutTimes } from './counts.ts';
import type { Database } from './database.ts';
import { ADDED_TO_USAGE_DAYS, INTO_USAGE_DAYS, totalsOf } from './ledger.ts';
import { loadGenerations } from './rows.ts';

/** Accepting requests are counted one after another. */
const LIMITS_LOCK_KEY = 0x6561_736e;

type Days = { day: string; hostDay: string };

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
  const insert = insertOf(written, daysOf(request));
  const checks = request.reservation?.checks ?? [];
  try {
    if (checks.length > 0) return await database.transaction((tx) => reserve(tx, request, checks, written, insert));
    await database.execute(insert);
    return { created: true, generations: written, refused: false, counted: [] };
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    const before = await acceptedBefore(database, request);
    // None of this key: it was an id that is taken, a mistake of the caller.
    if (before.length === 0) throw error;
    return { created: false, generations: before, refused: false, counted: [] };
  }
}

/** Of two requests at the same time the second counts the first: the lock is held until the transaction ends. */
async function reserve(
  tx: Database,
  request: NewRequest,
  checks: readonly Check[],
  written: Generation[],
  insert: SQL,
): Promise<Accepted> {
  await tx.execute(sql`SELECT pg_advisory_xact_lock(${LIMITS_LOCK_KEY}, hashtext(current_schema()))`);
  const used = await countAll(tx, checks, request.acceptedAtMs);
  if (checks.some((check, index) => check.enforce && exceeds(check, used[index] ?? 0))) {
    // The same key again is not counted against what it used itself.
    const before = await acceptedBefore(tx, request);
    if (before.length > 0) return { created: false, generations: before, refused: false, counted: [] };
    const counted = await explainAll(tx, checks, request.acceptedAtMs);
    return { created: false, generations: [], refused: true, counted };
  }
  await tx.execute(insert);
  return { created: true, generations: written, refused: false, counted: used.map(withoutTimes) };
}

/**
 * All rows of a request in one statement, which is a transaction of its own: on PGlite every further statement costs as much
 * again, and this is what a person waits for.
 *
 * A key that is there already fails it whole, so that of two expansions of one key never a part is added.
 */
function insertOf(written: readonly Generation[], { day, hostDay }: Days): SQL {
  return sql`WITH asked AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(written.map(toRow))}::jsonb) AS row(
        id text, request_key text, request_index integer, kind text, parent_id text, parent_picture_index integer, prompt text,
        options jsonb, seed bigint, model text, model_hash text, platform text, tenant text, channel text, user_id text, roles jsonb,
        is_private boolean, target jsonb, created_at_ms bigint, pictures integer, charged_pictures integer, engine_ms float8)
      CROSS JOIN (SELECT ${day}::date AS day, ${hostDay}::date AS host_day) AS days
    ), accepted AS (
      INSERT INTO generations (id, request_key, request_index, kind, parent_id, parent_picture_index, prompt, options, seed, model,
        model_hash, status, platform, tenant, channel, user_id, roles, is_private, target, is_kept, created_at_ms)
      SELECT id, request_key, request_index, kind, parent_id, parent_picture_index, prompt, options, seed, model,
        model_hash, 'queued', platform, tenant, channel, user_id, roles, is_private, target, false, created_at_ms
      FROM asked ORDER BY request_index
    ), waiting AS (
      INSERT INTO slots (generation_id, picture_index, state, attempts)
      SELECT id, picture_index, 'waiting', 0 FROM asked, generate_series(0, pictures - 1) AS picture_index
    ), reserved AS (
      INSERT INTO ledger (generation_id, state, platform, tenant, channel, user_id, model, pictures, engine_ms, reserved_at_ms, day,
        host_day)
      SELECT id, 'reserved', platform, tenant, channel, user_id, model, charged_pictures, engine_ms, created_at_ms, day, host_day
      FROM asked
    ), added AS (
      ${INTO_USAGE_DAYS}
      SELECT total.kind, total.platform, total.tenant, total.key, total.day, total.channel, count(*), sum(charged_pictures), sum(engine_ms)
      FROM asked CROSS JOIN LATERAL ${totalsOf(sql.raw('asked'))}
      GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6 ${ADDED_TO_USAGE_DAYS}
    )
    INSERT INTO outbox (generation_id, state, is_ready, platform, channel, attempts, next_attempt_at_ms, created_at_ms)
    SELECT id, 'due', true, platform, channel, 0, created_at_ms, created_at_ms FROM asked`;
}

function daysOf({ reservation, acceptedAtMs }: NewRequest): Days {
  if (reservation !== undefined) return { day: reservation.day, hostDay: reservation.hostDay };
  const day = new Date(acceptedAtMs).toISOString().slice(0, 10);
  return { day, hostDay: day };
}

function isUniqueViolation(error: unknown): boolean {
  return toStoreError(error).details['sqlState'] === '23505';
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
    charge: {
      state: 'reserved' as const,
      pictures: chargedPictures,
      engineMs: chargedPictures * (request.reservation?.engineMsPerPicture ?? 0),
    },
    pictures: Array.from({ length: pictures }, (_, index) => ({
      index,
      state: 'waiting' as const,
      attempts: 0,
      ...NOTHING_DRAWN,
    })),
  }));
}

function toRow(generation: Generation, requestIndex: number): JsonObject {
  const { scope, charge } = generation;
  return {
    id: generation.id,
    request_key: generation.requestKey,
    request_index: requestIndex,
    kind: generation.kind,
    parent_id: generation.parentId,
    parent_picture_index: generation.parentPictureIndex,
    prompt: generation.prompt,
    options: generation.options,
    seed: generation.seed,
    model: generation.model,
    model_hash: generation.modelHash,
    platform: scope.platform,
    tenant: scope.tenant,
    channel: scope.channel,
    user_id: scope.user,
    roles: scope.roles,
    is_private: generation.private,
    target: generation.target,
    created_at_ms: generation.createdAtMs,
    pictures: generation.pictures.length,
    charged_pictures: charge.pictures,
    engine_ms: charge.engineMs,
  };
}
