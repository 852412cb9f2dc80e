import { beforeEach, describe, expect, it } from 'vitest';
import type { Limits } from '../../../src/policy/limits.ts';
import type { Asker } from '../../../src/studio/studio.ts';
import { admin, got } from '../../fakes/limits-bench.ts';
import { ADA, HERE, type MemoryLimits, NOON_MS, openMemoryLimits } from '../../fakes/memory-limits.ts';

const tenant = { kind: 'tenant', ...HERE } as const;
const server: Asker = admin(ADA, { isHost: async () => false });
const member: Asker = { scope: ADA };
const codeOf = (answer: Awaited<ReturnType<Limits['set']>>) => (answer.kind === 'refused' ? answer.error.code : null);

describe('who may change limits', () => {
  let t: MemoryLimits;
  beforeEach(async () => {
    t = await openMemoryLimits();
  });

  it.each<[string, (limits: Limits, asker: Asker) => Promise<{ kind: string }>]>([
    ['set', (limits, asker) => limits.set(asker, { scope: tenant, limit: 'picturesPerDay', value: 1 })],
    ['remove', (limits, asker) => limits.remove(asker, 'host jobsWaiting user')],
    ['plan', (limits, asker) => limits.applyPlan(asker, 'small')],
    ['settings', (limits, asker) => limits.saveSettings(asker, { galleryChannel: 'art' })],
    ['grant', (limits, asker) => limits.grant(asker, 'ada', 'picturesPerDay', 1)],
    ['reset', (limits, asker) => limits.reset(asker, 'ada')],
    ['block', (limits, asker) => limits.block(asker, 'bob')],
    ['unblock', (limits, asker) => limits.unblock(asker, 'ada')],
    ['pause', (limits, asker) => limits.pause(asker, 'tenant')],
    ['resume', (limits, asker) => limits.resume(asker, 'channel')],
    ['clear', (limits, asker) => limits.clear(asker, 'bob')],
    ['undo', (limits, asker) => limits.undo(asker, t.entries[0]?.id ?? '')],
    ['audit', (limits, asker) => limits.audit(asker)],
    ['why @user', (limits, asker) => limits.whyOf(asker, { user: 'bob' })],
    ['all rules', (limits, asker) => limits.allRules(asker)],
    ['preview', (limits, asker) => limits.preview(asker, { scope: tenant, limit: 'picturesPerDay', value: 1 })],
    ['export', (limits, asker) => limits.exportYaml(asker)],
    ['import', (limits, asker) => limits.importYaml(asker, 'rules: []', { dryRun: true })],
    [
      'usage',
      (limits, asker) => limits.usage(asker, { from: '2026-01-01', to: '2026-01-31', by: 'user', every: 'day' }),
    ],
  ])('%s is for admins', async (_what, act) => {
    const before = t.entries.length;
    expect(await act(t.limits, member)).toMatchObject({ kind: 'refused', error: { code: 'LIMIT_ADMINS_ONLY' } });
    expect(t.entries).toHaveLength(before);
    expect(t.cancelled).toEqual([]);
  });

  it('the host’s limits, other places and a tenant’s own share are for the host', async () => {
    const hosts = [
      { scope: { kind: 'host' }, limit: 'picturesPerDay', value: 1 },
      { scope: { kind: 'tenant', platform: 'chat', tenant: 'other' }, limit: 'picturesPerDay', value: 1 },
      {
        scope: { kind: 'user', platform: 'chat', tenant: null, user: 'bob' },
        limit: 'blocked',
        value: { untilMs: null },
      },
      { scope: tenant, limit: 'pickerWeight', value: 20 },
    ] as const;
    for (const draft of hosts) {
      expect(codeOf(await t.limits.set(server, draft))).toBe('LIMIT_ADMINS_ONLY');
      expect(codeOf(await t.limits.set(admin(ADA), draft))).toBeNull();
    }
    expect(codeOf(await t.limits.pause(server, 'host'))).toBe('LIMIT_ADMINS_ONLY');
    expect(codeOf(await t.limits.saveSettings(server, { timeZone: null }, null))).toBe('LIMIT_ADMINS_ONLY');
    const text = 'rules:\n  - limit: pickerWeight\n    value: 3\n';
    expect(await t.limits.importYaml(server, text, { dryRun: true })).toMatchObject({
      error: { code: 'LIMIT_ADMINS_ONLY' },
    });
  });

  it('an admin who lost the permission while a form was open is refused when it is sent', async () => {
    let isAdmin = true;
    const asker = { ...server, mayAdminister: async () => isAdmin };
    expect((await t.limits.preview(asker, { scope: tenant, limit: 'cooldownSeconds', value: 1 })).kind).toBe('found');
    got(await t.limits.set(asker, { scope: tenant, limit: 'cooldownSeconds', value: 1 }));
    isAdmin = false;
    expect(codeOf(await t.limits.set(asker, { scope: tenant, limit: 'cooldownSeconds', value: 2 }))).toBe(
      'LIMIT_ADMINS_ONLY',
    );
  });

  it('a member reads the rules of the place, and of persons only their own', async () => {
    got(await t.limits.block(server, 'bob'));
    got(await t.limits.block(server, 'ada'));
    await t.set('picturesPerDay', 4);
    const read = t.limits
      .rules(member)
      .map(({ limit, scope }) => [limit, scope.kind === 'user' ? scope.user : scope.kind]);
    expect(read).toEqual([
      ['jobsWaiting', 'host'],
      ['jobsWaiting', 'host'],
      ['picturesPerDay', 'tenant'],
      ['blocked', 'ada'],
    ]);
    expect(got(await t.limits.allRules(server))).toHaveLength(5);
    expect(t.limits.rules({ scope: { ...ADA, tenant: 'other' } })).toHaveLength(2);
  });
});

