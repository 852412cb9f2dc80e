// Limits on the admin page: the same calls that chat makes, each asking the permission again.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import {
  type Answer,
  type AuditEntry,
  COUNTED_PER,
  LIMIT_NAMES,
  type LimitName,
  type Limits,
  RULE_MODES,
  type RuleDraft,
  wordsFor,
} from '../../../src/index.ts';
import { localeOfHeader } from '../answers.ts';
import type { Names, Place } from './names.ts';
import type { AdminSessions, Visit } from './sessions.ts';
import type { WireLimitPreview, WireLimits, WireWhy } from './wire.ts';

export type LimitsRouteParts = {
  readonly app: FastifyInstance;
  readonly limits: Limits;
  readonly sessions: AdminSessions;
  readonly names: Names;
  rolesOf(place: Place, user: string): Promise<readonly string[]>;
};

const short = z.string().min(1).max(120);
/** Of the place that is looked at; another one cannot be named. */
const scopeSchema = z.union([
  z.strictObject({ kind: z.enum(['host', 'tenant']) }),
  z.strictObject({ kind: z.enum(['channel', 'role', 'user']), id: short }),
]);
const draftSchema = z.strictObject({
  scope: scopeSchema,
  limit: z.enum(LIMIT_NAMES as [LimitName, ...LimitName[]]),
  value: z.unknown(),
  countedPer: z.enum(COUNTED_PER).optional(),
  mode: z.enum(RULE_MODES).optional(),
});
const grantable = [
  'picturesPerDay',
  'picturesPerWeek',
  'picturesPerMonth',
  'gpuSecondsPerDay',
  'gpuSecondsPerMonth',
] as const;
const untilSchema = z.int().positive().nullable().default(null);
const settingsSchema = z.strictObject({
  timeZone: z.string().max(60).nullable().optional(),
  galleryChannel: z.string().max(100).nullable().optional(),
  blockedWords: z
    .strictObject({
      defaultList: z.boolean(),
      words: z.array(z.string().max(100)).max(2_000),
      allowed: z.array(z.string().max(100)).max(2_000),
    })
    .optional(),
});
const actionSchema = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('set'), draft: draftSchema }),
  z.strictObject({ do: z.literal('remove'), rule: z.string().min(1).max(300) }),
  z.strictObject({
    do: z.literal('plan'),
    plan: z.enum(['open', 'small', 'big', 'paid', 'event']),
    role: short.optional(),
  }),
  z.strictObject({ do: z.literal('grant'), user: short, limit: z.enum(grantable), amount: z.number() }),
  z.strictObject({ do: z.literal('reset'), user: short }),
  z.strictObject({ do: z.literal('block'), user: short, untilMs: untilSchema }),
  z.strictObject({ do: z.literal('unblock'), user: short }),
  z.strictObject({ do: z.literal('pause'), where: z.enum(['tenant', 'host']), untilMs: untilSchema }),
  z.strictObject({ do: z.literal('resume'), where: z.enum(['tenant', 'host']) }),
  z.strictObject({ do: z.literal('clear'), user: short }),
  z.strictObject({ do: z.literal('settings'), change: settingsSchema }),
  z.strictObject({ do: z.literal('undo'), entry: z.string().min(1).max(100) }),
]);
const whyQuery = z.object({ user: short });
const yamlSchema = z.strictObject({
  text: z.string().max(60_000),
  dryRun: z.boolean(),
  what: z.enum(['tenant', 'host']).default('tenant'),
});
const yamlQuery = z.object({ what: z.enum(['tenant', 'host']).default('tenant') });

