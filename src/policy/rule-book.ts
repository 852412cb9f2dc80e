/** All rules in memory, found by scope: which of them hold for somebody somewhere, and which give way to others. */
import type { LimitState } from '../store/limit-records.ts';
import type { Scope } from '../store/records.ts';
import { checkRule, scopeKeyOf } from './check-rule.ts';
import type { Change, Grant, TenantSettings } from './limits.ts';
import type { LimitName, Place, Rule, RuleDraft, RuleScope } from './rules.ts';

/** Host rules are asked beside those of the tenant: a ceiling. */
export type Layer = 'host' | 'local';

export type Held = {
  rule: Rule;
  layer: Layer;
  /** Of the rule that is asked instead; null: this one is asked. */
  overriddenBy: string | null;
};

export type RuleBook = {
  /**
   * The rules about this person in this place, the ones to ask and the ones that give way.
   * @param generosity greater is more generous; among the roles of a person the most generous rule is asked
   */
  heldFor(scope: Scope, generosity: (rule: Rule) => number): Held[];
  get(id: string): Rule | undefined;
  /** The same without defaults that nobody has set. */
  saved(id: string): Rule | null;
  /** The defaults that no host has changed are among them. */
  all(): Rule[];
  /** Tenants that have rules or settings. */
  places(): Place[];
  grantsOf(place: Place, user: string): readonly Grant[];
  grant(id: string): Grant | undefined;
  /** As it was saved; null: nothing was. */
  savedSettings(place: Place | null): TenantSettings | null;
  settings(place: Place | null): TenantSettings;
  apply(changes: readonly Change[]): void;
};

const NO_SETTINGS: TenantSettings = {
  timeZone: null,
  galleryChannel: null,
  blockedWords: { defaultList: false, words: [], allowed: [] },
};

/** What protects the machine from a flood until the host says otherwise. */
const DEFAULTS: readonly RuleDraft[] = [
  { scope: { kind: 'host' }, limit: 'jobsWaiting', value: 10_000, countedPer: 'host' },
  { scope: { kind: 'host' }, limit: 'jobsWaiting', value: 50, countedPer: 'user' },
];
export const DEFAULT_RULES: readonly Rule[] = DEFAULTS.map(checkRule);

export function createRuleBook(state: Pick<LimitState, 'rules' | 'grants' | 'settings'>): RuleBook {
  const byScope = new Map<string, Map<string, Rule>>();
  const scopeOf = new Map<string, string>();
  const grants = new Map<string, Map<string, Grant>>();
  const grantees = new Map<string, string>();
  const settings = new Map<string, TenantSettings>();
  for (const rule of DEFAULT_RULES) put(rule);
  for (const rule of state.rules) put(rule);
  for (const grant of state.grants) putGrant(grant);
  for (const { place, settings: values } of state.settings) settings.set(placeKey(place), values);

  function put(rule: Rule): void {
    const key = scopeKeyOf(rule.scope);
    const rules = byScope.get(key) ?? new Map<string, Rule>();
    byScope.set(key, rules.set(rule.id, rule));
    scopeOf.set(rule.id, key);
  }

  function take(id: string): void {
    byScope.get(scopeOf.get(id) ?? '')?.delete(id);
    scopeOf.delete(id);
    const usual = DEFAULT_RULES.find((rule) => rule.id === id);
    if (usual !== undefined) put(usual);
  }

  function putGrant(grant: Grant): void {
    const key = personKey(grant, grant.user);
    const theirs = grants.get(key) ?? new Map<string, Grant>();
    grants.set(key, theirs.set(grant.id, grant));
    grantees.set(grant.id, key);
  }

  const at = (scope: RuleScope): Rule[] => [...(byScope.get(scopeKeyOf(scope))?.values() ?? [])];
  const get = (id: string): Rule | undefined => byScope.get(scopeOf.get(id) ?? '')?.get(id);

  return {
    heldFor({ platform, tenant, channel, user, roles }, generosity) {
      const place = { platform, tenant };
      const host = [at({ kind: 'user', platform, tenant: null, user }), at({ kind: 'host' })];
      const local = [
        at({ kind: 'user', ...place, user }),
        [...new Set(roles)].flatMap((role) => at({ kind: 'role', ...place, role })),
        at({ kind: 'channel', ...place, channel }),
        at({ kind: 'tenant', ...place }),
      ];
      return [...chosen(host, 'host', generosity), ...chosen(local, 'local', generosity)];
    },
    get,
    saved(id) {
      const rule = get(id);
      return rule === undefined || DEFAULT_RULES.includes(rule) ? null : rule;
    },
    all: () => [...byScope.values()].flatMap((rules) => [...rules.values()]),
    places() {
      const ofRules = [...byScope.values()].flatMap((rules) =>
        [...rules.values()].map(({ scope }) => placeKeyOf(scope)),
      );
      return [...new Set([...ofRules, ...settings.keys()])]
        .filter((key) => key !== '')
        .sort()
        .map((key) => {
          const [platform, tenant] = JSON.parse(key) as [string, string];
          return { platform, tenant };
        });
    },
    grantsOf: (place, user) => [...(grants.get(personKey(place, user))?.values() ?? [])],
    grant: (id) => grants.get(grantees.get(id) ?? '')?.get(id),
    savedSettings: (place) => settings.get(placeKey(place)) ?? null,
    settings: (place) => settings.get(placeKey(place)) ?? NO_SETTINGS,
    apply(changes) {
      for (const change of changes) {
        if (change.kind === 'rule') {
          if (change.after === null) take(change.id);
          else put(change.after);
        } else if (change.kind === 'grant') {
          grants.get(grantees.get(change.id) ?? '')?.delete(change.id);
          grantees.delete(change.id);
          if (change.after !== null) putGrant(change.after);
        } else if (change.after === null) settings.delete(placeKey(change.place));
        else settings.set(placeKey(change.place), change.after);
      }
    },
  };
}

/** Most specific scope first. For each limit and count the first scope that says anything is asked, the others give way. */
function chosen(scopes: readonly Rule[][], layer: Layer, generosity: (rule: Rule) => number): Held[] {
  const asked = new Map<string, string>();
  return scopes.flatMap((rules) => {
    const best = new Map<string, Rule>();
    for (const rule of rules) {
      if (rule.mode === 'shadow') continue;
      const before = best.get(contendsFor(rule));
      if (before === undefined || generosity(rule) > generosity(before)) best.set(contendsFor(rule), rule);
    }
    const held = rules.map((rule): Held => {
      const winner = asked.get(contendsFor(rule)) ?? best.get(contendsFor(rule))?.id;
      // A shadow rule stands in for an enforced one of its own scope, to see what it would do.
      const gives = rule.mode === 'shadow' ? asked.get(contendsFor(rule)) : winner === rule.id ? undefined : winner;
      return { rule, layer, overriddenBy: gives ?? null };
    });
    for (const [key, rule] of best) if (!asked.has(key)) asked.set(key, rule.id);
    return held;
  });
}

/** Limits that are counted for different subjects do not replace each other. */
function contendsFor({ limit, countedPer }: { limit: LimitName; countedPer: string }): string {
  return `${limit} ${countedPer}`;
}

function placeKey(place: Place | null): string {
  return place === null ? '' : JSON.stringify([place.platform, place.tenant]);
}

function placeKeyOf(scope: RuleScope): string {
  return scope.kind === 'host' || scope.tenant === null
    ? ''
    : placeKey({ platform: scope.platform, tenant: scope.tenant });
}

function personKey({ platform, tenant }: Place, user: string): string {
  return JSON.stringify([platform, tenant, user]);
}