describe('what admins do', () => {
  let t: MemoryLimits;
  beforeEach(async () => {
    t = await openMemoryLimits();
  });

  it('leaves who did it, when, from what to what, and undoes it', async () => {
    const first = got(await t.limits.set(server, { scope: tenant, limit: 'picturesPerDay', value: 20 }));
    expect(first).toMatchObject({ atMs: NOON_MS, by: { user: 'admin' }, place: HERE, action: 'set' });
    const second = got(await t.limits.set(server, { scope: tenant, limit: 'picturesPerDay', value: 40 }));
    expect(second.changes).toMatchObject([{ before: { value: 20 }, after: { value: 40 } }]);
    // The first was changed again since.
    expect(codeOf(await t.limits.undo(server, first.id))).toBe('LIMIT_CHANGED');
    const undone = got(await t.limits.undo(server, second.id));
    expect(undone).toMatchObject({ action: 'undo', changes: [{ before: { value: 40 }, after: { value: 20 } }] });
    expect(codeOf(await t.limits.undo(server, second.id))).toBe('LIMIT_CHANGED');
    got(await t.limits.undo(server, undone.id));
    expect(t.limits.rules(member).find(({ limit }) => limit === 'picturesPerDay')?.value).toBe(40);
    expect(codeOf(await t.limits.undo(server, 'nothing'))).toBe('LIMIT_NOT_FOUND');
    expect(codeOf(await t.limits.remove(server, 'nothing'))).toBe('LIMIT_NOT_FOUND');
  });

  it('changes made at the same time are made one after another', async () => {
    const values = [1, 2, 3, 4, 5];
    const entries = await Promise.all(
      values.map((value) => t.limits.set(server, { scope: tenant, limit: 'picturesPerDay', value })),
    );
    const steps = entries.map((entry) => got(entry).changes[0]);
    for (const [index, step] of steps.entries()) expect(step?.before).toEqual(steps[index - 1]?.after ?? null);
  });

  it('every action can be undone: block, pause, plan, grant, settings', async () => {
    const before = t.limits.rules(member);
    const settings = t.limits.settings(HERE);
    const actions = [
      await t.limits.block(server, 'ada'),
      await t.limits.pause(server, 'channel'),
      await t.limits.applyPlan(server, 'paid', { role: 'booster' }),
      await t.limits.grant(server, 'ada', 'picturesPerMonth', 20),
      await t.limits.saveSettings(server, { blockedWords: { defaultList: true, words: ['x'], allowed: [] } }),
    ];
    expect((await t.decide()).refusal?.code).toBe('LIMIT_PAUSED');
    for (const action of actions.toReversed()) got(await t.limits.undo(server, got(action).id));
    expect(t.limits.rules(member)).toEqual(before);
    expect(t.limits.settings(HERE)).toEqual(settings);
    expect((await t.decide()).allowed).toBe(true);
  });

  it('a block ends by itself, by an admin, or by undoing it', async () => {
    got(await t.limits.block(server, 'ada', NOON_MS + 1_000));
    expect((await t.decide()).refusal).toMatchObject({
      code: 'LIMIT_BLOCKED',
      details: { passesAtMs: NOON_MS + 1_000 },
    });
    expect((await t.decide({ atMs: NOON_MS + 1_000 })).allowed).toBe(true);
    got(await t.limits.unblock(server, 'ada'));
    expect((await t.decide()).allowed).toBe(true);
  });

  it('a plan replaces what is counted for everyone and for roles, and leaves lists, blocks and persons alone', async () => {
    await t.set('picturesPerMonth', 7);
    await t.set('channels', { only: ['general'] });
    await t.set('picturesPerDay', 500, { scope: { kind: 'user', ...HERE, user: 'vip' } });
    expect(codeOf(await t.limits.applyPlan(server, 'paid'))).toBe('LIMIT_RULE');
    for (const { name } of t.limits.plans()) {
      got(await t.limits.applyPlan(server, name, { role: 'booster' }));
      const rules = got(await t.limits.allRules(server));
      expect(rules.map(({ limit }) => limit)).toEqual(expect.arrayContaining(['channels', 'picturesPerDay']));
      expect(rules.some(({ limit }) => limit === 'picturesPerMonth')).toBe(false);
    }
    got(await t.limits.applyPlan(server, 'open'));
    expect(got(await t.limits.allRules(server)).filter(({ scope }) => scope.kind === 'tenant')).toHaveLength(1);
  });

  it('clearing cancels what somebody has in the queue, and says how many', async () => {
    const entry = got(await t.limits.clear(server, 'bob'));
    expect(entry).toMatchObject({ action: 'clear', jobs: 2, changes: [] });
    expect(t.cancelled).toEqual(['one', 'two']);
    expect(codeOf(await t.limits.undo(server, entry.id))).toBe('LIMIT_CHANGED');
  });

  it.each([[{ timeZone: 'Mars/Olympus' }], [{ blockedWords: { words: [' '] } }], [{ colour: 'red' } as never]])(
    'does not take the setting %o',
    async (change) => {
      expect(codeOf(await t.limits.saveSettings(server, change as never))).toBe('LIMIT_RULE');
    },
  );

  it.each([0, -1, 1.5, Number.NaN, 1e9])('does not grant %d pictures', async (amount) => {
    expect(codeOf(await t.limits.grant(server, 'ada', 'picturesPerDay', amount))).toBe('LIMIT_RULE');
    expect(codeOf(await t.limits.grant(server, 'ada', 'cooldownSeconds' as never, 1))).toBe('LIMIT_RULE');
  });
});

