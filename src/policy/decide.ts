/** From the rules that hold and what was counted to a decision and its chain. Pure. */
import type { AppError, ErrorCode } from '../errors.ts';
import type { Counted } from '../store/limit-records.ts';
import { exceeds } from '../store/limit-records.ts';
import { quietUntilMs } from './calendar.ts';
import type { ChainStep, Decision } from './decision.ts';
import { type Asked, isInForce, letsAnyThrough, letsThrough } from './generosity.ts';
import { toRefusal } from './refusal.ts';
import type { Held } from './rule-book.ts';
import type { LimitName, Rule } from './rules.ts';
import type { Counting } from './windows.ts';

/** A rule to ask, with what is to be counted for it; `index` is its check's place in the reservation. */
export type Ask = { held: Held; counting: Counting | null; index: number };

export type Facts = Asked & {
  pictures: number;
  prompts: number;
  /** null: not a press, or by its author. */
  press: { mayModerate: boolean } | null;
  /** Upscales draw nothing. */
  draws: boolean;
  /** In which times are said: the person's own where it is known. */
  saidIn: string;
};

/** What a filter said. */
export type Filtered = { name: string; error: AppError | null };

/** In which order rules are asked: the reason that waiting does not mend comes first. */
const ORDER: readonly LimitName[] = [
  'paused',
  'blocked',
  'channels',
  'roles',
  'buttons',
  'models',
  'styles',
  'promptsPerRequest',
  'picturesPerRequest',
  'quietHours',
  'jobsWaiting',
  'cooldownSeconds',
  'picturesPerMinute',
  'picturesPerHour',
  'picturesPerDay',
  'picturesPerWeek',
  'picturesPerMonth',
  'gpuSecondsPerDay',
  'gpuSecondsPerMonth',
  'jobsRunning',
  'pickerWeight',
];

const CODES: Record<LimitName, ErrorCode> = {
  paused: 'LIMIT_PAUSED',
  blocked: 'LIMIT_BLOCKED',
  channels: 'LIMIT_CHANNEL',
  roles: 'LIMIT_ROLE',
  buttons: 'LIMIT_BUTTONS',
  models: 'LIMIT_MODEL',
  styles: 'LIMIT_STYLE',
  promptsPerRequest: 'LIMIT_REQUEST',
  picturesPerRequest: 'LIMIT_REQUEST',
  quietHours: 'LIMIT_QUIET',
  jobsWaiting: 'LIMIT_WAITING',
  cooldownSeconds: 'LIMIT_COOLDOWN',
  picturesPerMinute: 'LIMIT_REACHED',
  picturesPerHour: 'LIMIT_REACHED',
  picturesPerDay: 'LIMIT_REACHED',
  picturesPerWeek: 'LIMIT_REACHED',
  picturesPerMonth: 'LIMIT_REACHED',
  gpuSecondsPerDay: 'LIMIT_REACHED',
  gpuSecondsPerMonth: 'LIMIT_REACHED',
  // These two refuse nobody: the picker keeps them.
  jobsRunning: 'LIMIT_REACHED',
  pickerWeight: 'LIMIT_REACHED',
};

export function inOrder(asks: readonly Ask[]): Ask[] {
  const rank = ({ held }: Ask) => ORDER.indexOf(held.rule.limit);
  return [...asks].sort((one, other) => rank(one) - rank(other));
}

export function decide(
  asks: readonly Ask[],
  filters: readonly Filtered[],
  facts: Facts,
  counted: readonly Counted[] | null,
): Decision {
  const steps = asks.map((ask) => stepOf(ask, facts, counted));
  const isPlain = ({ rule }: ChainStep) => rule !== null && ORDER.indexOf(rule.limit) < ORDER.indexOf('quietHours');
  // Words are read after the question whether this person may ask at all, before anything is counted.
  const chain = [
    ...steps.filter(isPlain),
    ...filters.map(({ name, error }) => filterStep(name, error)),
    ...steps.filter((step) => !isPlain(step)),
  ];
  const { atMs, saidIn: timeZone } = facts;
  const refusing = hardest(chain.filter(({ outcome }) => outcome === 'refuses'));
  if (refusing === undefined) return { allowed: true, refusal: null, chain, atMs, timeZone };
  const refusal = filters.find(({ name }) => name === refusing.filter)?.error ?? toRefusal(refusing, chain, timeZone);
  return { allowed: false, refusal, chain, atMs, timeZone };
}

