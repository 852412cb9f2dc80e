// The web admin over plain HTTP: who comes in, what stays in its own place, and what leaves as CSV.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  WireAudits,
  WireItems,
  WireLimits,
  WireLive,
  WireMe,
  WireUsage,
  WireWhy,
} from '../../../adapters/web/admin/wire.ts';
import { createScriptedPlatform } from '../../fakes/scripted-platform.ts';
import { type Chat, openChat } from './open-chat.ts';

const OPEN_MS = 120_000;
const TOKEN = 'a-host-token-of-some-length';

describe('the web admin', { timeout: 60_000 }, () => {
  let chat: Chat;
  let host: string;
  /** Admins of the scripted platform, as `tenant/user`. */
  const admins = new Set(['team/ada', 'other/eve']);
  beforeAll(async () => {
    chat = await openChat({ EASEL_HOST_TOKEN: TOKEN, EASEL_PUBLIC_URL: 'http://easel.example' });
    const platform = createScriptedPlatform('chat');
    await chat.easel.connect({ ...platform, administers: async (tenant, user) => admins.has(`${tenant}/${user}`) });
    host = await enter({ token: TOKEN });
  }, OPEN_MS);
  afterAll(() => chat.close(), OPEN_MS);

  const ask = (cookie: string, method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    fetch(`${chat.address}/api/admin/${path}`, {
      method,
      headers: { cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const read = async <T>(cookie: string, path: string): Promise<T> => {
    const answer = await ask(cookie, 'GET', path);
    expect(answer.status, path).toBe(200);
    return (await answer.json()) as T;
  };
  async function enter(given: object, cookie = ''): Promise<string> {
    const answer = await ask(cookie, 'POST', 'session', given);
    expect(answer.status).toBe(200);
    const [set = ''] = answer.headers.getSetCookie();
    expect(set).toMatch(/HttpOnly/u);
    expect(set).toMatch(/SameSite=Strict/u);
    return set.split(';')[0] ?? '';
  }
  const linkOf = (user: string, tenant = 'team') =>
    chat.easel.signIns.linkFor({
      scope: { platform: 'chat', tenant, channel: 'general', user, roles: [] },
      mayAdminister: async () => admins.has(`${tenant}/${user}`),
    });
  const secretOf = (link: string) => link.split('/').at(-1) ?? '';
  const enterByLink = async (user = 'ada', tenant = 'team') => enter({ link: secretOf(await linkOf(user, tenant)) });
  let lastKey = 0;
  async function draw(text: string, tenant = 'team', user = 'ada', more: object = {}): Promise<string> {
    const outcome = await chat.easel.studio.submit({
      scope: { platform: 'chat', tenant, channel: 'general', user, roles: [] },
      requestKey: `draw-${++lastKey}`,
      target: {},
      text,
      ...more,
    });
    if (outcome.kind !== 'accepted') throw new Error(JSON.stringify(outcome));
    const id = outcome.generations[0]?.id ?? '';
    await expect
      .poll(async () => (await chat.easel.store.generations.get(id))?.status, { timeout: 30_000 })
      .toBe('drawn');
    return id;
  }

  describe('the door', () => {
    it('lets the host in by token, and shows every place', async () => {
      await draw('a fox for the host --n 1', 'team');
      const me = await read<WireMe>(host, 'session');
      expect(me).toMatchObject({ isHost: true, name: 'Host' });
      expect(me.places.map(({ platform, tenant }) => `${platform}/${tenant}`)).toEqual(
        expect.arrayContaining(['web/web', 'chat/team']),
      );
    });

    it('refuses a wrong token, a replayed link and a member of the web chat', async () => {
      const secret = secretOf(await linkOf('ada'));
      await enter({ link: secret });
      for (const given of [{ token: 'wrong' }, { link: secret }, { link: 'f'.repeat(48) }, { web: true }]) {
        const answer = await ask('', 'POST', 'session', given);
        expect(answer.status).toBe(403);
        expect(answer.headers.getSetCookie()).toEqual([]);
      }
    });

    it('does not use a link up when it is only looked at, as chats do to show what it leads to', async () => {
      const link = new URL(await linkOf('ada'));
      for (let times = 0; times < 3; times += 1) {
        const page = await fetch(`${chat.address}${link.pathname}`);
        expect(page.status).toBe(200);
        expect(page.headers.getSetCookie()).toEqual([]);
      }
      await enter({ link: secretOf(link.pathname) });
    });

    it('shuts out who is no admin any more, in the middle of it', async () => {
      const cookie = await enterByLink();
      await read(cookie, 'limits');
      admins.delete('team/ada');
      await expect.poll(async () => (await ask(cookie, 'GET', 'limits')).status, { timeout: 20_000 }).toBe(401);
      const action = { do: 'set', draft: { scope: { kind: 'tenant' }, limit: 'picturesPerDay', value: 1 } };
      expect((await ask(cookie, 'POST', 'limits', action)).status).toBe(401);
      admins.add('team/ada');
      await expect.poll(async () => (await ask(cookie, 'GET', 'limits')).status, { timeout: 20_000 }).toBe(200);
    });

    it('ends a session from another one, and one by itself', async () => {
      const cookie = await enterByLink();
      const { id } = await read<WireMe>(cookie, 'session');
      expect((await ask(host, 'DELETE', `sessions/${id}`)).status).toBe(200);
      expect((await ask(cookie, 'GET', 'session')).status).toBe(401);
      const other = await enterByLink();
      expect((await ask(other, 'DELETE', 'session')).status).toBe(200);
      expect((await ask(other, 'GET', 'session')).status).toBe(401);
    });

    it('refuses another page that posts with the cookie', async () => {
      const action = { do: 'pause', where: 'tenant' };
      for (const headers of [{ origin: 'http://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
        expect((await ask(host, 'POST', 'limits', action, headers)).status).toBe(403);
        expect((await ask(host, 'GET', 'audit.csv', undefined, headers)).status).toBe(403);
      }
    });

    it('answers nobody without a session, on any route', async () => {
      const id = await draw('a fox behind the door --n 1');
      for (const [method, path, body] of routes(id)) {
        expect((await ask('', method, path, body)).status, `${method} ${path}`).toBe(401);
      }
    });
  });

  it('finds nothing of another tenant, whatever route its id is given to', async () => {
    const theirs = await draw('a secret fox of others --n 1', 'other', 'eve');
    const ada = await enterByLink();
    for (const [method, path, body] of routes(theirs).filter(([, path]) => path.includes(theirs))) {
      expect((await ask(ada, method, path, body)).status, `${method} ${path}`).toBe(404);
    }
    // A place that is asked for is given to the host alone.
    const elsewhere = '?platform=chat&tenant=other';
    expect(JSON.stringify(await read(ada, `gallery${elsewhere}`))).not.toContain('secret fox');
    expect(JSON.stringify(await read(ada, `audit${elsewhere}`))).not.toContain('eve');
    expect(JSON.stringify(await read(host, `gallery${elsewhere}`))).toContain('secret fox');
    const rule = { scope: { kind: 'host' }, limit: 'picturesPerDay', value: 1 };
    expect((await ask(ada, 'POST', 'limits', { do: 'set', draft: rule })).status).toBe(400);
    const sessions = await read<{ id: string; place: { tenant: string } }[]>(ada, 'sessions');
    expect(new Set(sessions.map(({ place }) => place.tenant))).toEqual(new Set(['team']));
    expect((await chat.easel.store.generations.get(theirs))?.status).toBe('drawn');
  });

  it('sets, previews, explains and undoes a limit, as chat would', async () => {
    const ada = await enterByLink();
    await draw('a fox that counts --n 4', 'team', 'bob');
    const draft = { scope: { kind: 'tenant' }, limit: 'picturesPerDay', value: 2 };
    const preview = (await (await ask(ada, 'POST', 'limits/preview', draft)).json()) as { above: number };
    expect(preview).toMatchObject({ countedPer: 'user', before: null });
    expect(preview.above).toBeGreaterThanOrEqual(1);
    const set = await ask(ada, 'POST', 'limits', { do: 'set', draft });
    const { id } = (await set.json()) as { id: string };
    const limits = await read<WireLimits>(ada, 'limits');
    expect(limits.rules.some(({ rule }) => rule.limit === 'picturesPerDay' && rule.value === 2)).toBe(true);
    const why = await read<WireWhy>(ada, 'why?user=bob');
    expect(why).toMatchObject({ allowed: false });
    expect(why.chain.some(({ rule, outcome }) => rule?.limit === 'picturesPerDay' && outcome === 'refuses')).toBe(true);
    await ask(ada, 'POST', 'limits', { do: 'grant', user: 'bob', limit: 'picturesPerDay', amount: 20 });
    expect(await read<WireWhy>(ada, 'why?user=bob')).toMatchObject({ allowed: true });
    expect((await ask(ada, 'POST', 'limits', { do: 'undo', entry: id })).status).toBe(200);
    const after = await read<WireLimits>(ada, 'limits');
    expect(after.rules.some(({ rule }) => rule.limit === 'picturesPerDay' && rule.scope.kind === 'tenant')).toBe(false);
  });

  it('refuses values that make no sense, with words', async () => {
    const ada = await enterByLink();
    for (const value of [-1, 1.5, 'many', Number.MAX_SAFE_INTEGER]) {
      const draft = { scope: { kind: 'tenant' }, limit: 'picturesPerDay', value };
      const answer = await ask(ada, 'POST', 'limits', { do: 'set', draft });
      expect(answer.status).toBe(400);
      expect(((await answer.json()) as { error: { message: string } }).error.message).toMatch(/\w{3,} /u);
    }
  });

  it('brings rules back from YAML, all or none', async () => {
    const ada = await enterByLink();
    const draft = { scope: { kind: 'channel', id: 'general' }, limit: 'picturesPerHour', value: 7 };
    await ask(ada, 'POST', 'limits', { do: 'set', draft });
    const text = await (await ask(ada, 'GET', 'limits.yaml')).text();
    expect(text).toContain('7');
    const dry = await ask(ada, 'POST', 'limits.yaml', { text, dryRun: true });
    expect(await dry.json()).toMatchObject({ changes: 0 });
    const bad = await ask(ada, 'POST', 'limits.yaml', { text: text.replace('7', '-7'), dryRun: false });
    expect(bad.status).toBe(400);
    expect(JSON.stringify((await read<WireLimits>(ada, 'limits')).rules)).toContain('"value":7');
  });

  it('shows the queue of its own place, hides what is private, and cancels it all the same', async () => {
    const ada = await enterByLink();
    chat.worker.hold();
    const submit = (text: string, tenant: string, isPrivate = false) =>
      chat.easel.studio.submit({
        scope: { platform: 'chat', tenant, channel: 'general', user: 'bob', roles: [] },
        requestKey: `hold-${++lastKey}`,
        target: {},
        text,
        private: isPrivate,
      });
    await submit('a held fox --n 1', 'team');
    await submit('a private fox --n 1', 'team', true);
    await submit('a fox elsewhere --n 1', 'other');
    const live = await read<WireLive>(ada, 'live');
    expect(live.jobs.map(({ prompt }) => prompt)).toEqual(expect.arrayContaining(['a held fox', null]));
    expect(JSON.stringify(live)).not.toContain('elsewhere');
    expect(JSON.stringify(live)).not.toContain('a private fox');
    for (const { id } of live.jobs) expect((await ask(ada, 'POST', `jobs/${id}/cancel`, {})).status).toBe(200);
    chat.worker.release();
    await expect.poll(async () => (await read<WireLive>(ada, 'live')).jobs, { timeout: 20_000 }).toEqual([]);
  });

  it('searches the gallery by words as they stand, keeps and deletes', async () => {
    const ada = await enterByLink();
    const id = await draw('a 100% purple_fox --n 1');
    await draw('a plain fox --n 1');
    const found = async (search: string) =>
      (await read<WireItems>(ada, `gallery?search=${encodeURIComponent(search)}`)).items.map((item) => item.id);
    expect(await found('PURPLE_FOX')).toEqual([id]);
    expect(await found('100%')).toEqual([id]);
    expect(await found('purple%fox')).toEqual([]);
    const picture = await ask(ada, 'GET', `gallery/${id}/0.webp`);
    expect(picture.headers.get('content-type')).toBe('image/webp');
    expect((await picture.arrayBuffer()).byteLength).toBeGreaterThan(20);
    expect((await ask(ada, 'POST', `gallery/${id}/keep`, { kept: true })).status).toBe(200);
    expect((await read<WireItems>(ada, 'gallery?kept=1')).items.map((item) => item.id)).toContain(id);
    expect((await ask(ada, 'DELETE', `gallery/${id}`)).status).toBe(200);
    expect(await found('purple_fox')).toEqual([]);
  });

  it('adds usage up by day, person and model', async () => {
    const ada = await enterByLink();
    await draw('a counted fox --n 2', 'team', 'cyd');
    const usage = await read<WireUsage>(ada, 'usage?days=7');
    expect(usage.days).toHaveLength(7);
    expect(usage.people.find(({ id }) => id === 'cyd')).toMatchObject({ pictures: 2 });
    expect(usage.days.at(-1)?.pictures).toBeGreaterThanOrEqual(2);
    expect(usage.tenants).toEqual([]);
    expect((await read<WireUsage>(host, 'usage?days=7')).tenants.length).toBeGreaterThan(0);
  });

  it('leaves no formula in a cell of the CSV', async () => {
    const ada = await enterByLink();
    await ask(ada, 'POST', 'limits', { do: 'block', user: '=HYPERLINK("http://evil.example")' });
    admins.add('team/=1+1');
    const formula = await enterByLink('=1+1');
    await ask(formula, 'POST', 'limits', { do: 'pause', where: 'tenant' });
    await ask(formula, 'POST', 'limits', { do: 'resume', where: 'tenant' });
    const csv = await (await ask(ada, 'GET', 'audit.csv')).text();
    expect(csv).toContain("'=1+1");
    for (const line of csv.replace('\uFEFF', '').split('\n')) {
      for (const cell of line.split(',')) expect(cell).not.toMatch(/^"?[=+@]/u);
    }
    const audits = await read<WireAudits>(ada, `audit?by=${encodeURIComponent('=1+1')}&action=pause`);
    expect(audits.entries).toHaveLength(1);
    expect(audits.entries[0]).toMatchObject({ action: 'pause', by: { id: '=1+1' } });
  });

  it('lets an admin of the web chat in as what they are there, until they are it no more', async () => {
    const join = async (given: object): Promise<string> => {
      const answer = await fetch(`${chat.address}/api/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(given),
      });
      expect(answer.status).toBe(200);
      return answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    };
    const person = await join({ token: TOKEN });
    const cookie = await enter({ web: true }, person);
    expect(await read<WireMe>(cookie, 'session')).toMatchObject({ isHost: true });
  });
});

/** Every route behind the door. */
function routes(id: string): readonly (readonly [method: string, path: string, body?: unknown])[] {
  return [
    ['GET', 'session'],
    ['GET', 'sessions'],
    ['DELETE', `sessions/${id}`],
    ['GET', 'live'],
    ['GET', 'events'],
    ['POST', `jobs/${id}/cancel`, {}],
    ['GET', 'limits'],
    ['POST', 'limits', { do: 'pause', where: 'tenant' }],
    ['POST', 'limits/preview', { scope: { kind: 'tenant' }, limit: 'picturesPerDay', value: 1 }],
    ['GET', 'why?user=ada'],
    ['GET', 'limits.yaml'],
    ['POST', 'limits.yaml', { text: '', dryRun: true }],
    ['GET', 'usage'],
    ['GET', 'audit'],
    ['GET', 'audit.csv'],
    ['GET', 'gallery'],
    ['GET', `gallery/${id}`],
    ['GET', `gallery/${id}/0.webp`],
    ['POST', `gallery/${id}/keep`, { kept: true }],
    ['DELETE', `gallery/${id}`],
  ];
}
