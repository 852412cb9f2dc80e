import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkRule, scopeKeyOf } from '../../../src/policy/check-rule.ts';
import { COUNTED_PER, LIMIT_NAMES, LIMIT_VALUES, type RuleDraft, type RuleScope } from '../../../src/policy/rules.ts';
import { HERE } from '../../fakes/memory-limits.ts';

const tenant: RuleScope = { kind: 'tenant', ...HERE };
const draft = (change: Partial<RuleDraft>): RuleDraft => ({
  scope: tenant,
  limit: 'picturesPerDay',
  value: 1,
  ...change,
});
const id = fc.string({ minLength: 1, maxLength: 8 });
const scopes: fc.Arbitrary<RuleScope> = fc.oneof(
  fc.constant<RuleScope>({ kind: 'host' }),
  fc.record({ kind: fc.constant('tenant' as const), platform: id, tenant: id }),
  fc.record({ kind: fc.constant('channel' as const), platform: id, tenant: id, channel: id }),
  fc.record({ kind: fc.constant('role' as const), platform: id, tenant: id, role: id }),
  fc.record({ kind: fc.constant('user' as const), platform: id, tenant: fc.option(id), user: id }),
);

describe('a rule at the door', () => {
  it.each([
    [-1],
    [1.5],
    [1e9],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    ['20'],
    ['many'],
    [true],
    [[20]],
    [{ max: 20 }],
    [undefined],
  ])('does not take %o pictures a day', (value) => {
    expect(() => checkRule(draft({ value }))).toThrow(
      expect.objectContaining({
        code: 'LIMIT_RULE',
        message: 'picturesPerDay must be a whole number from 0 to 1000000, or null for no limit.',
        details: { field: 'value' },
      }),
    );
  });

  it.each<[string, Partial<RuleDraft>]>([
    ['an unknown limit', { limit: 'picturesPerYear' as never }],
    ['an unknown mode', { mode: 'maybe' as never }],
    ['an unknown count', { countedPer: 'role' as never }],
    [
      'a channel’s rule counted for the tenant',
      { scope: { kind: 'channel', ...HERE, channel: 'art' }, countedPer: 'tenant' },
    ],
    ['a tenant’s rule counted for the host', { countedPer: 'host' }],
    ['a request’s size counted per channel', { limit: 'picturesPerRequest', countedPer: 'channel' }],
    ['a block of everybody', { limit: 'blocked', value: { untilMs: null } }],
    ['roles of a role', { scope: { kind: 'role', ...HERE, role: 'a' }, limit: 'roles', value: { only: ['b'] } }],
    ['both lists at once', { limit: 'models', value: { only: ['a'], except: ['b'] } }],
    ['a list that lets nothing through', { limit: 'models', value: { only: [] } }],
    ['quiet hours without end', { limit: 'quietHours', value: [{ from: '10:00', to: '10:00' }] }],
    ['an hour that is none', { limit: 'quietHours', value: [{ from: '24:00', to: '10:00' }] }],
    ['a weight of nothing', { limit: 'pickerWeight', value: 0 }],
    ['a channel without a name', { scope: { kind: 'channel', ...HERE, channel: ' ' } }],
    ['a scope of its own', { scope: { kind: 'planet' } as never }],
  ])('refuses %s', (_what, change) => {
    expect(() => checkRule(draft(change))).toThrow(expect.objectContaining({ code: 'LIMIT_RULE' }));
  });

  it('lets pass what it takes, whatever is thrown at it, and nothing else', () => {
    const limit = fc.constantFrom(...LIMIT_NAMES);
    const countedPer = fc.constantFrom(...COUNTED_PER);
    fc.assert(
      fc.property(scopes, limit, countedPer, fc.jsonValue(), (scope, name, per, value) => {
        try {
          const rule = checkRule({ scope, limit: name, value, countedPer: per });
          expect(LIMIT_VALUES[name].safeParse(rule.value).success).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: 'LIMIT_RULE' });
        }
      }),
    );
  });

  it('no two scopes share an id', () => {
    fc.assert(
      fc.property(scopes, scopes, (one, other) => {
        const isSame = JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());
        // A star is no id: it stands for every tenant.
        fc.pre(!('tenant' in one && one.tenant === '*') && !('tenant' in other && other.tenant === '*'));
        expect(scopeKeyOf(one) === scopeKeyOf(other)).toBe(isSame);
      }),
    );
  });
});
