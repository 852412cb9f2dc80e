/** The tables as Drizzle sees them. `migrations.ts` creates them; a test holds the two together. */
import {
  bigint,
  boolean,
  customType,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
} from 'drizzle-orm/pg-core';
import type {
  GenerationKind,
  GenerationStatus,
  JsonObject,
  OutboxState,
  ReservationState,
  SlotState,
} from './records.ts';

export * from './schema-claims.ts';
export * from './schema-reactions.ts';
export * from './schema-sign-ins.ts';

/** PGlite answers with a Uint8Array, pg with a Buffer: both are one. */
const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => 'bytea' });
const atMs = (name: string) => bigint(name, { mode: 'number' });

export const generations = pgTable(
  'generations',
  {
    id: text('id').primaryKey(),
    requestKey: text('request_key').notNull(),
    requestIndex: integer('request_index').notNull(),
    kind: text('kind').$type<GenerationKind>().notNull(),
    parentId: text('parent_id'),
    parentPictureIndex: integer('parent_picture_index'),
    prompt: text('prompt').notNull(),
    options: jsonb('options').$type<JsonObject>().notNull(),
    seed: bigint('seed', { mode: 'number' }).notNull(),
    model: text('model').notNull(),
    modelHash: text('model_hash').notNull(),
    status: text('status').$type<GenerationStatus>().notNull(),
    errorCode: text('error_code'),
    platform: text('platform').notNull(),
    tenant: text('tenant').notNull(),
    channel: text('channel').notNull(),
    userId: text('user_id').notNull(),
    roles: jsonb('roles').$type<string[]>().notNull(),
    isPrivate: boolean('is_private').notNull(),
    target: jsonb('target').$type<JsonObject>().notNull(),
    isKept: boolean('is_kept').notNull(),
    createdAtMs: atMs('created_at_ms').notNull(),
    startedAtMs: atMs('started_at_ms'),
    finishedAtMs: atMs('finished_at_ms'),
  },
  (table) => [
    unique('generations_request').on(table.platform, table.requestKey, table.requestIndex),
    index('generations_by_user').on(table.platform, table.userId, table.id),
    index('generations_by_channel').on(table.platform, table.tenant, table.channel, table.id),
    index('generations_by_tenant').on(table.platform, table.tenant, table.id),
  ],
);

export const slots = pgTable(
  'slots',
  {
    generationId: text('generation_id').notNull(),
    pictureIndex: integer('picture_index').notNull(),
    state: text('state').$type<SlotState>().notNull(),
    attempts: integer('attempts').notNull(),
    /** Of the `begin` that set it drawing. */
    claim: text('claim'),
    /** Token ids, two bytes each, little end first. */
    ids: bytes('ids'),
    blobKey: text('blob_key'),
    sizeBytes: bigint('size_bytes', { mode: 'number' }),
    widthPx: integer('width_px'),
    heightPx: integer('height_px'),
    drawMs: doublePrecision('draw_ms'),
    engineMs: doublePrecision('engine_ms'),
    errorCode: text('error_code'),
    drawnAtMs: atMs('drawn_at_ms'),
  },
  (table) => [primaryKey({ columns: [table.generationId, table.pictureIndex] })],
);

/** One row per generation: what it took from the quota. It outlives the generation, without the name of who asked. */
export const ledger = pgTable('ledger', {
  generationId: text('generation_id').primaryKey(),
  state: text('state').$type<ReservationState>().notNull(),
  platform: text('platform').notNull(),
  tenant: text('tenant').notNull(),
  channel: text('channel').notNull(),
  userId: text('user_id').notNull(),
  model: text('model').notNull(),
  pictures: integer('pictures').notNull(),
  engineMs: doublePrecision('engine_ms').notNull(),
  reservedAtMs: atMs('reserved_at_ms').notNull(),
  closedAtMs: atMs('closed_at_ms'),
});

export const outbox = pgTable('outbox', {
  generationId: text('generation_id').primaryKey(),
  state: text('state').$type<OutboxState>().notNull(),
  /** Whether the deliverer has something to do: kept here so that ten thousand waiting rows are never read to find one. */
  isReady: boolean('is_ready').notNull(),
  platform: text('platform').notNull(),
  channel: text('channel').notNull(),
  messageId: text('message_id'),
  attempts: integer('attempts').notNull(),
  nextAttemptAtMs: atMs('next_attempt_at_ms').notNull(),
  createdAtMs: atMs('created_at_ms').notNull(),
});

export const deliveries = pgTable(
  'deliveries',
  {
    platform: text('platform').notNull(),
    channel: text('channel').notNull(),
    messageId: text('message_id').notNull(),
    generationId: text('generation_id').notNull(),
  },
  (table) => [primaryKey({ columns: [table.platform, table.channel, table.messageId] })],
);

export const settings = pgTable(
  'settings',
  {
    platform: text('platform').notNull(),
    userId: text('user_id').notNull(),
    settings: jsonb('settings').$type<JsonObject>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.platform, table.userId] })],
);

export const presets = pgTable(
  'presets',
  {
    platform: text('platform').notNull(),
    userId: text('user_id').notNull(),
    name: text('name').notNull(),
    options: jsonb('options').$type<JsonObject>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.platform, table.userId, table.name] })],
);
