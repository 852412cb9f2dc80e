/** What rules say to the picker: shares of tenants and people, and how many jobs are drawn at once. */
import type { Scope } from '../store/records.ts';
import type { Weights } from './picker.ts';
import type { RuleBook } from './rule-book.ts';
import type { CountedPer, Rule } from './rules.ts';

export type Shares = Weights & {
  /** Somebody asked with these roles: their rules hold for what they have waiting. */
  seen(scope: Pick<Scope, 'platform' | 'tenant' | 'user' | 'roles'>): void;
  /** Rules were changed. */
  changed(): void;
};

type Share = { weight: number; runningMax: number };

/** Beyond that the ones not seen for longest are forgotten; they weigh 1 until they ask again. */
const PEOPLE_MAX = 20_000;
const NO_LIMIT = Number.POSITIVE_INFINITY;

/** Keys are those of the queue: `platform:tenant` and `platform:user`. */
export function createShares(book: Pick<RuleBook, 'heldFor' | 'all'>): Shares {
  const roles = new Map<string, string[]>();
  let shares = new Map<string, Share>();
  let tenants = new Map<string, Share>();

  function tenantShare(key: string): Share {
    const before = tenants.get(key);
    if (before !== undefined) return before;
    const [platform, tenant] = split(key);
    const rules = asked({ platform, tenant, channel: '', user: '', roles: [] });
    const own = rules.find(({ limit, scope }) => limit === 'pickerWeight' && scope.kind === 'tenant');
    const share = { weight: weightOf(own), runningMax: runningMax(rules, 'tenant') };
    tenants.set(key, share);
    return share;
  }

  function userShare(tenantKey: string, userKey: string): Share {
    const key = `${tenantKey}\n${userKey}`;
    const before = shares.get(key);
    if (before !== undefined) return before;
    const [platform, tenant] = split(tenantKey);
    const user = split(userKey)[1];
    const rules = asked({ platform, tenant, channel: '', user, roles: roles.get(key) ?? [] });
    const own = rules.find(({ limit, scope }) => limit === 'pickerWeight' && scope.kind !== 'tenant');
    const share = { weight: weightOf(own), runningMax: runningMax(rules, 'user') };
    shares.set(key, share);
    return share;
  }

  function asked(scope: Scope): Rule[] {
    const generosity = ({ value }: Rule) => (typeof value === 'number' ? value : NO_LIMIT);
    return book
      .heldFor(scope, generosity)
      .filter(({ overriddenBy, rule }) => overriddenBy === null && rule.mode === 'enforce')
      .map(({ rule }) => rule);
  }

  return {
    tenant: (tenant) => tenantShare(tenant).weight,
    user: (tenant, user) => userShare(tenant, user).weight,
    runningMaxOfTenant: (tenant) => tenantShare(tenant).runningMax,
    runningMaxOfUser: (tenant, user) => userShare(tenant, user).runningMax,
    seen({ platform, tenant, user, roles: theirs }) {
      const key = `${platform}:${tenant}\n${platform}:${user}`;
      const before = roles.get(key);
      if (before !== undefined && before.join('\n') === theirs.join('\n')) return;
      roles.delete(key);
      shares.delete(key);
      if (theirs.length > 0) roles.set(key, theirs);
      const oldest = roles.keys().next().value;
      if (roles.size > PEOPLE_MAX && oldest !== undefined) roles.delete(oldest);
    },
    changed() {
      shares = new Map();
      tenants = new Map();
    },
  };
}

function weightOf(rule: Rule | undefined): number {
  return rule?.limit === 'pickerWeight' ? (rule.value ?? 1) : 1;
}

function runningMax(rules: readonly Rule[], countedPer: CountedPer): number {
  const maxima = rules.flatMap((rule) =>
    rule.limit === 'jobsRunning' && rule.countedPer === countedPer ? [rule.value ?? NO_LIMIT] : [],
  );
  return Math.min(NO_LIMIT, ...maxima);
}

/** Platforms have no colon in their names. */
function split(key: string): [string, string] {
  const at = key.indexOf(':');
  return [key.slice(0, at), key.slice(at + 1)];
}
