import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.ts';
import type { RuleDraft, RuleScope } from '../../../src/policy/rules.ts';
import { ADA, HERE, type MemoryLimits, NOON_MS, openMemoryLimits } from '../../fakes/memory-limits.ts';

const channel = (name: string): RuleScope => ({ kind: 'channel', ...HERE, channel: name });
const role = (name: string): RuleScope => ({ kind: 'role', ...HERE, role: name });
const user = (name: string): RuleScope => ({ kind: 'user', ...HERE, user: name });

describe('rules that nothing is counted for', () => {
  let t: MemoryLimits;
  beforeEach(async () => {
    t = await openMemoryLimits();
  });
  const codeOf = async (...asked: Parameters<MemoryLimits['decide']>) =>
    (await t.decide(...asked)).refusal?.code ?? null;

  it.each<
    [
      string,
      RuleDraft['limit'],
      unknown,
      Parameters<MemoryLimits['decide']>,
      Parameters<MemoryLimits['decide']>,
      Partial<RuleDraft>,
    ]
  >([
    ['LIMIT_MODEL', 'models', { only: ['other'] }, [], [{ model: 'other' }], {}],
    ['LIMIT_STYLE', 'styles', { except: ['photo'] }, [{ styles: ['noto', 'photo'] }], [{ styles: ['noto'] }], {}],
    ['LIMIT_CHANNEL', 'channels', { only: ['art'] }, [], [{}, { channel: 'art' }], {}],
    ['LIMIT_ROLE', 'roles', { only: ['artist'] }, [], [{}, { roles: ['artist', 'new'] }], {}],
    ['LIMIT_BLOCKED', 'blocked', { untilMs: null }, [], [{}, { user: 'bob' }], { scope: user('ada') }],
    ['LIMIT_BLOCKED', 'blocked', { untilMs: NOON_MS + 1 }, [], [{ atMs: NOON_MS + 1 }], { scope: user('ada') }],
    ['LIMIT_PAUSED', 'paused', { untilMs: null }, [], [{}, { channel: 'art' }], { scope: channel('general') }],
    ['LIMIT_REQUEST', 'picturesPerRequest', 3, [], [{ pictures: 3 }], {}],
    ['LIMIT_REQUEST', 'promptsPerRequest', 1, [{ prompts: ['a', 'b'] }], [], {}],
    ['LIMIT_QUIET', 'quietHours', [{ from: '11:00', to: '13:00' }], [], [{ atMs: NOON_MS + 3_600_000 }], {}],
  ])('%s: %s %o', async (code, limit, value, refused, passes, more) => {
    await t.set(limit, value, more);
    expect(await codeOf(...refused)).toBe(code);
    expect(await codeOf(...passes)).toBeNull();
  });

  it('says when quiet hours and a pause end, and lets upscales pass what draws nothing', async () => {
    await t.set('quietHours', [{ from: '22:00', to: '13:00' }]);
    expect((await t.decide()).refusal?.details).toMatchObject({ passesAtMs: NOON_MS + 3_600_000, timeZone: 'UTC' });
    expect(await codeOf({ kind: 'upscale', pictures: 0 })).toBeNull();
    await t.set('paused', { untilMs: NOON_MS + 5 });
    expect((await t.decide({ kind: 'upscale', pictures: 0 })).refusal).toMatchObject({
      code: 'LIMIT_PAUSED',
      details: { passesAtMs: NOON_MS + 5 },
    });
  });

  it.each([
    ['everyone', false, null],
    ['moderators', false, 'LIMIT_BUTTONS'],
    ['moderators', true, null],
    ['author', true, 'LIMIT_BUTTONS'],
  ])('buttons for %s, pressed by a stranger who moderates %s: %s', async (right, moderates, code) => {
    await t.set('buttons', right);
    let asked = 0;
    const mayModerate = async () => {
      asked += 1;
      return moderates;
    };
    expect(await codeOf({ press: { byAuthor: false, mayModerate } })).toBe(code);
    expect(asked).toBe(right === 'moderators' ? 1 : 0);
    expect(await codeOf({ press: { byAuthor: true, mayModerate } })).toBeNull();
    expect(await codeOf()).toBeNull();
  });

  it('filters are asked after who may draw at all and before anything is counted, and named in the chain', async () => {
    const refusal = new AppError('INPUT_NOTHING_DRAWABLE', 'Not this.');
    const filter = { name: 'words', check: (prompts: readonly string[]) => (prompts.includes('bad') ? refusal : null) };
    t = await openMemoryLimits([filter]);
    t.used = 40;
    await t.set('picturesPerDay', 1);
    expect((await t.decide({ prompts: ['good', 'bad'] })).refusal).toBe(refusal);
    expect((await t.decide({ prompts: ['bad'], kind: 'upscale', pictures: 0 })).allowed).toBe(true);
    const names = (await t.decide()).chain.map(({ filter: name, rule }) => name ?? rule?.limit);
    expect(names.indexOf('words')).toBeLessThan(names.indexOf('picturesPerDay'));
    await t.set('blocked', { untilMs: null }, { scope: user('ada') });
    expect(await codeOf({ prompts: ['bad'] })).toBe('LIMIT_BLOCKED');
  });

  it('times are said in the person’s own zone, and periods are those of the place', async () => {
    await t.set('picturesPerDay', 0);
    const { refusal } = await t.decide({ timeZone: 'Asia/Tokyo' });
    expect(refusal?.details).toMatchObject({ timeZone: 'Asia/Tokyo' });
  });
});

