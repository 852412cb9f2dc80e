/** Rules, grants, settings and their audit: read whole at the start, changed together with the entry that says so. */
import { and, desc, eq, lt, sql } from 'drizzle-orm';
import { AppError } from '../../errors.ts';
import type { Change } from '../../policy/limits.ts';
import type { Place } from '../../policy/rules.ts';
import type {
  AuditEntry,
  AuditQuery,
  LimitState,
  NewAuditEntry,
  ShadowRefusal,
  StoredRefusal,
} from '../limit-records.ts';
import type { JsonObject } from '../records.ts';
import { lastRefusals, limitAudit, limitGrants, limitRules, limitSettings, refusalDays } from '../schema.ts';
import type { LimitStore } from '../store.ts';
import { countAll, explainAll, withoutTimes } from './counts.ts';
import { type Database, rowsOf } from './database.ts';
import { preview, refusals, rollUp, totals, waits } from './usage.ts';

/** Engine times that the median of a model is taken of. */
const MEDIAN_OF = 100;

export function createLimitStore(database: Database): LimitStore {
  return {
    load: () => load(database),
    apply: (entry) => apply(database, entry),
    audit: (query) => audit(database, query),
    auditEntry: async (id) => {
      const [row] = await database.select().from(limitAudit).where(eq(limitAudit.id, id));
      return row === undefined ? null : toEntry(row);
    },
    count: async (checks, nowMs, withTimes) => {
      if (withTimes) return explainAll(database, checks, nowMs);
      return (await countAll(database, checks, nowMs)).map(withoutTimes);
    },
    refused: (refusal) => refused(database, refusal),
    shadowed: (refusal) => addRefusal(database, refusal, true),
    lastRefusal: async ({ platform, tenant }, user) => {
      const [row] = await database
        .select()
        .from(lastRefusals)
        .where(
          and(eq(lastRefusals.platform, platform), eq(lastRefusals.tenant, tenant), eq(lastRefusals.userId, user)),
        );
      return row === undefined ? null : { atMs: row.atMs, code: row.code, message: row.message, details: row.details };
    },
    engineMs: async (model) => {
      const rows = await rowsOf<{ engineMs: number }>(
        database,
        sql`SELECT s.engine_ms AS "engineMs" FROM slots s JOIN generations g ON g.id = s.generation_id
            WHERE g.model = ${model} AND s.blob_key IS NOT NULL AND s.engine_ms > 0
            ORDER BY s.drawn_at_ms DESC LIMIT ${MEDIAN_OF}`,
      );
      return rows.map((row) => row.engineMs).reverse();
    },
    unfinishedOf: async ({ platform, tenant }, user) => {
      const rows = await rowsOf<{ id: string }>(
        database,
        sql`SELECT id FROM generations WHERE status IN ('queued', 'drawing')
            AND platform = ${platform} AND tenant = ${tenant} AND user_id = ${user} ORDER BY id`,
      );
      return rows.map(({ id }) => id);
    },
    totals: (query) => totals(database, query),
    refusals: (query) => refusals(database, query),
    waits: (query) => waits(database, query),
    preview: (query) => preview(database, query),
    rollUp: (nowMs) => rollUp(database, nowMs),
  };
}

async function load(database: Database): Promise<LimitState> {
  const rules = await database.select().from(limitRules).orderBy(limitRules.id);
  const grants = await database.select().from(limitGrants).orderBy(limitGrants.id);
  const settings = await database.select().from(limitSettings);
  return {
    rules: rules.map(({ rule }) => rule),
    grants: grants.map(({ granted }) => granted),
    settings: settings.map(({ platform, tenant, settings: values }) => ({
      place: toPlace(platform, tenant),
      settings: values,
    })),
    people: await rowsOf(
      database,
      sql`SELECT DISTINCT ON (platform, tenant, user_id) platform, tenant, user_id AS "user", roles FROM generations
          WHERE status IN ('queued', 'drawing') ORDER BY platform, tenant, user_id, id DESC`,
    ),
  };
}

