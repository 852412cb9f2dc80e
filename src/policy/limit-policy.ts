/** The policy by rules: prepares what the accepting transaction counts, and says what it comes to. */
import { AppError } from '../errors.ts';
import type { Clock } from '../ops/clock.ts';
import { step } from '../ops/step.ts';
import type { Check } from '../store/limit-records.ts';
import type { Scope } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import type { Calendar } from './calendar.ts';
import { machineTimeZone } from './calendar.ts';
import { type Ask, decide, type Facts, type Filtered, inOrder } from './decide.ts';
import type { EngineTimes } from './engine-times.ts';
import type { Filter } from './filter.ts';
import { generosityOf } from './generosity.ts';
import type { TenantSettings } from './limits.ts';
import type { Policy, PolicyQuestion, Prepared } from './policy.ts';
import type { RuleBook } from './rule-book.ts';
import type { Place, Rule } from './rules.ts';
import type { Shares } from './shares.ts';
import { countingOf, isCounted } from './windows.ts';

export type PolicyParts = {
  book: RuleBook;
  calendar: Calendar;
  shares: Shares;
  engineTimes: EngineTimes;
  filters: readonly Filter[];
  store: Pick<Store, 'limits'>;
  clock: Clock;
};

/** Channels that are looked at for what is left elsewhere. */
const CHANNELS_TRIED = 5;

export function createLimitPolicy(parts: PolicyParts): Policy {
  const { book, calendar, shares, engineTimes, filters, store } = parts;

  async function prepare(question: PolicyQuestion): Promise<Prepared> {
    const { scope, atMs } = question;
    const place = { platform: scope.platform, tenant: scope.tenant };
    const timeZone = timeZoneOf(book, place);
    const periods = calendar.periodsAt(atMs, timeZone);
    const hostPeriods = calendar.periodsAt(atMs, timeZoneOf(book, null));
    const asked = {
      models: [question.model],
      styles: question.styles,
      channel: scope.channel,
      roles: scope.roles,
      ...{ atMs, timeZone },
    };
    const held = book.heldFor(scope, (rule) => generosityOf(rule, asked));
    const engineMsPerPicture = engineTimes.medianMs(question.model);
    const grants = book.grantsOf(place, scope.user);
    const checks: Check[] = [];
    const asks = inOrder(
      held.map((each): Ask => {
        const { rule, layer, overriddenBy } = each;
        const isAsked = overriddenBy === null && isCounted(rule);
        // All of the host together are counted by the host's own days.
        const wanted = {
          ...{ scope, layer, engineMsPerPicture, grants, atMs },
          ...{ pictures: question.pictures, jobs: question.jobs },
          periods: rule.countedPer === 'host' ? hostPeriods : periods,
        };
        const counting = isAsked ? countingOf(rule, wanted) : null;
        const index = counting === null ? -1 : checks.push(counting.check) - 1;
        return { held: each, counting, index };
      }),
    );
    const facts: Facts = {
      ...asked,
      pictures: question.pictures,
      prompts: question.prompts.length,
      press: await pressOf(question, held),
      draws: question.kind !== 'upscale',
      saidIn: question.timeZone ?? timeZone,
    };
    const settings = [book.settings(null), book.settings(place)];
    // Upscales draw no words.
    const filtered = (facts.draws ? filters : []).map(
      (filter): Filtered => ({ name: filter.name, error: filter.check(question.prompts, settings, place) }),
    );
    return {
      reservation: { day: periods.day.from, hostDay: hostPeriods.day.from, engineMsPerPicture, checks },
      decide: (counted) => decide(asks, filtered, facts, counted),
    };
  }

  /** The channels in which the same request would be accepted now, when the refusal is about this one. */
  async function elsewhere(question: PolicyQuestion, refusal: AppError): Promise<string[]> {
    const rule = book.get(String(refusal.details['rule'] ?? ''));
    if (rule === undefined || !isAboutChannel(rule)) return [];
    const found: string[] = [];
    for (const channel of channelsOf(book, question.scope).slice(0, CHANNELS_TRIED)) {
      const prepared = await prepare({ ...question, scope: { ...question.scope, channel } });
      if (!prepared.decide(null).allowed) continue;
      const counted = await store.limits.count(prepared.reservation.checks, question.atMs, false);
      if (prepared.decide(counted).allowed) found.push(channel);
    }
    return found;
  }

  return {
    weights: shares,
    async prepare(question) {
      shares.seen(question.scope);
      return prepare(question);
    },
    async refused(question, decision) {
      const { refusal } = decision;
      if (refusal === null) return decision;
      const otherChannels = await elsewhere(question, refusal);
      const error =
        otherChannels.length === 0
          ? refusal
          : new AppError(refusal.code, refusal.message, { details: { ...refusal.details, otherChannels } });
      const { scope, atMs } = question;
      const place = { platform: scope.platform, tenant: scope.tenant };
      await step('refuse', () =>
        store.limits.refused({
          ...{ place, user: scope.user, atMs },
          day: calendar.periodsAt(atMs, timeZoneOf(book, place)).day.from,
          ruleId: String(error.details['rule'] ?? ''),
          code: error.code,
          message: error.message,
          details: { ...error.details },
        }),
      );
      return { ...decision, refusal: error };
    },
    async shadowed({ scope, atMs }, { chain }) {
      const place = { platform: scope.platform, tenant: scope.tenant };
      const { from: day } = calendar.periodsAt(atMs, timeZoneOf(book, place)).day;
      for (const { rule, code, outcome } of chain) {
        if (outcome !== 'shadow' || rule === null || code === null) continue;
        await step('refuse', () => store.limits.shadowed({ place, day, ruleId: rule.id, code }));
      }
    },
  };
}

/** Of the tenant, else the host's, else the machine's. */
export function timeZoneOf(book: Pick<RuleBook, 'settings'>, place: Place | null): string {
  const own: TenantSettings | null = place === null ? null : book.settings(place);
  return own?.timeZone ?? book.settings(null).timeZone ?? machineTimeZone();
}

async function pressOf(
  { press }: PolicyQuestion,
  held: readonly { rule: Rule; overriddenBy: string | null }[],
): Promise<Facts['press']> {
  if (press === null || press.byAuthor) return null;
  // The platform is only asked when it decides something.
  const decides = held.some(({ rule }) => rule.limit === 'buttons' && rule.value === 'moderators');
  return { mayModerate: decides && (await press.mayModerate()) };
}

function isAboutChannel({ scope, countedPer, limit }: Rule): boolean {
  return scope.kind === 'channel' || countedPer === 'channel' || limit === 'channels';
}

/** The other channels of this place that rules speak of. */
function channelsOf(book: Pick<RuleBook, 'all'>, { platform, tenant, channel }: Scope): string[] {
  const channels = book.all().flatMap((rule) => {
    const { scope } = rule;
    if (scope.kind === 'host' || scope.platform !== platform || scope.tenant !== tenant) return [];
    const named = rule.limit === 'channels' && rule.value !== null && 'only' in rule.value ? rule.value.only : [];
    return scope.kind === 'channel' ? [scope.channel, ...named] : named;
  });
  return [...new Set(channels)].filter((other) => other !== channel);
}
