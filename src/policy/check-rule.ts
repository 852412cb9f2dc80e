/** Rules checked at the door: what a limit may be set to, where, and counted for whom. */
import { AppError } from '../errors.ts';
import {
  COUNTED_PER,
  type CountedPer,
  LIMIT_NAMES,
  LIMIT_VALUES,
  type LimitName,
  RULE_MODES,
  type Rule,
  type RuleDraft,
  type RuleMode,
  type RuleScope,
} from './rules.ts';

type ScopeKind = RuleScope['kind'];

const EVERYWHERE: readonly ScopeKind[] = ['host', 'tenant', 'channel', 'role', 'user'];
const EACH: readonly CountedPer[] = ['user'];

/** Where a limit may be set and for whom it may be counted; whatever is not here: everywhere, for each person. */
const PLACES: Partial<Record<LimitName, { scopes?: readonly ScopeKind[]; countedPer?: readonly CountedPer[] }>> = {
  picturesPerMinute: { countedPer: COUNTED_PER },
  picturesPerHour: { countedPer: COUNTED_PER },
  picturesPerDay: { countedPer: COUNTED_PER },
  picturesPerWeek: { countedPer: COUNTED_PER },
  picturesPerMonth: { countedPer: COUNTED_PER },
  gpuSecondsPerDay: { countedPer: COUNTED_PER },
  gpuSecondsPerMonth: { countedPer: COUNTED_PER },
  jobsWaiting: { countedPer: COUNTED_PER },
  cooldownSeconds: { countedPer: ['user', 'channel'] },
  jobsRunning: { countedPer: ['user', 'tenant'] },
  channels: { scopes: ['tenant', 'role', 'user'] },
  roles: { scopes: ['tenant', 'channel'] },
  blocked: { scopes: ['role', 'user'] },
  paused: { scopes: ['host', 'tenant', 'channel'] },
  pickerWeight: { scopes: ['tenant', 'role', 'user'] },
  buttons: { scopes: ['host', 'tenant', 'channel'] },
};

/** Adding up for more than the scope covers would make one channel's rule count another's pictures. */
const COUNTABLE: Record<ScopeKind, readonly CountedPer[]> = {
  host: COUNTED_PER,
  tenant: ['user', 'channel', 'tenant'],
  channel: ['user', 'channel'],
  role: EACH,
  user: EACH,
};

const ID_CHARACTERS_MAX = 200;

/** @throws {AppError} `LIMIT_RULE` that says what is wrong */
export function checkRule(draft: RuleDraft): Rule {
  const { scope, limit, countedPer = 'user', mode = 'enforce' } = draft;
  if (!LIMIT_NAMES.includes(limit))
    throw wrong('limit', `There is no limit ${quote(limit)}. Known: ${LIMIT_NAMES.join(', ')}.`);
  if (!RULE_MODES.includes(mode))
    throw wrong('mode', `A rule is there to ${RULE_MODES.join(' or ')}, not to ${quote(mode)}.`);
  if (!COUNTED_PER.includes(countedPer)) {
    throw wrong('countedPer', `${limit} cannot be counted per ${quote(countedPer)}: use ${COUNTED_PER.join(', ')}.`);
  }
  checkScope(scope);
  const { scopes = EVERYWHERE, countedPer: countable = EACH } = PLACES[limit] ?? {};
  if (!scopes.includes(scope.kind))
    throw wrong('limit', `${limit} is set for ${scopes.join(', ')}, not for ${scope.kind}.`);
  const possible = COUNTABLE[scope.kind].filter((each) => countable.includes(each));
  if (!possible.includes(countedPer)) {
    throw wrong(
      'countedPer',
      `${limit} of a ${scope.kind} is counted per ${possible.join(', ')}, not per ${countedPer}.`,
    );
  }
  const read = LIMIT_VALUES[limit].safeParse(draft.value);
  if (!read.success) throw wrong('value', `${limit} ${read.error.issues[0]?.message ?? 'does not take this value'}.`);
  checkSense(limit, read.data);
  return { id: ruleIdOf(scope, limit, countedPer, mode), scope, limit, value: read.data, countedPer, mode } as Rule;
}

/** The same scope, limit, count and mode are the same rule. */
export function ruleIdOf(scope: RuleScope, limit: LimitName, countedPer: CountedPer, mode: RuleMode): string {
  const parts = [scopeKeyOf(scope), limit, countedPer, ...(mode === 'shadow' ? [mode] : [])];
  return parts.join(' ');
}

/** One text per scope; ids of platforms are encoded, so that no two scopes share one. */
export function scopeKeyOf(scope: RuleScope): string {
  const encode = encodeURIComponent;
  switch (scope.kind) {
    case 'host':
      return 'host';
    case 'tenant':
      return `tenant/${encode(scope.platform)}/${encode(scope.tenant)}`;
    case 'channel':
      return `channel/${encode(scope.platform)}/${encode(scope.tenant)}/${encode(scope.channel)}`;
    case 'role':
      return `role/${encode(scope.platform)}/${encode(scope.tenant)}/${encode(scope.role)}`;
    case 'user':
      return `user/${encode(scope.platform)}/${scope.tenant === null ? '*' : encode(scope.tenant)}/${encode(scope.user)}`;
  }
}

function checkScope(scope: RuleScope): void {
  if (!EVERYWHERE.includes(scope.kind)) throw wrong('scope', `A rule is for one of ${EVERYWHERE.join(', ')}.`);
  const ids = Object.entries(scope).filter(([name, value]) => name !== 'kind' && value !== null);
  for (const [name, value] of ids) {
    const isGood = typeof value === 'string' && value.trim() !== '' && value.length <= ID_CHARACTERS_MAX;
    if (!isGood || /\p{Cc}/u.test(value)) throw wrong('scope', `A rule needs a ${name} that exists.`);
  }
}

/** What is well-formed and still nobody can have meant. */
function checkSense(limit: LimitName, value: unknown): void {
  if (limit === 'quietHours' && Array.isArray(value)) {
    const same = value.find(({ from, to }: { from: string; to: string }) => from === to);
    if (same !== undefined)
      throw wrong('value', 'Quiet hours end at another time than they begin: to stop drawing, pause it.');
  }
  if (typeof value === 'object' && value !== null && 'only' in value && Array.isArray(value.only)) {
    if (value.only.length === 0)
      throw wrong('value', `${limit} that lets nothing through lets nobody draw: to stop drawing, pause it.`);
  }
}

type Field = 'scope' | 'limit' | 'value' | 'countedPer' | 'mode';

function wrong(field: Field, message: string): AppError {
  return new AppError('LIMIT_RULE', message, { details: { field } });
}

function quote(text: unknown): string {
  return `"${String(text).slice(0, 40)}"`;
}
