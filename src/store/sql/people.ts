/** What belongs to one person: settings, presets, and forgetting all of it. */
import { and, eq, inArray, sql } from 'drizzle-orm';
import type { JsonObject, Leftovers, Person } from '../records.ts';
import {
  deliveries,
  gallery,
  generations,
  lastRefusals,
  ledger,
  limitAudit,
  limitGrants,
  presets,
  reactions,
  settings,
  signInLinks,
  signIns,
  slots,
} from '../schema.ts';
import type { PeopleStore } from '../store.ts';
import { cleanJson, cleanText } from './clean.ts';
import type { Database } from './database.ts';
import { ADDED_TO_USAGE_DAYS, INTO_USAGE_DAYS, refundPerson } from './ledger.ts';
import { unreferenced } from './pictures.ts';

export function createPeopleStore(database: Database): PeopleStore {
  return {
    settings: async (person) => {
      const [row] = await database.select().from(settings).where(ownsSettings(person));
      return row?.settings ?? {};
    },
    saveSettings: (person, change) => saveSettings(database, person, change),
    presets: async (person) => {
      const rows = await database.select().from(presets).where(ownsPresets(person)).orderBy(presets.name);
      return Object.fromEntries(rows.map(({ name, options }) => [name, options]));
    },
    savePreset: async ({ platform, user }, rawName, rawOptions) => {
      const name = cleanText(rawName);
      if (rawOptions === null) {
        await database.delete(presets).where(and(ownsPresets({ platform, user }), eq(presets.name, name)));
        return;
      }
      const options = cleanJson(rawOptions);
      await database
        .insert(presets)
        .values({ platform, userId: user, name, options })
        .onConflictDoUpdate({ target: [presets.platform, presets.userId, presets.name], set: { options } });
    },
    forget: (person) => forget(database, person),
  };
}

async function saveSettings(database: Database, { platform, user }: Person, change: JsonObject): Promise<JsonObject> {
  return database.transaction(async (tx) => {
    await tx.insert(settings).values({ platform, userId: user, settings: {} }).onConflictDoNothing();
    const [row] = await tx.select().from(settings).where(ownsSettings({ platform, user })).for('update');
    const merged = Object.fromEntries(
      Object.entries({ ...row?.settings, ...cleanJson(change) }).filter(([, value]) => value !== null),
    );
    await tx.update(settings).set({ settings: merged }).where(ownsSettings({ platform, user }));
    return merged;
  });
}

async function forget(database: Database, person: Person): Promise<Leftovers> {
  const { platform, user } = person;
  return database.transaction(async (tx) => {
    const isTheirs = and(eq(generations.platform, platform), eq(generations.userId, user));
    const theirs = await tx
      .select({ id: generations.id })
      .from(generations)
      .where(isTheirs)
      .orderBy(generations.id)
      .for('update');
    const theirIds = tx.select({ id: generations.id }).from(generations).where(isTheirs);
    const messages = await tx.select().from(deliveries).where(inArray(deliveries.generationId, theirIds));
    const drawing = await tx
      .select({ generationId: slots.generationId, pictureIndex: slots.pictureIndex })
      .from(slots)
      .where(and(inArray(slots.generationId, theirIds), eq(slots.state, 'drawing')));
    const files = await tx
      .selectDistinct({ blobKey: slots.blobKey })
      .from(slots)
      .where(inArray(slots.generationId, theirIds));
    await refundPerson(tx, platform, user);
    // Counts stay for the totals of the host; neither the person nor the generation can be read from them.
    await tx
      .update(ledger)
      .set({ generationId: sql`gen_random_uuid()::text`, userId: '', channel: '' })
      .where(and(eq(ledger.platform, platform), eq(ledger.userId, user)));
    await forgetTotals(tx, person);
    // What others made from these pictures is theirs and stays, without the link.
    await tx
      .update(generations)
      .set({ parentId: null, parentPictureIndex: null })
      .where(inArray(generations.parentId, theirIds));
    await tx.delete(generations).where(isTheirs);
    await tx.delete(settings).where(ownsSettings(person));
    await tx.delete(presets).where(ownsPresets(person));
    await tx.delete(signIns).where(and(eq(signIns.platform, platform), eq(signIns.userId, user)));
    await tx.delete(signInLinks).where(and(eq(signInLinks.platform, platform), eq(signInLinks.userId, user)));
    await tx.delete(reactions).where(and(eq(reactions.platform, platform), eq(reactions.userId, user)));
    // What others drew stays in the gallery, without the name of who kept it.
    await tx
      .update(gallery)
      .set({ userId: '' })
      .where(and(eq(gallery.platform, platform), eq(gallery.userId, user)));
    await tx.delete(lastRefusals).where(and(eq(lastRefusals.platform, platform), eq(lastRefusals.userId, user)));
    await tx.delete(limitGrants).where(and(eq(limitGrants.platform, platform), eq(limitGrants.userId, user)));
    await tx
      .update(limitAudit)
      .set({ byUser: '' })
      .where(and(eq(limitAudit.byPlatform, platform), eq(limitAudit.byUser, user)));
    return {
      generationIds: theirs.map(({ id }) => id),
      blobKeys: await unreferenced(
        tx,
        files.flatMap(({ blobKey }) => blobKey ?? []),
      ),
      deliveries: messages,
      drawing,
    };
  });
}

/** Their totals become part of those of nobody in particular. */
async function forgetTotals(tx: Database, { platform, user }: Person): Promise<void> {
  await tx.execute(sql`WITH theirs AS (
      DELETE FROM usage_days WHERE kind = 'user' AND platform = ${platform} AND key = ${user} RETURNING *
    )
    ${INTO_USAGE_DAYS}
    SELECT kind, platform, tenant, '', day, '', sum(requests), sum(pictures), sum(engine_ms)
    FROM theirs GROUP BY kind, platform, tenant, day ORDER BY 1, 2, 3, 5 ${ADDED_TO_USAGE_DAYS}`);
}

function ownsSettings({ platform, user }: Person) {
  return and(eq(settings.platform, platform), eq(settings.userId, user));
}

function ownsPresets({ platform, user }: Person) {
  return and(eq(presets.platform, platform), eq(presets.userId, user));
}
