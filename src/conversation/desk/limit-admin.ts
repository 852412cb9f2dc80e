/** `/easel limits …` beyond single rules: grants, blocks, plans, hours, undo, export and import. */
import { AppError } from '../../errors.ts';
import type { GrantedLimit } from '../../policy/limits.ts';
import { LIMIT_VALUES, type Rule, type RuleScope } from '../../policy/rules.ts';
import { emptyView } from '../views.ts';
import type { DeskContext, Handlers } from './context.ts';
import { placeOf, scopeHere, value } from './context.ts';
import { action, fitting, savedView } from './limits.ts';
import { changesText, LIMIT_OF, whatText } from './rule-text.ts';

const HOUR_MS = 3_600_000;
const GRANTED: readonly GrantedLimit[] = [
  'picturesPerDay',
  'picturesPerWeek',
  'picturesPerMonth',
  'gpuSecondsPerDay',
  'gpuSecondsPerMonth',
];

export const limitAdminHandlers: Handlers<
  | 'limits grant'
  | 'limits reset'
  | 'limits block'
  | 'limits unblock'
  | 'limits plans'
  | 'limits plan'
  | 'limits hours'
  | 'limits zone'
  | 'limits buttons'
  | 'limits undo'
  | 'limits export'
  | 'limits import'
> = {
  async 'limits grant'(context, { amount, what = 'pictures-day', user }) {
    const { parts, asker, words } = context;
    const limit = GRANTED.find((granted) => granted === LIMIT_OF[what]);
    if (amount === undefined || user === undefined || limit === undefined) {
      const usage = '/easel limits grant 20 today @ada';
      throw new AppError('INPUT_COMMAND_OPTION', `It is written: ${usage}`, { details: { usage } });
    }
    const entry = value(await parts.limits.grant(asker, user, limit, amount));
    const said = words.say(`rule.${limit}`, { value: amount });
    return savedView(
      context,
      entry,
      words.say('limits.granted', { amount: said, who: await context.nameOf('user', user) }),
    );
  },
  async 'limits reset'(context, { user }) {
    const entry = value(await context.parts.limits.reset(context.asker, user));
    return savedView(context, entry, context.words.say('limits.reset', { who: await context.nameOf('user', user) }));
  },
  async 'limits block'(context, { user, hours }) {
    const { parts, asker, words } = context;
    const entry = value(await parts.limits.block(asker, user, untilMs(context, hours)));
    return savedView(context, entry, words.say('limits.blockedUntil', { who: await context.nameOf('user', user) }));
  },
  async 'limits unblock'(context, { user }) {
    const entry = value(await context.parts.limits.unblock(context.asker, user));
    return savedView(
      context,
      entry,
      context.words.say('limits.unblocked', { who: await context.nameOf('user', user) }),
    );
  },
  async 'limits plans'(context) {
    const { parts, words, locale } = context;
    const plans = parts.limits.plans();
    const fields = await Promise.all(
      plans.map(async ({ name, rules }) => ({
        name: words.say(`choice.${name}`),
        value: (await draftTexts(context, rules)).join(' · ') || words.say('limits.planNothing'),
      })),
    );
    return {
      ...emptyView('settings', locale),
      heading: words.say('limits.plans'),
      lines: [words.say('limits.planSure')],
      fields,
      actions: plans.map(({ name }) =>
        name === 'paid'
          ? action('limits plan paid', words.say('choice.paid'), { opensForm: true })
          : action(`limits plan ${name}`, words.say(`choice.${name}`)),
      ),
    };
  },
  async 'limits plan'(context, { plan, role, sure }) {
    const { parts, asker, words, locale } = context;
    const found = parts.limits.plans().find(({ name }) => name === plan);
    if (found?.needs.includes('role') === true && role === undefined) {
      const usage = words.say('limits.planRole');
      throw new AppError('INPUT_COMMAND_OPTION', usage, { details: { usage } });
    }
    if (sure !== true) {
      const texts = await draftTexts(context, found?.rules ?? []);
      const whom = role === undefined ? '' : ` <role:${role}>`;
      return {
        ...emptyView('confirm', locale),
        heading: words.say('limits.planFor', { plan: words.say(`choice.${plan}`) }),
        lines: [...(texts.length === 0 ? [words.say('limits.planNothing')] : texts), words.say('limits.planSure')],
        actions: fitting([action(`limits plan ${plan}${whom} yes`, words.say('limits.take'), { style: 'main' })]),
      };
    }
    const entry = value(await parts.limits.applyPlan(asker, plan, role === undefined ? {} : { role }));
    return savedView(context, entry);
  },
  async 'limits hours'(context, { from, to, off }) {
    const { parts, asker } = context;
    const scope = scopeHere(context);
    const hours = off === true ? null : [{ from: clockTime(from), to: clockTime(to) }];
    return savedView(context, value(await parts.limits.set(asker, { scope, limit: 'quietHours', value: hours })));
  },
  async 'limits zone'(context, { zone }) {
    const { parts, asker, words } = context;
    const entry = value(await parts.limits.saveSettings(asker, { timeZone: zone ?? null }, placeOf(context)));
    return savedView(context, entry, words.say('limits.zone', { zone: zone ?? '' }));
  },
  async 'limits buttons'(context, { who }) {
    const draft = { scope: scopeHere(context), limit: 'buttons', value: who } as const;
    return savedView(context, value(await context.parts.limits.set(context.asker, draft)));
  },
  async 'limits undo'(context, { entry: id }) {
    const { parts, asker, words } = context;
    const last =
      id ??
      value(await parts.limits.audit(asker, { limit: 20, host: what(asker) === 'host' })).find(
        (each) => each.undoneBy === null && each.action !== 'undo',
      )?.id;
    if (last === undefined) throw new AppError('LIMIT_NOT_FOUND', words.say('audit.none'));
    const entry = value(await parts.limits.undo(asker, last));
    return { ...(await savedView(context, entry, words.say('limits.undone'))), actions: [] };
  },
  async 'limits export'({ parts, asker, words, locale }) {
    const text = value(await parts.limits.exportYaml(asker, what(asker)));
    const view = { ...emptyView('answer', locale), heading: words.say('limits.exported') };
    return { ...view, file: { fileName: 'easel-limits.yaml', text } };
  },
  async 'limits import'(context, { yaml, dry }) {
    const { parts, asker, words, locale } = context;
    const { changes, applied } = value(
      await parts.limits.importYaml(asker, yaml ?? '', { dryRun: dry === true, what: what(asker) }),
    );
    const lines = await changesText(context, { changes });
    return {
      ...emptyView('answer', locale),
      heading: words.say(applied ? 'limits.imported' : 'limits.importTried'),
      lines: lines.length === 0 ? [words.say('limits.importNothing')] : lines,
    };
  },
};

