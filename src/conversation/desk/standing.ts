/** "What have I left?" and "why was I refused?", with the rules behind it. */
import type { Bar, ChainStep, Decision, LastRefusal, Standing } from '../../policy/decision.ts';
import type { Member } from '../../policy/limits.ts';
import type { View, ViewBar } from '../view.ts';
import { emptyView, refusalLines } from '../views.ts';
import type { DeskContext, Handlers } from './context.ts';
import { isAdmin, value } from './context.ts';
import { writeDeskAction } from './desk.ts';
import { ruleText } from './rule-text.ts';

export const standingHandlers: Handlers<'me' | 'why'> = {
  async me(context) {
    return meView(context, await context.parts.limits.me(context.asker));
  },
  async why(context, { user }) {
    const { parts, asker, words } = context;
    if (user === undefined || user === asker.scope.user) {
      const { decision, last } = value(await parts.limits.why(asker));
      return whyView(context, decision, last, null);
    }
    const { decision, last } = value(await parts.limits.whyOf(asker, await memberOf(context, user)));
    const view = await whyView(context, decision, last, await context.nameOf('user', user));
    if (!(await isAdmin(asker))) return view;
    const action = (id: string, label: string) =>
      ({ id: writeDeskAction(id), label, style: 'plain', opensForm: false }) as const;
    return {
      ...view,
      actions: [
        {
          ...action(`limits grant <user:${user}>`, words.say('command.limits grant')),
          ...{ id: writeDeskAction(`limits grant <user:${user}>`, true), opensForm: true },
        },
        action(`limits reset <user:${user}>`, words.say('command.limits reset')),
        action(`limits block <user:${user}>`, words.say('command.limits block')),
      ].filter(({ id }) => id.length <= 100),
    };
  },
};

async function memberOf({ parts, asker: { scope } }: DeskContext, user: string): Promise<Member> {
  const roles = await parts.connection(scope.platform)?.directory?.rolesOf(scope.tenant, user);
  return { user, channel: scope.channel, ...(roles === undefined ? {} : { roles: [...roles] }) };
}

async function meView(context: DeskContext, { bars: all, now, jobs, timeZone }: Standing): Promise<View> {
  const { words, locale } = context;
  // A bound of the queue that nobody is near says nothing.
  const bars = all.filter(({ limit, used, max }) => limit !== 'jobsWaiting' || used >= max / 2);
  const refusal = now.refusal === null ? [] : refusalLines(now.refusal, words);
  return {
    ...emptyView('answer', locale),
    heading: words.say('limits.me'),
    bars: bars.map((bar) => toBar(context, bar, timeZone)),
    lines: [
      ...(bars.length === 0 ? [words.say('limits.meNone')] : []),
      ...(jobs.waiting + jobs.running === 0 ? [] : [words.say('limits.jobs', jobs)]),
      ...refusal,
    ],
    actions: [{ id: writeDeskAction('why'), label: '/easel why', style: 'plain', opensForm: false }],
  };
}

function toBar({ words }: DeskContext, bar: Bar, timeZone: string): ViewBar {
  const { limit, used, max, left, backAtMs, countedPer } = bar;
  const label = words.say(`limit.${limit as 'picturesPerDay'}`);
  const shared =
    countedPer === 'user' ? '' : ` (${words.say(countedPer === 'channel' ? 'limits.perChannel' : 'limits.perTenant')})`;
  return {
    label: `${label}${shared}`,
    usedShare: max === 0 ? 1 : Math.min(1, used / max),
    value: words.say('limits.left', { left: rounded(left), max: rounded(max) }),
    note: backAtMs === null ? null : words.say('limits.back', { when: words.sayDate(backAtMs, timeZone) }),
  };
}

async function whyView(
  context: DeskContext,
  { allowed, refusal, chain, timeZone }: Decision,
  last: LastRefusal | null,
  who: string | null,
): Promise<View> {
  const { words, locale } = context;
  const heading =
    who === null
      ? words.say(allowed ? 'limits.whyNow' : 'limits.whyNot')
      : words.say(allowed ? 'limits.whyNowOf' : 'limits.whyNotOf', { who });
  const before =
    last === null
      ? words.say(who === null ? 'limits.whyNever' : 'limits.whyNeverOf')
      : words.say('limits.whyLast', { when: words.sayDate(last.atMs, timeZone), reason: words.sayError(last.error) });
  const steps = await Promise.all(chain.map((step) => stepText({ ...context, timeZone }, step)));
  return {
    ...emptyView('answer', locale),
    heading,
    lines: [...(refusal === null ? [] : refusalLines(refusal, words)), before, ...steps.filter((line) => line !== '')],
  };
}

const CHAIN_WORDS = {
  passes: 'limits.chainPasses',
  refuses: 'limits.chainRefuses',
  overridden: 'limits.chainOverridden',
  shadow: 'limits.chainShadow',
} as const;

async function stepText(
  context: DeskContext & { timeZone: string },
  { rule, outcome, used, max }: ChainStep,
): Promise<string> {
  const { words } = context;
  const said = rule === null ? words.say('limits.filter') : await ruleText(context, rule);
  const line = words.say(CHAIN_WORDS[outcome], { rule: said });
  const isCounted = used !== null && max !== null && outcome !== 'overridden';
  return isCounted ? `${line} (${words.say('limits.chainUsed', { used: rounded(used), max: rounded(max) })})` : line;
}

function rounded(amount: number): number {
  return Math.round(amount * 10) / 10;
}
