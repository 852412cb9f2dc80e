/** Limits in one click: what works for a kind of server, to start from. */
import type { Plan, PlanName } from './limits.ts';
import type { LimitName, Place, Rule, RuleDraft } from './rules.ts';

type Values = Partial<Record<LimitName, unknown>>;

const EVERYONE: Record<PlanName, Values> = {
  open: {},
  small: { picturesPerMinute: 16, picturesPerDay: 100, jobsWaiting: 6, picturesPerRequest: 16 },
  big: {
    ...{ picturesPerMinute: 8, picturesPerHour: 24, picturesPerDay: 60, picturesPerRequest: 4, promptsPerRequest: 2 },
    ...{ cooldownSeconds: 5, jobsWaiting: 3, jobsRunning: 1 },
  },
  paid: {
    picturesPerMinute: 8,
    picturesPerDay: 12,
    picturesPerRequest: 4,
    promptsPerRequest: 1,
    jobsWaiting: 2,
    jobsRunning: 1,
  },
  event: {
    ...{ picturesPerMinute: 4, picturesPerHour: 12, picturesPerRequest: 4, promptsPerRequest: 1 },
    ...{ cooldownSeconds: 30, jobsWaiting: 1, jobsRunning: 1 },
  },
};

const PAYING: Values = {
  ...{ picturesPerMinute: 24, picturesPerDay: 200, picturesPerRequest: 16, promptsPerRequest: 4 },
  ...{ jobsWaiting: 8, jobsRunning: 2, pickerWeight: 3 },
};

/** What a plan sets and takes away: whom is blocked, what is paused, and lists of channels, roles and models stay. */
const PLANNED: readonly LimitName[] = [
  'picturesPerMinute',
  'picturesPerHour',
  'picturesPerDay',
  'picturesPerWeek',
  'picturesPerMonth',
  'gpuSecondsPerDay',
  'gpuSecondsPerMonth',
  'cooldownSeconds',
  'jobsRunning',
  'jobsWaiting',
  'picturesPerRequest',
  'promptsPerRequest',
  'pickerWeight',
];

const PLAN_NAMES = Object.keys(EVERYONE) as PlanName[];

/** As they are shown; `place` and `role` are filled in when one is applied. */
export function plansFor(place: Place, role: string): Plan[] {
  return PLAN_NAMES.map((name) => ({
    name,
    needs: name === 'paid' ? (['role'] as const) : [],
    rules: [
      ...draftsOf({ kind: 'tenant', ...place }, EVERYONE[name]),
      ...(name === 'paid' ? draftsOf({ kind: 'role', ...place, role }, PAYING) : []),
    ],
  }));
}

/** The rules that a plan replaces: those for everyone and for roles, not those of channels and persons. */
export function isPlanned({ scope, limit, mode }: Rule): boolean {
  if (mode !== 'enforce' || !PLANNED.includes(limit)) return false;
  // A tenant's share among tenants is the host's to say.
  return scope.kind === 'role' || (scope.kind === 'tenant' && limit !== 'pickerWeight');
}

function draftsOf(scope: RuleDraft['scope'], values: Values): RuleDraft[] {
  return (Object.entries(values) as [LimitName, unknown][]).map(([limit, value]) => ({ scope, limit, value }));
}