/** Repeating it after a lost answer changes nothing: the entry is there already. */
async function apply(database: Database, entry: NewAuditEntry): Promise<void> {
  await database.transaction(async (tx) => {
    const { platform, tenant } = entry.place ?? { platform: '', tenant: '' };
    const added = await tx
      .insert(limitAudit)
      .values({
        id: entry.id,
        platform,
        tenant,
        atMs: entry.atMs,
        byPlatform: entry.by.platform,
        byUser: entry.by.user,
        action: entry.action,
        changes: [...entry.changes],
        jobs: entry.jobs,
        undoneBy: null,
      })
      .onConflictDoNothing()
      .returning({ id: limitAudit.id });
    if (added.length === 0) return;
    for (const change of entry.changes) await write(tx, change, entry.atMs);
    if (entry.undoes === null) return;
    const undone = await tx
      .update(limitAudit)
      .set({ undoneBy: entry.id })
      .where(and(eq(limitAudit.id, entry.undoes), sql`${limitAudit.undoneBy} IS NULL`))
      .returning({ id: limitAudit.id });
    if (undone.length === 0) throw new AppError('LIMIT_CHANGED', 'This was undone already.');
  });
}

async function write(tx: Database, change: Change, nowMs: number): Promise<void> {
  switch (change.kind) {
    case 'rule':
      if (change.after === null) await tx.delete(limitRules).where(eq(limitRules.id, change.id));
      else
        await tx
          .insert(limitRules)
          .values({ id: change.id, rule: change.after })
          .onConflictDoUpdate({ target: limitRules.id, set: { rule: change.after } });
      return;
    case 'grant':
      if (change.after === null) await tx.delete(limitGrants).where(eq(limitGrants.id, change.id));
      else {
        const { platform, user: userId } = change.after;
        const row = { id: change.id, platform, userId, granted: change.after, createdAtMs: nowMs };
        await tx.insert(limitGrants).values(row).onConflictDoNothing();
      }
      return;
    case 'settings': {
      const { platform, tenant } = change.place ?? { platform: '', tenant: '' };
      const isPlace = and(eq(limitSettings.platform, platform), eq(limitSettings.tenant, tenant));
      if (change.after === null) await tx.delete(limitSettings).where(isPlace);
      else
        await tx
          .insert(limitSettings)
          .values({ platform, tenant, settings: change.after })
          .onConflictDoUpdate({
            target: [limitSettings.platform, limitSettings.tenant],
            set: { settings: change.after },
          });
    }
  }
}

async function audit(database: Database, { place, before, limit }: AuditQuery): Promise<AuditEntry[]> {
  const { platform, tenant } = place ?? { platform: '', tenant: '' };
  const rows = await database
    .select()
    .from(limitAudit)
    .where(
      and(
        eq(limitAudit.platform, platform),
        eq(limitAudit.tenant, tenant),
        before === null ? undefined : lt(limitAudit.id, before),
      ),
    )
    .orderBy(desc(limitAudit.id))
    .limit(limit);
  return rows.map(toEntry);
}

function toEntry(row: typeof limitAudit.$inferSelect): AuditEntry {
  const { id, atMs, byPlatform, byUser, platform, tenant, action, changes, jobs, undoneBy } = row;
  const by = { platform: byPlatform, user: byUser };
  return { id, atMs, by, place: toPlace(platform, tenant), action, changes, jobs, undoneBy };
}

function toPlace(platform: string, tenant: string): Place | null {
  return platform === '' ? null : { platform, tenant };
}

async function refused(database: Database, refusal: StoredRefusal): Promise<void> {
  const { place, user: userId, atMs, message, details } = refusal;
  const code = refusal.code as typeof lastRefusals.$inferInsert.code;
  const last = { atMs, code, message, details: details as JsonObject };
  await database.transaction(async (tx) => {
    await addRefusal(tx, refusal, false);
    await tx
      .insert(lastRefusals)
      .values({ ...place, userId, ...last })
      .onConflictDoUpdate({ target: [lastRefusals.platform, lastRefusals.tenant, lastRefusals.userId], set: last });
  });
}

async function addRefusal(database: Database, refusal: ShadowRefusal, isShadow: boolean): Promise<void> {
  const { platform, tenant } = refusal.place;
  const { day, ruleId, code } = refusal;
  await database
    .insert(refusalDays)
    .values({ platform, tenant, day, ruleId, code, isShadow, refusals: 1 })
    .onConflictDoUpdate({
      target: [
        refusalDays.platform,
        refusalDays.tenant,
        refusalDays.day,
        refusalDays.ruleId,
        refusalDays.code,
        refusalDays.isShadow,
      ],
      set: { refusals: sql`${refusalDays.refusals} + 1` },
    });
}