describe('which rule is asked', () => {
  let t: MemoryLimits;
  beforeEach(async () => {
    t = await openMemoryLimits();
  });

  it('the most specific scope, and the chain says what gave way to what', async () => {
    const place = await t.set('picturesPerDay', 10);
    const inChannel = await t.set('picturesPerDay', 20, { scope: channel('general') });
    expect((await t.decide()).chain.filter(({ rule }) => rule?.limit === 'picturesPerDay')).toMatchObject([
      { rule: { id: inChannel.id }, outcome: 'passes', max: 20, overriddenBy: null },
      { rule: { id: place.id }, outcome: 'overridden', overriddenBy: inChannel.id },
    ]);
    const own = await t.set('picturesPerDay', 2, { scope: user('ada') });
    expect((await t.decide()).refusal?.details).toMatchObject({ rule: own.id, max: 2 });
    expect((await t.decide({}, { user: 'bob' })).allowed).toBe(true);
  });

  it('null lifts what a less specific rule says', async () => {
    await t.set('picturesPerDay', 0);
    await t.set('picturesPerDay', null, { scope: role('staff') });
    expect((await t.decide()).allowed).toBe(false);
    expect((await t.decide({}, { roles: ['staff'] })).allowed).toBe(true);
  });

  it('a shadow rule is asked beside the enforced one of its scope, and gives way to a more specific one', async () => {
    t.used = 5;
    await t.set('picturesPerDay', 100);
    await t.set('picturesPerDay', 5, { mode: 'shadow' });
    expect((await t.decide()).chain.map(({ outcome }) => outcome)).toContain('shadow');
    await t.set('picturesPerDay', 50, { scope: user('ada') });
    expect((await t.decide()).chain.map(({ outcome }) => outcome)).not.toContain('shadow');
  });

  it('roles and channels that are gone refuse nobody, and can be found', async () => {
    await t.set('picturesPerDay', 0, { scope: role('deleted') });
    await t.set('paused', { untilMs: null }, { scope: channel('deleted') });
    expect((await t.decide()).allowed).toBe(true);
    const gone = t.limits.orphans({ scope: ADA }, { roles: ['staff'], channels: ['general'] });
    expect(gone.map(({ scope }) => scope.kind)).toEqual(['channel', 'role']);
  });

  it('of several refusals the one is told that waiting does not mend, else the last to pass', async () => {
    t.used = 8;
    await t.set('picturesPerDay', 8);
    await t.set('picturesPerMonth', 8);
    expect((await t.decide()).refusal?.details).toMatchObject({ limit: 'picturesPerMonth' });
    await t.set('picturesPerRequest', 2);
    expect((await t.decide()).refusal?.code).toBe('LIMIT_REQUEST');
  });

  const max = fc.option(fc.integer({ min: 0, max: 12 }));
  const sets = fc.record({
    host: max,
    tenant: max,
    channel: max,
    user: max,
    roles: fc.array(fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), max }), { maxLength: 4 }),
    used: fc.integer({ min: 0, max: 12 }),
    pictures: fc.integer({ min: 1, max: 4 }),
  });

  it('holds for any set of rules: the host’s ceiling, and below it the most specific scope and the most generous role', async () => {
    await fc.assert(
      fc.asyncProperty(sets, async ({ host, tenant, channel: inChannel, user: own, roles, used, pictures }) => {
        const limits = await openMemoryLimits();
        limits.used = used;
        const mine = new Map(roles.filter(({ name }) => name !== 'd').map((each) => [each.name, each.max]));
        const set = async (value: number | null, scope?: RuleScope) => {
          if (value !== null) await limits.set('picturesPerDay', value, scope === undefined ? {} : { scope });
        };
        await set(host, { kind: 'host' });
        await set(tenant);
        await set(inChannel, channel('general'));
        await set(own, user('ada'));
        for (const [name, value] of mine) await set(value, role(name));
        await set(0, role('d'));
        const ofRoles = [...mine.values()].filter((value) => value !== null);
        const generous = ofRoles.length === 0 ? null : Math.max(...ofRoles);
        const local = own ?? generous ?? inChannel ?? tenant ?? Number.POSITIVE_INFINITY;
        const expected = used + pictures <= Math.min(host ?? Number.POSITIVE_INFINITY, local);
        const decision = await limits.decide({ pictures }, { roles: [...mine.keys()] });
        expect(decision.allowed).toBe(expected);
        expect(decision.refusal === null).toBe(expected);
        const asked = decision.chain.filter(
          ({ outcome, rule }) => outcome !== 'overridden' && rule?.limit === 'picturesPerDay',
        );
        expect(asked.length).toBeLessThanOrEqual(2);
      }),
      { numRuns: 150 },
    );
  });
});
