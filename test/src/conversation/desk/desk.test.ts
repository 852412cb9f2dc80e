import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { toCommand } from '../../../../src/conversation/desk/parse-command.ts';
import type { Form } from '../../../../src/conversation/form.ts';
import type { View } from '../../../../src/conversation/view.ts';
import type { Asker } from '../../../../src/studio/studio.ts';
import { asking, drawn, eventually, openTestEasel, type TestEasel } from '../../studio/harness.ts';

describe('the desk', { timeout: 180_000 }, () => {
  let t: TestEasel;
  let tenant: string;
  let places = 0;
  beforeAll(async () => {
    t = await openTestEasel();
  }, 180_000);
  afterAll(() => t.dispose());
  beforeEach(() => {
    places += 1;
    tenant = `team-${places}`;
  });

  const member = (user = 'bob', more: Partial<Asker> = {}): Asker => ({
    scope: asking(user, { tenant }).scope,
    ...more,
  });
  const admin = (more: Partial<Asker> = {}): Asker => member('ada', { mayAdminister: async () => true, ...more });
  const say = (text: string, asker: Asker = member()) => t.easel.desk.say(asker, text);
  const manage = (text: string) => say(text, admin());
  const ask = (text: string, user = 'bob', roles: string[] = []) =>
    t.easel.studio.submit({ ...asking(user, { tenant, roles }), text });
  /** Without what the host has set for every place. */
  const rulesOf = (asker: Asker) => t.easel.limits.rules(asker).filter(({ scope }) => scope.kind !== 'host');
  const textOf = ({ heading, lines, fields, bars }: View) =>
    [
      heading,
      ...lines,
      ...fields.flatMap(({ name, value }) => [name, value]),
      ...bars.flatMap((bar) => Object.values(bar)),
    ].join('\n');
  const pressable = (view: View, label: string) => view.actions.find((action) => action.label === label)?.id ?? '';

  describe('for everyone', () => {
    it('help lists what a member may ask, and for admins the rest', async () => {
      const mine = await say('help');
      expect(mine.kind).toBe('help');
      expect(textOf(mine)).toContain('/easel me');
      expect(textOf(mine)).not.toContain('/easel limits');
      expect(textOf(await manage('help'))).toContain('/easel limits');
      expect(mine.fields.length).toBeLessThanOrEqual(25);
    });

    it('me shows what is left as bars, and when it comes back', async () => {
      expect(textOf(await say('me'))).toContain('Nothing is counted');
      await manage('limits set 8 pictures per day');
      await ask('a red apple --n 3');
      const [bar] = (await say('me')).bars;
      expect(bar).toMatchObject({ label: 'Pictures today', value: '5 of 8 left', usedShare: 3 / 8 });
      expect(bar?.note).toMatch(/back/u);
    });

    it('why tells the last refusal with its rule and when it passes, and the chain that leads to it', async () => {
      expect(textOf(await say('why'))).toContain('Nothing of yours was refused');
      await manage('limits set 2 pictures per day');
      const refused = await ask('a red apple --n 3');
      expect(refused).toMatchObject({ kind: 'refused', error: { area: 'LIMIT' } });
      const why = textOf(await say('why'));
      expect(why).toContain('2 pictures a day');
      expect(why).toContain('Last refused');
    });

    it('why of somebody else is for admins, with what they could do about it', async () => {
      await manage('limits set 0 pictures per day for @Painters');
      expect((await say('why @carol', member('bob'))).kind).toBe('refused');
      const why = await manage('why @bob');
      expect(why.heading).toBe('@Bob may not draw now');
      expect(textOf(why)).toContain('for @Painters');
      expect(why.actions.map(({ id }) => id)).toContain('easel-do limits reset <user:bob>');
    });

    it('history pages through one’s own, and each can be looked at', async () => {
      const eve = member('eve');
      expect(textOf(await say('history', eve))).toContain('drawn nothing yet');
      const first = await drawn(t, () => ask('a first apple --n 1', 'eve'));
      for (let times = 0; times < 10; times += 1) await ask('another apple --n 1', 'eve');
      const page = await say('history', eve);
      expect(page.lines).toHaveLength(10);
      const older = await t.easel.desk.press(eve, pressable(page, 'Older ones'));
      expect(older.menu?.choices.map(({ id }) => id)).toEqual([`easel-do show ${first.id}`]);
      const shown = await t.easel.desk.press(eve, older.menu?.choices[0]?.id ?? '');
      expect(shown).toMatchObject({ prompt: 'a first apple', generationId: first.id });
      expect(shown.controls.map(({ kind }) => kind)).toContain('reroll');
      expect((await say('show 00000000-none')).kind).toBe('refused');
    });

    it('forget-me asks first, and can be declined', async () => {
      const carol = member('carol');
      await drawn(t, () => ask('a secret apple --n 1', 'carol'));
      const question = await say('forget-me', carol);
      expect(question.kind).toBe('confirm');
      expect(textOf(await t.easel.desk.press(carol, pressable(question, 'Keep it')))).toContain('Nothing was deleted');
      expect((await say('history', carol)).lines[0]).toContain('a secret apple');
      expect(textOf(await t.easel.desk.press(carol, pressable(question, 'Delete it all')))).toContain('1 request');
      expect(textOf(await say('history', carol))).toContain('drawn nothing yet');
    });

    it('settings are shown and set, by words and by forms, and answers speak the chosen language', async () => {
      const dan = member('dan');
      const view = await say('settings', dan);
      const form = await t.easel.desk.form(dan, view.actions[0]?.id ?? '');
      expect(form).toMatchObject({
        fields: [{ name: 'style' }, { name: 'count', kind: 'number' }, {}, { kind: 'toggle' }],
      });
      const { id } = form as Form;
      const wrong = await t.easel.desk.submit(dan, id, { count: '9', suffix: 'x'.repeat(300) });
      expect(Object.keys(wrong.problems)).toEqual(['count', 'suffix']);
      expect(wrong.view.kind).toBe('refused');
      expect((await t.easel.desk.submit(dan, id, { count: '2', suffix: 'bright', private: true })).problems).toEqual(
        {},
      );
      expect(await t.easel.studio.settings(dan.scope)).toMatchObject({ count: 2, suffix: 'bright', private: true });
      await t.easel.desk.submit(dan, id, { count: '', suffix: null });
      expect(await t.easel.studio.settings(dan.scope)).toMatchObject({ count: null, suffix: null, private: null });
      await say('settings language zh', dan);
      expect((await say('me', dan)).heading).toBe('你还剩多少');
      expect((await say('settings language auto ping on strength subtle', dan)).kind).toBe('settings');
      expect(await t.easel.studio.settings(dan.scope)).toMatchObject({
        language: null,
        ping: true,
        strength: 'subtle',
      });
    });

    it('what is mistyped is refused with how it is written; what is no button of ours is refused', async () => {
      expect(await say('hlep')).toMatchObject({ kind: 'refused', lines: [expect.stringContaining('/easel help')] });
      expect((await t.easel.desk.press(member(), 'something else')).kind).toBe('refused');
      expect(await t.easel.desk.form(member(), 'easel-form nothing')).toMatchObject({ kind: 'refused' });
      const answer = await t.easel.desk.submit(member(), 'easel-form me', {});
      expect(answer.view.kind).toBe('refused');
    });

    it('suggests what may be typed next, to each what they may do', async () => {
      const texts = async (text: string, asker: Asker) =>
        (await t.easel.desk.suggest(asker, text)).map((each) => each.text);
      expect(await texts('/easel ', member())).toEqual(expect.arrayContaining(['me', 'why', 'settings']));
      expect(await texts('/easel lim', member())).toEqual([]);
      expect(await texts('/easel limits p', admin())).toEqual(['limits preview', 'limits plans', 'limits plan']);
      expect(await texts('/easel limits plan s', admin())).toEqual(['limits plan small']);
    });

    it('welcomes in the language of the place', () => {
      expect(t.easel.desk.welcome('zh').heading).toContain('你好');
      expect(t.easel.desk.welcome('en').actions).toHaveLength(1);
    });
  });

  describe('for admins', () => {
    it.each([
      'limits list',
      'limits set 1 pictures per day',
      'queue show',
      'words list',
      'stats',
      'audit',
      'doctor',
      'gallery #best',
    ])('“%s” is refused to a member, and nothing is done', async (text) => {
      expect(await say(text)).toMatchObject({ kind: 'refused', lines: [expect.stringMatching(/admin/iu)] });
      expect(rulesOf(member())).toEqual([]);
    });

    it('who lost the permission while a form was open is refused when it is sent', async () => {
      let isAdmin = true;
      const asker = admin({ mayAdminister: async () => isAdmin });
      const form = (await t.easel.desk.form(asker, toCommand('limits set', {}))) as Form;
      expect(form.fields.map(({ name }) => name)).toEqual(['amount', 'what', 'role', 'channel', 'per']);
      isAdmin = false;
      const { view } = await t.easel.desk.submit(asker, form.id, { amount: '5', what: 'pictures-day' });
      expect(view.kind).toBe('refused');
      expect(rulesOf(asker)).toEqual([]);
      expect(await t.easel.desk.form(asker, form.id)).toMatchObject({ kind: 'refused' });
    });

    it('a limit refuses at once, and passes as soon as it is raised; each change can be undone', async () => {
      await manage('limits set 1 pictures per day');
      expect((await ask('a red apple --n 2')).kind).toBe('refused');
      const raised = await manage('limits set 100 pictures per day');
      expect(textOf(raised)).toContain('1 pictures a day');
      expect(textOf(raised)).toContain('100 pictures a day');
      expect((await ask('a red apple --n 2')).kind).toBe('accepted');
      await t.easel.desk.press(admin(), pressable(raised, 'Undo'));
      expect((await ask('a red apple --n 2')).kind).toBe('refused');
      expect((await t.easel.desk.press(admin(), pressable(raised, 'Undo'))).kind).toBe('refused');
    });

    it('rules are listed, looked at, changed in a form that knows them, only watched, and removed', async () => {
      await manage('limits set 20 pictures per day each for @Painters');
      const list = await manage('limits list');
      expect(textOf(list)).toContain('20 pictures a day');
      expect(textOf(list)).toContain('for @Painters');
      const choice = list.menu?.choices[0]?.id ?? '';
      const rule = await t.easel.desk.press(admin(), choice);
      const form = (await t.easel.desk.form(admin(), pressable(rule, 'Change'))) as Form;
      expect(form.fields).toMatchObject([
        { name: 'amount', value: 20 },
        { name: 'what', value: 'pictures-day' },
        { name: 'role', values: ['7'] },
        { name: 'channel', values: [] },
        { name: 'per', value: 'each' },
      ]);
      await t.easel.desk.submit(admin(), form.id, { amount: 30, what: 'pictures-day', role: ['7'], per: 'each' });
      expect(rulesOf(admin()).map(({ value }) => value)).toEqual([30]);
      await t.easel.desk.press(admin(), pressable(rule, 'Only watch'));
      expect(rulesOf(admin()).map(({ mode }) => mode)).toEqual(['shadow']);
      const now = await t.easel.desk.press(admin(), (await manage('limits list')).menu?.choices[0]?.id ?? '');
      await t.easel.desk.press(admin(), pressable(now, 'Remove'));
      expect(textOf(await manage('limits list'))).toContain('No limits are set');
    });

    it.each([
      ['limits set -5 pictures per day'],
      ['limits set 1.5 pictures per day'],
      ['limits set 99999999999 pictures per day'],
      ['limits set many pictures per day'],
      ['limits set 5'],
      ['limits set 5 pictures per day for @nobody'],
      ['limits remove ffffff'],
      ['limits hours from 25:00 to 26:00'],
      ['limits zone Mars/Olympus'],
      ['limits import nonsense: ['],
      ['limits undo nothing'],
      ['limits plan paid'],
    ])('“%s” is refused in words, and nothing is set', async (text) => {
      const view = await manage(text);
      expect(view.kind).toBe('refused');
      expect(view.lines[0]?.length).toBeGreaterThan(10);
      expect(rulesOf(admin())).toEqual([]);
    });

    it('a preview says how many are above, and sets it with one press', async () => {
      await ask('a red apple --n 3');
      const view = await manage('limits preview 2 pictures per day');
      expect(textOf(view)).toContain('1 of the 1 who drew this month are above this.');
      await t.easel.desk.press(admin(), pressable(view, 'Set it'));
      expect(rulesOf(admin()).map(({ value }) => value)).toEqual([2]);
    });

    it('grants, resets, blocks and unblocks a person', async () => {
      await manage('limits set 2 pictures per day');
      await ask('a red apple --n 2');
      expect((await ask('a red apple --n 2')).kind).toBe('refused');
      expect(textOf(await manage('limits grant 4 today @bob'))).toContain('@Bob');
      expect((await ask('a red apple --n 2')).kind).toBe('accepted');
      await manage('limits reset @bob');
      expect((await ask('a red apple --n 2')).kind).toBe('accepted');
      await manage('limits block @bob');
      expect(await ask('a red apple --n 1')).toMatchObject({ kind: 'refused', error: { code: 'LIMIT_BLOCKED' } });
      await manage('limits unblock @bob');
      expect((await ask('a red apple --n 1')).kind).toBe('accepted');
    });

    it('takes a whole plan after showing it, with the role of those who pay', async () => {
      const plans = await manage('limits plans');
      const small = await t.easel.desk.press(admin(), pressable(plans, 'Small server'));
      expect(small.kind).toBe('confirm');
      expect(rulesOf(admin())).toEqual([]);
      await t.easel.desk.press(admin(), pressable(small, 'Take it'));
      expect(rulesOf(admin()).length).toBeGreaterThan(2);
      const form = (await t.easel.desk.form(admin(), pressable(plans, 'Paid roles'))) as Form;
      const asked = await t.easel.desk.submit(admin(), form.id, { role: ['7'] });
      await t.easel.desk.press(admin(), pressable(asked.view, 'Take it'));
      expect(rulesOf(admin()).some(({ scope }) => scope.kind === 'role' && scope.role === '7')).toBe(true);
    });

    it('exports what can be imported again, after a try', async () => {
      await manage('limits set 20 pictures per day for @Painters');
      const file = (await manage('limits export')).file;
      expect(file?.fileName).toMatch(/\.yaml$/u);
      await manage(`limits remove ${/· ([0-9a-f]{6})$/mu.exec(textOf(await manage('limits list')))?.[1] ?? ''}`);
      const tried = await t.easel.desk.run(admin(), toCommand('limits import', { yaml: file?.text, dry: true }));
      expect(textOf(tried)).toContain('20 pictures a day');
      expect(rulesOf(admin())).toEqual([]);
      await t.easel.desk.run(admin(), toCommand('limits import', { yaml: file?.text }));
      expect(rulesOf(admin())).toMatchObject([{ value: 20, scope: { role: '7' } }]);
    });

    it('quiet hours, time zone and buttons are set', async () => {
      await manage('limits zone Asia/Shanghai');
      await manage('limits hours from 22 to 7:30');
      await manage('limits buttons author');
      expect(t.easel.limits.settings({ platform: 'chat', tenant }).timeZone).toBe('Asia/Shanghai');
      expect(rulesOf(admin()).map(({ limit, value }) => [limit, value])).toEqual(
        expect.arrayContaining([
          ['quietHours', [{ from: '22:00', to: '07:30' }]],
          ['buttons', 'author'],
        ]),
      );
    });

    it('channels, roles, models and styles are let in and shut out', async () => {
      await manage('channels allow #best');
      expect(await ask('a red apple --n 1')).toMatchObject({ kind: 'refused', error: { code: 'LIMIT_CHANNEL' } });
      await manage('channels allow #general');
      expect((await ask('a red apple --n 1')).kind).toBe('accepted');
      expect(textOf(await manage('channels list'))).toContain('#general');
      await manage('channels clear');
      await manage('roles allow @Painters');
      expect(await ask('a red apple --n 1')).toMatchObject({ kind: 'refused', error: { code: 'LIMIT_ROLE' } });
      expect((await ask('a red apple --n 1', 'bob', ['7'])).kind).toBe('accepted');
      await manage('roles clear');
      await manage('models allow another');
      expect(await ask('a red apple --n 1')).toMatchObject({ kind: 'refused', error: { code: 'LIMIT_MODEL' } });
      await manage('models clear');
      expect(rulesOf(admin())).toEqual([]);
      await manage('channels deny #general');
      expect(await ask('a red apple --n 1')).toMatchObject({ kind: 'refused', error: { code: 'LIMIT_CHANNEL' } });
    });

    it('shows the queue, pauses it here, and clears what somebody has waiting', async () => {
      t.worker.hold();
      for (let times = 0; times < 4; times += 1) await ask('a slow apple --n 1');
      const show = textOf(await manage('queue show'));
      expect(show).toContain('@Bob');
      expect(textOf(await manage('queue clear @bob'))).toContain('4 requests of @Bob');
      await manage('queue pause');
      expect(await ask('a red apple')).toMatchObject({ kind: 'refused', error: { code: 'LIMIT_PAUSED' } });
      await manage('queue resume');
      t.worker.release();
      expect((await ask('a red apple --n 1')).kind).toBe('accepted');
    });

    it('blocked words are listed, added, tested and taken out; the maintained list is switched on and can be lifted', async () => {
      await manage('words add big guns');
      expect(await ask('two BIG  gųns')).toMatchObject({ kind: 'refused', error: { code: 'FILTER_WORDS' } });
      expect(textOf(await say('why'))).toContain('big guns');
      expect(textOf(await manage('words test two big guns'))).toContain('big guns');
      expect(textOf(await manage('words test a red fox'))).toContain('passes');
      await manage('words remove big guns');
      expect((await ask('two big guns')).kind).toBe('accepted');
      await manage('words defaults on');
      expect((await ask('a dick')).kind).toBe('refused');
      await manage('words remove dick');
      expect((await ask('a dick')).kind).toBe('accepted');
      expect(textOf(await manage('words remove absent'))).toContain('in no list');
      expect((await manage('words add !!!')).kind).toBe('refused');
    });

    it('a gallery is chosen, shown, and given up', async () => {
      expect(textOf(await manage('gallery #best'))).toContain('#best');
      const { id } = await drawn(t, () => ask('a fine apple --n 1'));
      await t.easel.studio.keep(asking('bob', { tenant }), id, true);
      await eventually(() => t.chat.all.some((each) => each.generationId === id && each.channel === 'best')).toBe(true);
      expect(textOf(await manage('gallery off'))).toContain('no channel');
      expect(t.easel.limits.settings({ platform: 'chat', tenant }).galleryChannel).toBeNull();
    });

    it('statistics, the audit and the doctor tell what happened here and what is missing', async () => {
      expect(textOf(await manage('stats'))).toContain('Nobody has drawn');
      await manage('limits set 4 pictures per day');
      await drawn(t, () => ask('a red apple --n 3'));
      await ask('a red apple --n 3');
      const stats = textOf(await manage('stats'));
      expect(stats).toContain('@Bob');
      expect(stats).toContain('refused');
      const audit = await manage('audit');
      expect(audit.lines[0]).toContain('@Ada');
      expect(audit.lines[0]).toContain('4 pictures a day');
      await t.easel.desk.press(admin(), audit.menu?.choices[0]?.id ?? '');
      expect(rulesOf(admin())).toEqual([]);
      const doctor = textOf(await manage('doctor'));
      expect(doctor).toContain('Attach Files is missing');
      expect(doctor).toContain('10 MB');
    });

    it('every answer’s buttons fit what platforms allow', async () => {
      await manage('limits set 4 pictures per day for <role:123456789012345678901>');
      for (const text of [
        'limits list',
        'limits plans',
        'audit',
        'words list',
        'queue show',
        'doctor',
        'help',
        'why @bob',
      ]) {
        const view = await manage(text);
        const ids = [...view.actions, ...(view.menu?.choices ?? [])].map(({ id }) => id);
        expect(Math.max(0, ...ids.map((id) => id.length)), text).toBeLessThanOrEqual(100);
        expect(new Set(view.actions.map(({ id }) => id)).size).toBe(view.actions.length);
        expect(view.actions.length).toBeLessThanOrEqual(10);
        expect(view.menu?.choices.length ?? 0).toBeLessThanOrEqual(25);
      }
    });
  });
});
