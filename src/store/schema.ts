/** The tables as Drizzle sees them. `migrations.ts` creates them; a test holds the two together. */
import {
  bigint,
  boolean,
  customType,
  date,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
} from 'drizzle-orm/pg-core';
import type { ErrorCode } from '../errors.ts';
import type { AuditAction, Change, Grant, TenantSettings } from '../policy/limits.ts';
import type { Rule } from '../policy/rules.ts';
import type { UsageKind } from './limit-records.ts';
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
  /** Of the tenant's calendar when it was reserved, and of the host's: a later change of the time zone moves nothing. */
  day: date('day').notNull(),
  hostDay: date('host_day').notNull(),
});

/** What the ledger adds up to by day, kept equal to it in each transaction: limits read these few rows, not the ledger. */
export const usageDays = pgTable(
  'usage_days',
  {
    kind: text('kind').$type<UsageKind>().notNull(),
    platform: text('platform').notNull(),
    tenant: text('tenant').notNull(),
    /** Of the person, channel or model. */
    key: text('key').notNull(),
    day: date('day').notNull(),
    /** Where a person drew; empty for every other kind. */
    channel: text('channel').notNull(),
    requests: integer('requests').notNull(),
    pictures: integer('pictures').notNull(),
    engineMs: doublePrecision('engine_ms').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.kind, table.platform, table.tenant, table.key, table.day, table.channel] }),
    index('usage_days_by_day').on(table.kind, table.day),
  ],
);

/** How long settled jobs had waited: counts in steps of a fifth. */
export const waitDays = pgTable(
  'wait_days',
  {
    platform: text('platform').notNull(),
    tenant: text('tenant').notNull(),
    day: date('day').notNull(),
    step: integer('step').notNull(),
    jobs: integer('jobs').notNull(),
    waitMs: doublePrecision('wait_ms').notNull(),
  },
  (table) => [primaryKey({ columns: [table.platform, table.tenant, table.day, table.step] })],
);

export const refusalDays = pgTable(
  'refusal_days',
  {
    platform: text('platform').notNull(),
    tenant: text('tenant').notNull(),
    day: date('day').notNull(),
    /** Empty: a filter. */
    ruleId: text('rule_id').notNull(),
    code: text('code').notNull(),
    isShadow: boolean('is_shadow').notNull(),
    refusals: integer('refusals').notNull(),
  },
  (table) => [
    primaryKey({
      columns: [table.platform, table.tenant, table.day, table.ruleId, table.code, table.isShadow],
    }),
  ],
);

export const lastRefusals = pgTable(
  'last_refusals',
  {
    platform: text('platform').notNull(),
    tenant: text('tenant').notNull(),
    userId: text('user_id').notNull(),
    atMs: atMs('at_ms').notNull(),
    code: text('code').$type<ErrorCode>().notNull(),
    message: text('message').notNull(),
    details: jsonb('details').$type<JsonObject>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.platform, table.tenant, table.userId] })],
);

export const limitRules = pgTable('limit_rules', {
  id: text('id').primaryKey(),
  rule: jsonb('rule').$type<Rule>().notNull(),
});

export const limitGrants = pgTable('limit_grants', {
  id: text('id').primaryKey(),
  platform: text('platform').notNull(),
  userId: text('user_id').notNull(),
  granted: jsonb('granted').$type<Grant>().notNull(),
  createdAtMs: atMs('created_at_ms').notNull(),
});

/** Of the host: platform and tenant are empty. */
export const limitSettings = pgTable(
  'limit_settings',
  {
    platform: text('platform').notNull(),
    tenant: text('tenant').notNull(),
    settings: jsonb('settings').$type<TenantSettings>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.platform, table.tenant] })],
);

export const limitAudit = pgTable(
  'limit_audit',
  {
    id: text('id').primaryKey(),
    platform: text('platform').notNull(),
    tenant: text('tenant').notNull(),
    atMs: atMs('at_ms').notNull(),
    byPlatform: text('by_platform').notNull(),
    byUser: text('by_user').notNull(),
    action: text('action').$type<AuditAction>().notNull(),
    changes: jsonb('changes').$type<Change[]>().notNull(),
    jobs: integer('jobs').notNull(),
    undoneBy: text('undone_by'),
  },
  (table) => [index('limit_audit_of_tenant').on(table.platform, table.tenant, table.id)],
);

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
