/** `/easel limits …`: rules shown, set, tried and taken away. */
import { AppError } from '../../errors.ts';
import type { AuditEntry } from '../../policy/limits.ts';
import type { Rule, RuleDraft, RuleScope } from '../../policy/rules.ts';
import type { View } from '../view.ts';
import { emptyView } from '../views.ts';
import type { DeskContext, Handlers, Options } from './context.ts';
import { scopeHere, value } from './context.ts';
import { ACTION_ID_CHARACTERS_MAX, type DeskAction, writeDeskAction } from './desk.ts';
import {
  COUNTED_OF,
  changesText,
  countedText,
  LIMIT_OF,
  ruleCommand,
  ruleText,
  scopeText,
  shortId,
  whatText,
} from './rule-text.ts';

const SHOWN_MAX = 20;

export const limitsHandlers: Handlers<
  'limits list' | 'limits show' | 'limits set' | 'limits preview' | 'limits remove' | 'limits shadow'
> = {
  async 'limits list'(context) {
    const { parts, asker, words, locale } = context;
    const all = value(await parts.limits.allRules(asker));
    // The host's hold here too, and are the host's to change.
    const isHost = (await asker.isHost?.()) === true;
    const own = all.filter(({ scope }) => isHost || scope.kind !== 'host');
    const rules = [...own, ...all.filter((rule) => !own.includes(rule))];
    const shown = rules.slice(0, SHOWN_MAX);
    const fields = await Promise.all(
      shown.map(async (rule) => ({
        name: `${await whatText(context, rule)}`,
        value: [await scopeText(context, rule.scope), ...modeTexts(context, rule), shortId(rule)].join(' · '),
      })),
    );
    const choices = shown.slice(0, own.length).map((rule, index) => ({
      ...action(`limits show ${shortId(rule)}`, (fields[index]?.name ?? '').slice(0, 80)),
      about: (fields[index]?.value ?? '').slice(0, 100),
    }));
    return {
      ...emptyView('settings', locale),
      heading: words.say('limits.list'),
      lines: [
        ...(own.length === 0 ? [words.say('limits.listNone')] : []),
        ...(rules.length > SHOWN_MAX ? [`… ${rules.length - SHOWN_MAX}`] : []),
      ],
      fields,
      menu: choices.length === 0 ? null : { label: words.say('limits.choose'), choices },
      actions: [
        action('limits set', words.say('limits.add'), { opensForm: true, style: 'main' }),
        action('limits plans', words.say('limits.plans')),
        action('audit', words.say('audit.heading')),
        action('limits export', words.say('limits.export')),
      ],
    };
  },
  async 'limits show'(context, { rule: id }) {
    return ruleView(context, await findRule(context, id));
  },
  async 'limits set'(context, options) {
    const { parts, asker } = context;
    const entry = value(await parts.limits.set(asker, toDraft(context, options, options.shadow === true)));
    return savedView(context, entry);
  },
  async 'limits preview'(context, options) {
    const { parts, asker, words, locale } = context;
    const draft = toDraft(context, options, false);
    const { active, above, before } = value(await parts.limits.preview(asker, draft));
    const counted =
      above === null
        ? words.say('limits.previewUncounted', { active })
        : words.say('limits.previewAbove', { above, active });
    const set = setCommand(options);
    return {
      ...emptyView('answer', locale),
      heading: words.say('limits.preview'),
      lines: [
        counted,
        ...(before === null ? [] : [words.say('limits.previewBefore', { rule: await ruleText(context, before) })]),
      ],
      actions: fitting([action(set, words.say('limits.apply'), { style: 'main' })]),
    };
  },
  async 'limits remove'(context, { rule: id }) {
    const { parts, asker } = context;
    const { id: ruleId } = await findRule(context, id);
    return savedView(context, value(await parts.limits.remove(asker, ruleId)));
  },
  async 'limits shadow'(context, { rule: id, on }) {
    const { parts, asker } = context;
    const { id: ruleId, scope, limit, value: what, countedPer, mode } = await findRule(context, id);
    const wanted = on === false ? 'enforce' : 'shadow';
    const entry = value(await parts.limits.set(asker, { scope, limit, value: what, countedPer, mode: wanted }));
    // A rule's mode is part of which one it is: the other one goes.
    if (mode !== wanted) value(await parts.limits.remove(asker, ruleId));
    return savedView(context, entry);
  },
};

