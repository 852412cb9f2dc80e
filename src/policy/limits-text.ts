/** Reads the YAML of limits: all that is wrong is found at once, each with its line. */
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import { AppError, toAppError } from '../errors.ts';
import { checkRule } from './check-rule.ts';
import type { TenantSettings } from './limits.ts';
import type { Place, Rule, RuleDraft, RuleScope } from './rules.ts';
import { checkSettings } from './tenant-settings.ts';

/** Of one place; null: the text does not speak of it. */
export type ReadLimits = { place: Place | null; rules: Rule[] | null; settings: Partial<TenantSettings> | null };

const CHARACTERS_MAX = 1_000_000;
const RULES_MAX = 10_000;
const PROBLEMS_SHOWN = 10;
const RULE_KEYS = ['platform', 'channel', 'role', 'user', 'limit', 'value', 'countedPer', 'mode'];

type Problem = { line: number; text: string };

/**
 * @param place null: a text of the host, with sections for it and for tenants
 * @throws {AppError} `LIMIT_IMPORT` with `line`, the first bad one, and `lines`, all of them
 */
export function readLimits(text: string, place: Place | null): ReadLimits[] {
  const problems: Problem[] = [];
  const lines = new LineCounter();
  if (text.length > CHARACTERS_MAX) throw refused([{ line: 1, text: 'This is more than limits could ever be.' }]);
  const document = parseDocument(text, { lineCounter: lines });
  for (const error of document.errors) {
    problems.push({ line: error.linePos?.[0].line ?? 1, text: error.message.split('\n')[0] ?? '' });
  }
  if (problems.length > 0) throw refused(problems);
  const reader = createReader(lines, problems);
  const root = document.contents;
  const read = root === null ? [] : place === null ? reader.host(root) : [reader.section(root, place, [])];
  if (problems.length > 0) throw refused(problems);
  return read;
}

