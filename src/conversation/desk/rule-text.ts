/** Rules in a person's words: "20 pictures a day for @Painters, each person". */
import { createHash } from 'node:crypto';
import type { AuditEntry, Change } from '../../policy/limits.ts';
import type { Choice, CountedPer, LimitName, QuietHours, Rule, RuleScope, Until } from '../../policy/rules.ts';
import type { PlaceKind } from '../form.ts';
import type { Words } from '../words.ts';
import type { LimitKind, SharedBy } from './commands.ts';
import type { DeskContext } from './context.ts';

export type RuleWords = Pick<DeskContext, 'words' | 'nameOf'> & { timeZone?: string };

export const LIMIT_OF: Readonly<Record<LimitKind, LimitName>> = {
  'pictures-minute': 'picturesPerMinute',
  'pictures-hour': 'picturesPerHour',
  'pictures-day': 'picturesPerDay',
  'pictures-week': 'picturesPerWeek',
  'pictures-month': 'picturesPerMonth',
  'gpu-day': 'gpuSecondsPerDay',
  'gpu-month': 'gpuSecondsPerMonth',
  cooldown: 'cooldownSeconds',
  running: 'jobsRunning',
  waiting: 'jobsWaiting',
  request: 'picturesPerRequest',
  prompts: 'promptsPerRequest',
  weight: 'pickerWeight',
};

export function kindOf(limit: LimitName): LimitKind | null {
  return (Object.keys(LIMIT_OF) as LimitKind[]).find((kind) => LIMIT_OF[kind] === limit) ?? null;
}

export const COUNTED_OF: Readonly<Record<SharedBy, CountedPer>> = {
  each: 'user',
  channel: 'channel',
  everyone: 'tenant',
};

export function sharedBy(countedPer: CountedPer): SharedBy {
  return countedPer === 'user' ? 'each' : countedPer === 'channel' ? 'channel' : 'everyone';
}

/** Short enough to be typed and for a button; the same for the same scope, limit, count and mode. */
export function shortId({ id }: Pick<Rule, 'id'>): string {
  return createHash('sha256').update(id).digest('hex').slice(0, 6);
}

export async function ruleText(context: RuleWords, rule: Rule): Promise<string> {
  const { words } = context;
  const said = await whatText(context, rule);
  const counted = isCountable(rule.limit) ? [countedText(words, rule.countedPer)] : [];
  const shadow = rule.mode === 'shadow' ? [words.say('limits.shadow')] : [];
  return [`${said} ${await scopeText(context, rule.scope)}`, ...counted, ...shadow].join(', ');
}

/** What it says, without for whom. */
export async function whatText(context: RuleWords, rule: Rule): Promise<string> {
  return context.words.say(`rule.${rule.limit}`, { value: await valueText(context, rule) });
}

export async function scopeText({ words, nameOf }: RuleWords, scope: RuleScope): Promise<string> {
  switch (scope.kind) {
    case 'host':
      return words.say('limits.forHost');
    case 'tenant':
      return words.say('limits.forTenant');
    case 'channel':
      return words.say('limits.forChannel', { name: await nameOf('channel', scope.channel) });
    case 'role':
      return words.say('limits.forRole', { name: await nameOf('role', scope.role) });
    case 'user':
      return words.say('limits.forUser', { name: await nameOf('user', scope.user) });
  }
}

export function countedText(words: Words, countedPer: CountedPer): string {
  const key = { user: 'perUser', channel: 'perChannel', tenant: 'perTenant', host: 'perHost' } as const;
  return words.say(`limits.${key[countedPer]}`);
}

async function valueText(context: RuleWords, { limit, value }: Rule): Promise<string> {
  const { words } = context;
  switch (limit) {
    case 'models':
    case 'styles':
      return choiceText(context, value, null);
    case 'channels':
      return choiceText(context, value, 'channel');
    case 'roles':
      return choiceText(context, value, 'role');
    case 'blocked':
    case 'paused':
      return untilText(context, value);
    case 'quietHours':
      return hoursText(words, value);
    case 'buttons':
      return words.say(`limits.${value ?? 'everyone'}`);
    default:
      return value === null ? words.say('limits.unlimited') : `${value}`;
  }
}

async function choiceText({ words, nameOf }: RuleWords, choice: Choice, kind: PlaceKind | null): Promise<string> {
  if (choice === null) return words.say('limits.all');
  const ids = 'only' in choice ? choice.only : choice.except;
  const names = kind === null ? ids : await Promise.all(ids.map((id) => nameOf(kind, id)));
  const list = names.length === 0 ? words.say('limits.nothing') : names.join(', ');
  return words.say('only' in choice ? 'limits.only' : 'limits.except', { names: list });
}

function untilText({ words, timeZone }: RuleWords, until: Until): string {
  if (until === null) return words.say('limits.lifted');
  if (until.untilMs === null) return words.say('limits.untilFurther');
  return words.say('limits.until', { when: words.sayDate(until.untilMs, timeZone) });
}

function hoursText(words: Words, hours: QuietHours): string {
  if (hours === null || hours.length === 0) return words.say('limits.nothing');
  return hours.map(({ from, to }) => words.say('limits.hours', { from, to })).join(', ');
}

function isCountable(limit: LimitName): boolean {
  return /^(?:pictures(?:Per)(?!Request)|gpu|jobsWaiting)/u.test(limit);
}

/** What was done, from what to what. */
export async function changeText(context: RuleWords, change: Change): Promise<string> {
  const { words, nameOf } = context;
  switch (change.kind) {
    case 'rule': {
      const { before, after } = change;
      if (before === null)
        return after === null ? '' : words.say('limits.changeNew', { rule: await ruleText(context, after) });
      if (after === null) return words.say('limits.changeGone', { rule: await ruleText(context, before) });
      return `${await ruleText(context, before)} → ${await ruleText(context, after)}`;
    }
    case 'grant': {
      const grant = change.after ?? change.before;
      const who = grant === null ? '' : await nameOf('user', grant.user);
      return words.say('limits.changeGrant', { who });
    }
    case 'settings':
      return words.say('limits.changeSettings');
  }
}

const CHANGES_SHOWN = 15;

export async function changesText(context: RuleWords, { changes }: Pick<AuditEntry, 'changes'>): Promise<string[]> {
  const shown = await Promise.all(changes.slice(0, CHANGES_SHOWN).map((change) => changeText(context, change)));
  return [...shown.filter((line) => line !== ''), ...(changes.length > CHANGES_SHOWN ? ['…'] : [])];
}

/** The command that makes this rule, to be filled into its form; null: it is set by another one. */
export function ruleCommand(rule: Rule): string | null {
  const { scope, limit, value, countedPer, mode } = rule;
  const kind = kindOf(limit);
  if (kind === null) return null;
  const amount = value === null ? 'unlimited' : `${typeof value === 'number' ? value : ''}`;
  const whom =
    scope.kind === 'channel'
      ? ` <channel:${scope.channel}>`
      : scope.kind === 'role'
        ? ` <role:${scope.role}>`
        : scope.kind === 'user'
          ? ` <user:${scope.user}>`
          : scope.kind === 'host'
            ? ' host'
            : '';
  const per = isCountable(limit) ? ` --per ${sharedBy(countedPer)}` : '';
  return `${amount} ${kind}${whom}${per}${mode === 'shadow' ? ' shadow' : ''}`;
}
