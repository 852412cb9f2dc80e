/** `/easel channels`, `roles` and `models`: who may draw at all, where, and with what. */
import type { Choice, LimitName, Rule, RuleScope } from '../../policy/rules.ts';
import type { View } from '../view.ts';
import { emptyView } from '../views.ts';
import type { DeskContext, Handlers } from './context.ts';
import { scopeHere, value } from './context.ts';
import { action, savedView } from './limits.ts';
import { ruleText, whatText } from './rule-text.ts';

type ListLimit = Extract<LimitName, 'channels' | 'roles' | 'models' | 'styles'>;

export const placeHandlers: Handlers<
  | `channels ${'list' | 'allow' | 'deny' | 'clear'}`
  | `roles ${'list' | 'allow' | 'deny' | 'clear'}`
  | `models ${'list' | 'allow' | 'styles' | 'clear'}`
> = {
  'channels list': (context) => listView(context, ['channels'], 'channels'),
  'channels allow': (context, { channel }) => change(context, 'channels', (now) => allowed(now, channel)),
  'channels deny': (context, { channel }) => change(context, 'channels', (now) => denied(now, channel)),
  'channels clear': (context) => change(context, 'channels', () => null),
  'roles list': (context) => listView(context, ['roles'], 'roles'),
  'roles allow': (context, { role }) => change(context, 'roles', (now) => allowed(now, role)),
  'roles deny': (context, { role }) => change(context, 'roles', (now) => denied(now, role)),
  'roles clear': (context) => change(context, 'roles', () => null),
  async 'models list'(context) {
    const { parts } = context;
    const view = await listView(context, ['models', 'styles'], 'models');
    const styles = parts.model.styles.map(({ name }) => name).join(', ');
    return { ...view, fields: [{ name: parts.model.name, value: styles === '' ? '–' : styles }, ...view.fields] };
  },
  'models allow': (context, { model, role, channel }) =>
    change(context, 'models', () => ({ only: namesOf(model) }), scopeFor(context, role, channel)),
  'models styles': (context, { styles, role, channel }) =>
    change(context, 'styles', () => ({ only: namesOf(styles) }), scopeFor(context, role, channel)),
  async 'models clear'(context) {
    const first = await change(context, 'models', () => null);
    const second = await change(context, 'styles', () => null);
    return { ...first, lines: [...first.lines, ...second.lines], actions: [] };
  },
};

/** From a list of those who may: the first allowed one closes the others out. */
function allowed(now: Choice, id: string): Choice {
  if (now === null) return { only: [id] };
  if ('only' in now) return { only: [...new Set([...now.only, id])] };
  const except = now.except.filter((each) => each !== id);
  return except.length === 0 ? null : { except };
}

function denied(now: Choice, id: string): Choice {
  if (now === null) return { except: [id] };
  if ('except' in now) return { except: [...new Set([...now.except, id])] };
  return { only: now.only.filter((each) => each !== id) };
}

async function change(
  context: DeskContext,
  limit: ListLimit,
  next: (now: Choice) => Choice,
  scope: RuleScope = scopeFor(context),
): Promise<View> {
  const { parts, asker, words, locale } = context;
  const before = value(await parts.limits.allRules(asker)).find(
    (rule) => rule.limit === limit && rule.mode === 'enforce' && isSame(rule.scope, scope),
  );
  const now = before === undefined ? null : (before.value as Choice);
  const after = next(now);
  if (after !== null) return savedView(context, value(await parts.limits.set(asker, { scope, limit, value: after })));
  if (before !== undefined) return savedView(context, value(await parts.limits.remove(asker, before.id)));
  return { ...emptyView('answer', locale), heading: words.say('desk.done') };
}

async function listView(
  context: DeskContext,
  limits: readonly ListLimit[],
  group: 'channels' | 'roles' | 'models',
): Promise<View> {
  const { parts, asker, words, locale } = context;
  const rules = value(await parts.limits.allRules(asker)).filter(({ limit }) => limits.some((each) => each === limit));
  const lines = await Promise.all(rules.map((rule: Rule) => ruleText(context, rule)));
  const none = await Promise.all(
    limits.map((limit) => whatText(context, { ...NO_RULE, limit, scope: scopeFor(context) } as Rule)),
  );
  return {
    ...emptyView('settings', locale),
    heading: words.say(`command.${group} list`),
    lines: lines.length === 0 ? none : lines,
    actions: rules.length === 0 ? [] : [action(`${group} clear`, words.say(`command.${group} clear`))],
  };
}

const NO_RULE = { id: '', value: null, countedPer: 'user', mode: 'enforce' } as const;

function scopeFor(context: DeskContext, role?: string, channel?: string): RuleScope {
  const { platform, tenant } = context.asker.scope;
  if (role !== undefined) return { kind: 'role', platform, tenant, role };
  if (channel !== undefined) return { kind: 'channel', platform, tenant, channel };
  return scopeHere(context);
}

function isSame(one: RuleScope, other: RuleScope): boolean {
  return JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());
}

function namesOf(typed: string): string[] {
  return typed
    .split(/[\s,]+/u)
    .map((name) => name.trim())
    .filter((name) => name !== '');
}