/** What no waiting mends is told first, else what takes longest: who waits for less is only refused again. */
function hardest(refusing: readonly ChainStep[]): ChainStep | undefined {
  const lasting = refusing.find(({ passesAtMs }) => passesAtMs === null);
  if (lasting !== undefined) return lasting;
  return refusing.toSorted((one, other) => (other.passesAtMs ?? 0) - (one.passesAtMs ?? 0))[0];
}

function stepOf({ held, counting, index }: Ask, facts: Facts, counted: readonly Counted[] | null): ChainStep {
  const { rule, overriddenBy } = held;
  const blank = { rule, filter: null, overriddenBy, used: null, max: null, asked: null, code: null, ...NO_TIMES };
  if (overriddenBy !== null) return { ...blank, outcome: 'overridden' };
  const found = counting === null ? judge(rule, facts) : measure(counting, counted?.[index]);
  if (!found.refuses) return { ...blank, ...found.numbers, outcome: 'passes' };
  const code = rule.limit === 'jobsWaiting' && rule.countedPer === 'host' ? 'QUEUE_FULL' : CODES[rule.limit];
  const outcome = rule.mode === 'shadow' ? 'shadow' : 'refuses';
  return { ...blank, ...found.numbers, outcome, code };
}

const NO_TIMES = { passesAtMs: null, backAtMs: null };

type Found = {
  refuses: boolean;
  numbers?: Partial<Pick<ChainStep, 'used' | 'max' | 'asked' | 'passesAtMs' | 'backAtMs'>>;
};

function measure({ check, endMs, unit }: Counting, counted: Counted | undefined): Found {
  if (counted === undefined) return { refuses: false };
  const { asked, max } = check;
  const refuses = exceeds(check, counted.used);
  const canPass = refuses && asked <= max;
  return {
    refuses,
    numbers: {
      used: counted.used / unit,
      max: max / unit,
      asked: asked / unit,
      passesAtMs: canPass ? (endMs ?? counted.passesAtMs) : null,
      backAtMs: counted.used > 0 ? (endMs ?? counted.backAtMs) : null,
    },
  };
}

/** Rules that nothing is counted for. */
function judge(rule: Rule, facts: Facts): Found {
  switch (rule.limit) {
    case 'paused':
    case 'blocked':
      return { refuses: isInForce(rule.value, facts.atMs), numbers: { passesAtMs: rule.value?.untilMs ?? null } };
    case 'channels':
      return { refuses: !letsThrough(rule.value, [facts.channel]) };
    case 'roles':
      return { refuses: !letsAnyThrough(rule.value, facts.roles) };
    case 'buttons':
      return { refuses: facts.press !== null && !mayPress(rule.value ?? 'everyone', facts.press) };
    case 'models':
      return { refuses: facts.draws && !letsThrough(rule.value, facts.models) };
    case 'styles':
      return { refuses: facts.draws && !letsThrough(rule.value, facts.styles) };
    case 'promptsPerRequest':
      return most(rule.value, facts.prompts);
    case 'picturesPerRequest':
      return most(rule.value, facts.pictures);
    case 'quietHours': {
      const untilMs = facts.draws ? quietUntilMs(rule.value, facts.atMs, facts.timeZone) : null;
      return { refuses: untilMs !== null, numbers: { passesAtMs: untilMs } };
    }
    default:
      return { refuses: false };
  }
}

function most(max: number | null, asked: number): Found {
  return { refuses: max !== null && asked > max, numbers: { max, asked } };
}

function mayPress(right: 'everyone' | 'moderators' | 'author', press: { mayModerate: boolean }): boolean {
  return right === 'everyone' || (right === 'moderators' && press.mayModerate);
}

function filterStep(name: string, error: AppError | null): ChainStep {
  const blank = { rule: null, overriddenBy: null, used: null, max: null, asked: null, ...NO_TIMES };
  return { ...blank, filter: name, outcome: error === null ? 'passes' : 'refuses', code: error?.code ?? null };
}