/** From a terminal all of it, else this place alone. */
function what(asker: DeskContext['asker']): 'host' | 'tenant' {
  return placeOf({ asker }) === null ? 'host' : 'tenant';
}

/** @returns null: until it is taken back */
export function untilMs({ parts }: DeskContext, hours: number | undefined): number | null {
  return hours === undefined ? null : parts.clock.nowMs() + Math.round(hours * HOUR_MS);
}

/** `9`, `9:30` and `21.00` are times too. What is none is refused with the rule. */
function clockTime(typed: string | undefined): string {
  const [, hour = '', minute = '00'] = /^(\d{1,2})(?:[:.h](\d{2}))?$/u.exec(typed ?? '') ?? [];
  return hour === '' ? (typed ?? '') : `${hour.padStart(2, '0')}:${minute}`;
}

async function draftTexts(
  context: DeskContext,
  drafts: readonly { scope: RuleScope; limit: Rule['limit']; value: unknown }[],
): Promise<string[]> {
  return Promise.all(
    drafts.map(async ({ scope, limit, value: given }) => {
      const read = LIMIT_VALUES[limit].safeParse(given);
      const rule = {
        id: '',
        scope,
        limit,
        value: read.success ? read.data : null,
        countedPer: 'user',
        mode: 'enforce',
      };
      const said = await whatText(context, rule as Rule);
      return scope.kind === 'role' ? `${said} (${context.words.say('choice.paid')})` : said;
    }),
  );
}