async function ruleView(context: DeskContext, rule: Rule): Promise<View> {
  const { words, locale } = context;
  const id = shortId(rule);
  const command = ruleCommand(rule);
  return {
    ...emptyView('settings', locale),
    heading: await whatText(context, rule),
    lines: [[await scopeText(context, rule.scope), ...modeTexts(context, rule)].join(' · ')],
    actions: fitting([
      ...(command === null
        ? []
        : [action(`limits set ${command}`, words.say('limits.edit'), { opensForm: true, style: 'main' })]),
      action(
        `limits shadow ${id} ${rule.mode === 'shadow' ? 'off' : 'on'}`,
        words.say(rule.mode === 'shadow' ? 'limits.enforce' : 'limits.watch'),
      ),
      action(`limits remove ${id}`, words.say('limits.remove'), { style: 'danger' }),
    ]),
  };
}

function modeTexts({ words }: DeskContext, { countedPer, mode }: Rule): string[] {
  return [
    ...(countedPer === 'user' ? [] : [countedText(words, countedPer)]),
    ...(mode === 'shadow' ? [words.say('limits.shadow')] : []),
  ];
}

/** What was done, and a way back. */
export async function savedView(context: DeskContext, entry: AuditEntry, heading?: string): Promise<View> {
  const { words, locale } = context;
  return {
    ...emptyView('answer', locale),
    heading: heading ?? words.say('limits.saved'),
    lines: await changesText(context, entry),
    actions: fitting([action(`limits undo ${entry.id}`, words.say('limits.undo'))]),
  };
}

/** @throws {AppError} `LIMIT_NOT_FOUND` */
export async function findRule({ parts, asker, words }: DeskContext, id: string): Promise<Rule> {
  const rules = value(await parts.limits.allRules(asker));
  const found = rules.find((rule) => shortId(rule) === id.toLowerCase().replace(/^#/u, '') || rule.id === id);
  if (found !== undefined) return found;
  throw new AppError('LIMIT_NOT_FOUND', words.say('limits.unknown', { rule: id.slice(0, 40) }));
}

type RuleOptions = Options<'limits preview'>;

/** @throws {AppError} `INPUT_COMMAND_OPTION` when it does not say how much of what */
function toDraft(context: DeskContext, options: RuleOptions, isShadow: boolean): RuleDraft {
  const { amount, unlimited, what, per } = options;
  if (what === undefined || (amount === undefined && unlimited !== true)) {
    const usage = context.words.say('limits.amountNeeded');
    throw new AppError('INPUT_COMMAND_OPTION', usage, { details: { usage } });
  }
  return {
    scope: scopeOf(context, options),
    limit: LIMIT_OF[what],
    value: unlimited === true ? null : amount,
    ...(per === undefined ? {} : { countedPer: COUNTED_OF[per] }),
    mode: isShadow ? 'shadow' : 'enforce',
  };
}

function scopeOf(context: DeskContext, { user, role, channel, where }: RuleOptions): RuleScope {
  const { platform, tenant } = context.asker.scope;
  if (user !== undefined) return { kind: 'user', platform, tenant, user };
  if (role !== undefined) return { kind: 'role', platform, tenant, role };
  if (channel !== undefined) return { kind: 'channel', platform, tenant, channel };
  return where === 'host' ? { kind: 'host' } : scopeHere(context);
}

function setCommand({ amount, unlimited, what, user, role, channel, per, where }: RuleOptions): string {
  return [
    'limits set',
    unlimited === true ? 'unlimited' : `${amount ?? ''}`,
    what ?? '',
    ...(user === undefined ? [] : [`<user:${user}>`]),
    ...(role === undefined ? [] : [`<role:${role}>`]),
    ...(channel === undefined ? [] : [`<channel:${channel}>`]),
    ...(per === undefined ? [] : [`--per ${per}`]),
    ...(where === undefined ? [] : [where]),
  ].join(' ');
}

export function action(
  text: string,
  label: string,
  more: Partial<Pick<DeskAction, 'opensForm' | 'style'>> = {},
): DeskAction {
  const { opensForm = false, style = 'plain' } = more;
  return { id: writeDeskAction(text, opensForm), label, style, opensForm };
}

/** An id that is too long for a button is left to be typed. */
export function fitting(actions: readonly DeskAction[]): DeskAction[] {
  return actions.filter(({ id }) => id.length <= ACTION_ID_CHARACTERS_MAX);
}
