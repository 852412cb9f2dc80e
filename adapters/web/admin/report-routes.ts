// What was used, refused and waited for, and who changed what: from daily totals, so that years of it open at once.

import { stringify } from 'csv-stringify/sync';
import type { FastifyInstance } from 'fastify';
import { DateTime } from 'luxon';
import { z } from 'zod';
import { type AuditEntry, type Limits, type UsageQuery, type UsageRow, wordsFor } from '../../../src/index.ts';
import { localeOfHeader } from '../answers.ts';
import { foundIn } from './limits-routes.ts';
import type { Names, Place } from './names.ts';
import type { AdminSessions, Visit } from './sessions.ts';
import type { WireAudit, WireAudits, WireName, WireShare, WireUsage } from './wire.ts';

export type ReportParts = {
  readonly app: FastifyInstance;
  readonly limits: Limits;
  readonly sessions: AdminSessions;
  readonly names: Names;
  nowMs(): number;
};

const DAYS_MAX = 400;
const TOP_MAX = 12;
const AUDIT_PAGE = 40;
const CSV_ROWS_MAX = 10_000;
const usageSchema = z.object({ days: z.coerce.number().int().min(1).max(DAYS_MAX).default(30) });
const auditSchema = z.object({
  before: z.string().min(1).max(100).optional(),
  by: z.string().max(100).optional(),
  action: z.string().max(40).optional(),
});

export function addReportRoutes({ app, limits, sessions, names, nowMs }: ReportParts): void {
  app.get('/api/admin/usage', async (request): Promise<WireUsage> => {
    const { asker, place, signIn } = await sessions.require(request);
    const { days } = usageSchema.parse(request.query);
    const zone = limits.settings(place).timeZone ?? limits.settings(null).timeZone ?? 'local';
    const now = DateTime.fromMillis(nowMs(), { zone });
    const period = { from: now.minus({ days: days - 1 }).toFormat('yyyy-MM-dd'), to: now.toFormat('yyyy-MM-dd') };
    const ask = async (by: UsageQuery['by'], every: UsageQuery['every'], more: Partial<UsageQuery> = {}) =>
      foundIn(await limits.usage(asker, { ...period, by, every, ...more }));
    const words = wordsFor(localeOfHeader(request.headers['accept-language']));
    const [perDay, people, channels, models, tenants, refusals, waits] = await Promise.all([
      ask('total', 'day', { limit: DAYS_MAX }),
      ask('user', 'period', { limit: TOP_MAX }),
      ask('channel', 'period', { limit: TOP_MAX }),
      ask('model', 'period', { limit: TOP_MAX }),
      signIn.via === 'host' ? ask('tenant', 'period', { limit: TOP_MAX, tenant: null }) : [],
      limits.refusals(asker, period).then(foundIn),
      limits.waits(asker, period).then(foundIn),
    ]);
    const counted = new Map<string, WireUsage['refusals'][number]>();
    for (const { code, shadow, refusals: count } of refusals) {
      const key = `${code} ${shadow}`;
      const before = counted.get(key)?.refusals ?? 0;
      counted.set(key, { reason: words.sayCode(code), shadow, refusals: before + count });
    }
    return {
      ...period,
      days: everyDay(now, days, perDay),
      people: await shares(people, (row) => names.person(place, row.key)),
      channels: await shares(channels, (row) => names.channel(place, row.key)),
      models: await shares(models, async ({ key }) => ({ id: key, name: key })),
      tenants: await shares(tenants, async ({ platform, key }) => {
        const { name } = await names.place({ platform, tenant: key });
        return { id: `${platform}/${key}`, name };
      }),
      refusals: [...counted.values()].sort((one, other) => other.refusals - one.refusals),
      waits: waits.map(({ day, p50Ms, p95Ms, jobs }) => ({ day, p50Ms, p95Ms, jobs })),
    };
  });

  app.get('/api/admin/audit', async (request): Promise<WireAudits> => {
    const visit = await sessions.require(request);
    const query = auditSchema.parse(request.query);
    const { entries, next } = await auditPage(visit, query, AUDIT_PAGE);
    return { entries: await Promise.all(entries.map((entry) => toAudit(visit.place, entry))), next };
  });

  app.get('/api/admin/audit.csv', async (request, reply) => {
    const visit = await sessions.require(request);
    const query = auditSchema.parse(request.query);
    const rows: (string | number)[][] = [];
    let before = query.before;
    while (rows.length < CSV_ROWS_MAX) {
      const page = await auditPage(visit, { ...query, ...(before === undefined ? {} : { before }) }, AUDIT_PAGE);
      for (const entry of page.entries) {
        const { name } = await names.person({ ...visit.place, platform: entry.by.platform }, entry.by.user);
        const where = entry.place === null ? 'host' : `${entry.place.platform}/${entry.place.tenant}`;
        rows.push([
          new Date(entry.atMs).toISOString(),
          name,
          entry.by.user,
          where,
          entry.action,
          JSON.stringify(entry.changes),
          entry.undoneBy ?? '',
        ]);
      }
      if (page.next === null) break;
      before = page.next;
    }
    const columns = ['time', 'name', 'person', 'place', 'action', 'changes', 'undone by'];
    // A cell that begins like a formula is one to a spreadsheet.
    const text = stringify([columns, ...rows], { escape_formulas: true, bom: true });
    return reply
      .header('content-disposition', 'attachment; filename="easel-audit.csv"')
      .type('text/csv; charset=utf-8')
      .send(text);
  });

  /** Pages are read on until enough of them fit the filter. */
  async function auditPage(
    { asker }: Visit,
    { before: first, by, action }: z.infer<typeof auditSchema>,
    wanted: number,
  ): Promise<{ entries: readonly AuditEntry[]; next: string | null }> {
    const entries: AuditEntry[] = [];
    let before = first;
    for (;;) {
      const page = foundIn(await limits.audit(asker, { limit: wanted, ...(before === undefined ? {} : { before }) }));
      for (const entry of page) {
        before = entry.id;
        if (by !== undefined && by !== '' && entry.by.user !== by) continue;
        if (action !== undefined && action !== '' && entry.action !== action) continue;
        entries.push(entry);
        if (entries.length === wanted) return { entries, next: before };
      }
      if (page.length < wanted) return { entries, next: null };
    }
  }

  async function toAudit(place: Place, { by, ...entry }: AuditEntry): Promise<WireAudit> {
    const where = entry.place === null ? 'Everywhere' : (await names.place(entry.place)).name;
    return { ...entry, by: await names.person({ ...place, platform: by.platform }, by.user), placeName: where };
  }
}

async function shares(
  rows: readonly UsageRow[],
  nameOf: (row: UsageRow) => Promise<WireName>,
): Promise<readonly WireShare[]> {
  return Promise.all(
    rows.map(async (row) => {
      const { requests, pictures, gpuSeconds } = row;
      return { ...(await nameOf(row)), requests, pictures, gpuSeconds };
    }),
  );
}

/** A day without pictures is a day too. */
function everyDay(now: DateTime, days: number, rows: readonly UsageRow[]): WireUsage['days'] {
  const known = new Map(rows.map((row) => [row.day, row]));
  return Array.from({ length: days }, (_, index) => {
    const day = now.minus({ days: days - 1 - index }).toFormat('yyyy-MM-dd');
    const { pictures = 0, gpuSeconds = 0 } = known.get(day) ?? {};
    return { day, pictures, gpuSeconds };
  });
}