describe('limits as text', () => {
  let t: MemoryLimits;
  beforeEach(async () => {
    t = await openMemoryLimits();
  });
  const imported = (text: string, asker = server) => t.limits.importYaml(asker, text, { dryRun: false });

  it('what is exported is imported as it was, ids of 19 digits too', async () => {
    await t.set('picturesPerDay', 20);
    await t.set('picturesPerDay', null, { scope: { kind: 'role', ...HERE, role: '1234567890123456789' } });
    await t.set('quietHours', [{ from: '22:00', to: '07:00', days: [5, 6] }], { mode: 'shadow' });
    await t.set('picturesPerHour', 90, {
      scope: { kind: 'channel', ...HERE, channel: '9876543210987654321' },
      countedPer: 'channel',
    });
    const text = got(await t.limits.exportYaml(server));
    expect(got(await imported(text)).changes).toEqual([]);
    const bare = text.replaceAll('"', '');
    expect(got(await imported(bare)).changes).toEqual([]);
    const other = await openMemoryLimits();
    got(await other.limits.importYaml(server, text, { dryRun: false }));
    expect(other.limits.rules(member)).toEqual(t.limits.rules(member));
  });

  it('the host’s text has every place, and replaces the ones it names only', async () => {
    await t.set('picturesPerDay', 20);
    got(await t.limits.set(admin(ADA), { scope: { kind: 'host' }, limit: 'picturesPerDay', value: 100 }));
    got(
      await t.limits.set(admin(ADA), {
        scope: { kind: 'user', platform: 'chat', tenant: null, user: 'bob' },
        limit: 'blocked',
        value: { untilMs: null },
      }),
    );
    const text = got(await t.limits.exportYaml(admin(ADA), 'host'));
    expect(got(await t.limits.importYaml(admin(ADA), text, { dryRun: true, what: 'host' })).changes).toEqual([]);
    const { changes } = got(
      await t.limits.importYaml(admin(ADA), 'host:\n  rules: []\n', { dryRun: true, what: 'host' }),
    );
    expect(changes.map((change) => (change.kind === 'rule' ? change.before?.limit : ''))).toEqual([
      'picturesPerDay',
      'blocked',
    ]);
    expect(t.limits.rules(member).some(({ limit }) => limit === 'picturesPerDay')).toBe(true);
  });

  it('a dry run says what would change and changes nothing', async () => {
    await t.set('picturesPerDay', 20);
    const text = 'rules:\n  - limit: cooldownSeconds\n    value: 5\nsettings:\n  galleryChannel: art\n';
    const before = t.limits.rules(member);
    const { changes, applied } = got(await t.limits.importYaml(server, text, { dryRun: true }));
    expect([applied, changes.length]).toEqual([false, 3]);
    expect(t.limits.rules(member)).toEqual(before);
    expect(got(await imported(text)).applied).toBe(true);
    expect(t.limits.settings(HERE)).toMatchObject({ galleryChannel: 'art', timeZone: 'UTC' });
    got(await t.limits.undo(server, t.entries[0]?.id ?? ''));
    expect(t.limits.rules(member)).toEqual(before);
  });

  it.each<[string, string, number]>([
    ['YAML that is none', 'rules:\n  - limit: [\n', 3],
    ['a value', 'rules:\n  - limit: picturesPerDay\n    value: 20\n  - limit: picturesPerHour\n    value: -4\n', 5],
    ['a fraction', 'rules:\n  - value: 1.5\n    limit: picturesPerDay\n', 2],
    ['a limit that is none', 'rules:\n  - value: 4\n    limit: picturesPerYear\n', 3],
    ['a key that is none', 'rules:\n  - limit: picturesPerDay\n    value: 4\n    colour: red\n', 4],
    ['no value', 'rules:\n  - limit: picturesPerDay\n    value: 4\n  - limit: picturesPerWeek\n', 4],
    ['two scopes', 'rules:\n  - role: a\n    channel: b\n    limit: picturesPerDay\n    value: 4\n', 2],
    [
      'a contradiction',
      'rules:\n  - limit: picturesPerDay\n    value: 4\n  - limit: picturesPerDay\n    value: 5\n',
      4,
    ],
    ['a count', 'rules:\n  - limit: picturesPerDay\n    value: 4\n    countedPer: galaxy\n', 4],
    ['a time zone', 'settings:\n  galleryChannel: a\n  timeZone: Mars/Olympus\n', 3],
    ['a section that is none', 'rules: []\nrulez: []\n', 2],
    ['a list that is none', 'rules: 7\n', 1],
    ['a text that is no map', '- 1\n', 1],
  ])('one bad line applies nothing and is named: %s', async (_what, text, line) => {
    await t.set('picturesPerDay', 20);
    const before = t.limits.rules(member);
    const entries = t.entries.length;
    const answer = await imported(text);
    expect(answer).toMatchObject({ kind: 'refused', error: { code: 'LIMIT_IMPORT', details: { line } } });
    expect(answer.kind === 'refused' && answer.error.message).toContain(`Line ${line}: `);
    expect(t.limits.rules(member)).toEqual(before);
    expect(t.entries).toHaveLength(entries);
  });

  it('all bad lines are named at once', async () => {
    const answer = await imported('rules:\n  - limit: a\n    value: 1\n  - limit: picturesPerDay\n    value: many\n');
    expect(answer).toMatchObject({ error: { details: { lines: [2, 5] } } });
  });
});
