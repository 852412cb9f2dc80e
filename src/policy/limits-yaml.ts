/** Limits as YAML: exported to be read and kept, imported whole or not at all, with the line of what is wrong. */
import { isDeepStrictEqual } from 'node:util';
import { stringify } from 'yaml';
import { type AdminParts, isSamePlace } from './admin-actions.ts';
import { answer, placeFor } from './answer.ts';
import { assertMayChange, assertMaySet, placeOf, ruleChange } from './changes.ts';
import type { Change, Limits, TenantSettings } from './limits.ts';
import { type ReadLimits, readLimits } from './limits-text.ts';
import type { RuleBook } from './rule-book.ts';
import type { Place, Rule, RuleScope } from './rules.ts';

const HEADER = `# Limits of Easel. docs/limits.md says what each of them does.
# A rule without channel, role or user holds for everyone. null lifts a limit.
`;

export function createYaml({ book, changes }: AdminParts): Pick<Limits, 'exportYaml' | 'importYaml'> {
  return {
    exportYaml: (asker, what = 'tenant') =>
      answer(async () => {
        const here = placeFor(asker.scope);
        await assertMayChange(asker, what === 'host' ? null : here);
        if (what === 'tenant') return HEADER + stringify(section(book, here));
        const tenants = book.places().map((place) => ({ ...place, ...section(book, place) }));
        return HEADER + stringify({ host: section(book, null), ...(tenants.length === 0 ? {} : { tenants }) });
      }),
    importYaml: (asker, text, { dryRun, what = 'tenant' }) =>
      answer(async () => {
        const here = placeFor(asker.scope);
        const place = what === 'host' ? null : here;
        await assertMayChange(asker, place);
        const read = readLimits(text, place);
        const make = () => read.flatMap((one) => changesOf(book, one));
        for (const change of make())
          if (change.kind === 'rule') await assertMaySet(asker, change.after ?? change.before);
        if (dryRun) return { changes: make(), applied: false };
        const entry = await changes.make({ asker, place, action: 'yaml', changes: make });
        return { changes: entry.changes, applied: true };
      }),
  };
}

/** A section that is there replaces all of its place; what it does not have goes. */
function changesOf(book: RuleBook, { place, rules, settings }: ReadLimits): Change[] {
  const changes: Change[] = [];
  if (rules !== null) {
    const after = new Map(rules.map((rule) => [rule.id, rule]));
    const ids = new Set([...savedRules(book, place).map(({ id }) => id), ...after.keys()]);
    changes.push(...[...ids].map((id) => ruleChange(book, id, after.get(id) ?? null)));
  }
  if (settings !== null) {
    const before = book.savedSettings(place);
    changes.push({ kind: 'settings', place, before, after: { ...book.settings(place), ...settings } });
  }
  return changes.filter(({ before, after }) => !isDeepStrictEqual(before, after));
}

function section(book: RuleBook, place: Place | null): { settings?: TenantSettings; rules: object[] } {
  const settings = book.savedSettings(place);
  return { ...(settings === null ? {} : { settings }), rules: savedRules(book, place).map(toYaml) };
}

function savedRules(book: RuleBook, place: Place | null): Rule[] {
  return book
    .all()
    .filter((rule) => isSamePlace(placeOf(rule.scope), place) && book.saved(rule.id) !== null)
    .sort((one, other) => (one.id < other.id ? -1 : 1));
}

function toYaml({ scope, limit, value, countedPer, mode }: Rule): object {
  return {
    ...forWhom(scope),
    limit,
    value,
    ...(countedPer === 'user' ? {} : { countedPer }),
    ...(mode === 'enforce' ? {} : { mode }),
  };
}

function forWhom(scope: RuleScope): object {
  switch (scope.kind) {
    case 'host':
    case 'tenant':
      return {};
    case 'channel':
      return { channel: scope.channel };
    case 'role':
      return { role: scope.role };
    case 'user':
      return scope.tenant === null ? { platform: scope.platform, user: scope.user } : { user: scope.user };
  }
}