function createReader(lines: LineCounter, problems: Problem[]) {
  const lineOf = (node: unknown): number => lines.linePos((node as Node | null)?.range?.[0] ?? 0).line;
  const complain = (node: unknown, text: string): void => void problems.push({ line: lineOf(node), text });

  /** A map with none but these keys; else what is wrong is noted. */
  function mapOf(node: unknown, keys: readonly string[], what: string): YAMLMap | null {
    if (!isMap(node)) {
      complain(node, `Expected ${what} with ${keys.join(', ')}.`);
      return null;
    }
    for (const { key } of node.items) {
      const name = isScalar(key) ? String(key.value) : '';
      if (!keys.includes(name)) complain(key, `${what} has no ${name.slice(0, 40)}; known: ${keys.join(', ')}.`);
    }
    return node;
  }

  /** Ids are text, also where they look like a number that is too long for one. */
  function idOf(map: YAMLMap, name: string): string | undefined {
    const node = map.get(name, true);
    if (node === undefined) return undefined;
    if (!isScalar(node)) complain(node, `${name} must be an id.`);
    return isScalar(node) ? (typeof node.value === 'number' ? (node.source ?? '') : String(node.value)) : '';
  }

  function plainOf(map: YAMLMap, name: string): unknown {
    const node: unknown = map.get(name, true);
    return isMap(node) || isSeq(node) ? node.toJSON() : isScalar(node) ? node.value : undefined;
  }

  function rule(node: unknown, place: Place | null): Rule | null {
    const map = mapOf(node, RULE_KEYS, 'A rule');
    if (map === null) return null;
    const named = ['channel', 'role', 'user'].filter((name) => map.has(name));
    if (named.length > 1) complain(node, `A rule is for a ${named[0]} or for a ${named[1]}, not for both.`);
    if (!map.has('value')) complain(node, 'A rule needs a value; null lifts the limit.');
    const scope = scopeOf(place, idOf(map, 'platform'), (name) => idOf(map, name));
    if (scope === null) {
      complain(node, 'Of the host there are rules for everyone, and with a platform for a user.');
      return null;
    }
    const countedPer = plainOf(map, 'countedPer');
    const mode = plainOf(map, 'mode');
    const draft = {
      scope,
      limit: String(plainOf(map, 'limit')),
      value: plainOf(map, 'value'),
      ...(countedPer === undefined ? {} : { countedPer }),
      ...(mode === undefined ? {} : { mode }),
    };
    try {
      return checkRule(draft as RuleDraft);
    } catch (thrown) {
      const error = toAppError(thrown);
      const field = String(error.details['field'] ?? '');
      complain(map.get(field, true) ?? node, error.message);
      return null;
    }
  }

  function rules(node: unknown, place: Place | null): Rule[] {
    if (!isSeq(node)) {
      complain(node, 'rules must be a list.');
      return [];
    }
    if (node.items.length > RULES_MAX) complain(node, `There can be ${RULES_MAX} rules.`);
    const seen = new Map<string, number>();
    return node.items.slice(0, RULES_MAX).flatMap((item) => {
      const read = rule(item, place);
      if (read === null) return [];
      const before = seen.get(read.id);
      if (before !== undefined)
        complain(item, `This contradicts line ${before}: both set the same limit for the same people.`);
      seen.set(read.id, lineOf(item));
      return [read];
    });
  }

  function section(node: unknown, place: Place | null, more: readonly string[]): ReadLimits {
    const map = mapOf(node, [...more, 'settings', 'rules'], 'This section');
    if (map === null) return { place, rules: null, settings: null };
    const settingsNode: unknown = map.get('settings', true);
    let settings: Partial<TenantSettings> | null = null;
    if (settingsNode !== undefined) {
      try {
        settings = checkSettings(isMap(settingsNode) ? settingsNode.toJSON() : settingsNode);
      } catch (thrown) {
        const error = toAppError(thrown);
        const field = String(error.details['field'] ?? '');
        const found: unknown = isMap(settingsNode) ? settingsNode.get(field, true) : undefined;
        complain(found ?? settingsNode, error.message);
      }
    }
    return { place, rules: map.has('rules') ? rules(map.get('rules', true), place) : null, settings };
  }

  function host(node: unknown): ReadLimits[] {
    const map = mapOf(node, ['host', 'tenants'], 'Limits of the host');
    if (map === null) return [];
    const own = map.has('host') ? [section(map.get('host', true), null, [])] : [];
    const tenants: unknown = map.get('tenants', true);
    if (tenants === undefined) return own;
    if (!isSeq(tenants)) {
      complain(tenants, 'tenants must be a list.');
      return own;
    }
    const others = tenants.items.map((item) => {
      const platform = isMap(item) ? idOf(item, 'platform') : undefined;
      const tenant = isMap(item) ? idOf(item, 'tenant') : undefined;
      if (platform === undefined || tenant === undefined) complain(item, 'A tenant needs its platform and its id.');
      return section(item, { platform: platform ?? '', tenant: tenant ?? '' }, ['platform', 'tenant']);
    });
    return [...own, ...others];
  }

  return { section, host };
}

/** null: of the host, and neither for everyone nor for a person of a platform. */
function scopeOf(
  place: Place | null,
  platform: string | undefined,
  idOf: (name: 'channel' | 'role' | 'user') => string | undefined,
): RuleScope | null {
  const [channel, role, user] = [idOf('channel'), idOf('role'), idOf('user')];
  if (place === null) {
    if (channel !== undefined || role !== undefined) return null;
    if (user === undefined) return platform === undefined ? { kind: 'host' } : null;
    return platform === undefined ? null : { kind: 'user', platform, tenant: null, user };
  }
  if (channel !== undefined) return { kind: 'channel', ...place, channel };
  if (role !== undefined) return { kind: 'role', ...place, role };
  return user === undefined ? { kind: 'tenant', ...place } : { kind: 'user', ...place, user };
}

function refused(problems: readonly Problem[]): AppError {
  const sorted = problems.toSorted((one, other) => one.line - other.line);
  const shown = sorted.slice(0, PROBLEMS_SHOWN).map(({ line, text }) => `Line ${line}: ${text}`);
  const rest = sorted.length > shown.length ? [`And ${sorted.length - shown.length} more.`] : [];
  return new AppError('LIMIT_IMPORT', ['Nothing was applied.', ...shown, ...rest].join('\n'), {
    details: { line: sorted[0]?.line ?? 1, lines: sorted.slice(0, PROBLEMS_SHOWN).map(({ line }) => line) },
  });
}