export function addLimitsRoutes({ app, limits, sessions, names, rolesOf }: LimitsRouteParts): void {
  app.get('/api/admin/limits', async (request): Promise<WireLimits> => {
    const { asker, place } = await sessions.require(request);
    const [people, roles, channels] = await Promise.all([
      names.list(place, 'user'),
      names.list(place, 'role'),
      names.list(place, 'channel'),
    ]);
    return {
      rules: await Promise.all(
        limits.rules(asker).map(async (rule) => ({ rule, scopeName: await names.scope(rule.scope) })),
      ),
      settings: limits.settings(place),
      plans: limits.plans(),
      ...{ people, roles, channels },
    };
  });

  app.post('/api/admin/limits/preview', async (request): Promise<WireLimitPreview> => {
    const visit = await sessions.require(request);
    return foundIn(await limits.preview(visit.asker, toDraft(visit, draftSchema.parse(request.body))));
  });

  app.post('/api/admin/limits', async (request): Promise<object> => {
    const visit = await sessions.require(request);
    return { id: foundIn(await act(visit, actionSchema.parse(request.body))).id };
  });

  app.get('/api/admin/why', async (request): Promise<WireWhy> => {
    const { asker, place } = await sessions.require(request);
    const { user } = whyQuery.parse(request.query);
    const member = { user, roles: [...(await rolesOf(place, user))] };
    const [why, standing] = await Promise.all([limits.whyOf(asker, member), limits.meOf(asker, member)]);
    const { decision, last } = foundIn(why);
    const words = wordsFor(localeOfHeader(request.headers['accept-language']));
    return {
      who: await names.person(place, user),
      allowed: decision.allowed,
      reason: decision.refusal === null ? null : words.sayError(decision.refusal),
      last: last === null ? null : { atMs: last.atMs, reason: words.sayError(last.error) },
      chain: await Promise.all(
        decision.chain.map(async (each) => ({
          ...each,
          scopeName: each.rule === null ? 'Blocked words' : await names.scope(each.rule.scope),
        })),
      ),
      bars: foundIn(standing).bars,
      timeZone: decision.timeZone,
    };
  });

  app.get('/api/admin/limits.yaml', async (request, reply) => {
    const { asker } = await sessions.require(request);
    const text = foundIn(await limits.exportYaml(asker, yamlQuery.parse(request.query).what));
    return reply
      .header('content-disposition', 'attachment; filename="easel-limits.yaml"')
      .type('application/yaml')
      .send(text);
  });

  app.post('/api/admin/limits.yaml', async (request): Promise<{ changes: number; applied: boolean }> => {
    const { asker } = await sessions.require(request);
    const { text, dryRun, what } = yamlSchema.parse(request.body);
    const { changes, applied } = foundIn(await limits.importYaml(asker, text, { dryRun, what }));
    return { changes: changes.length, applied };
  });

  function act({ asker, ...visit }: Visit, action: z.infer<typeof actionSchema>): Promise<Answer<AuditEntry>> {
    switch (action.do) {
      case 'set':
        return limits.set(asker, toDraft(visit, action.draft));
      case 'remove':
        return limits.remove(asker, action.rule);
      case 'plan':
        return limits.applyPlan(asker, action.plan, action.role === undefined ? {} : { role: action.role });
      case 'grant':
        return limits.grant(asker, action.user, action.limit, action.amount);
      case 'reset':
        return limits.reset(asker, action.user);
      case 'block':
        return limits.block(asker, action.user, action.untilMs);
      case 'unblock':
        return limits.unblock(asker, action.user);
      case 'pause':
        return limits.pause(asker, action.where, action.untilMs);
      case 'resume':
        return limits.resume(asker, action.where);
      case 'clear':
        return limits.clear(asker, action.user);
      case 'settings': {
        const change = Object.fromEntries(Object.entries(action.change).filter(([, value]) => value !== undefined));
        return limits.saveSettings(asker, change, visit.place);
      }
      case 'undo':
        return limits.undo(asker, action.entry);
    }
  }
}

function toDraft(
  { place }: Pick<Visit, 'place'>,
  { scope, limit, value, countedPer, mode }: z.infer<typeof draftSchema>,
): RuleDraft {
  return {
    limit,
    value,
    scope: toScope(place, scope),
    ...(countedPer === undefined ? {} : { countedPer }),
    ...(mode === undefined ? {} : { mode }),
  };
}

function toScope(place: Place, scope: z.infer<typeof scopeSchema>): RuleDraft['scope'] {
  switch (scope.kind) {
    case 'host':
      return { kind: 'host' };
    case 'tenant':
      return { kind: 'tenant', ...place };
    case 'channel':
      return { kind: 'channel', ...place, channel: scope.id };
    case 'role':
      return { kind: 'role', ...place, role: scope.id };
    case 'user':
      return { kind: 'user', ...place, user: scope.id };
  }
}

/** @throws {AppError} the refusal */
export function foundIn<T>(answer: Answer<T>): T {
  if (answer.kind === 'refused') throw answer.error;
  return answer.value;
}
