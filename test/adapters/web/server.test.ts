// Who is answered and what with, by plain HTTP.

import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkExposure } from '../../../adapters/web/server.ts';
import { createInvite } from '../../../adapters/web/web-adapter.ts';
import { readConfig } from '../../../src/config.ts';
import { type Chat, enter, openChat, readEvents, type SentEvent, type Visitor } from './open-chat.ts';

const OPEN_MS = 90_000;
const JSON_TYPE = { 'content-type': 'application/json' };

describe('the web chat on this machine', () => {
  let chat: Chat;
  let ada: Visitor;
  let bob: Visitor;
  beforeAll(async () => {
    chat = await openChat();
    ada = await chat.enter();
    bob = await chat.enter();
  }, OPEN_MS);
  afterAll(() => chat.close(), OPEN_MS);

  it('answers /healthz with JSON, also without a name it knows', async () => {
    expect(await status(chat, { path: '/healthz', host: 'load-balancer.internal' })).toBe(200);
    const health = await fetch(`${chat.address}/healthz`);
    expect(await health.json()).toMatchObject({ status: 'ok', worker: 'ready' });
  });

  it('makes each browser a user of its own, by a cookie no script can read', async () => {
    expect(ada.id).not.toBe(bob.id);
    const cookie = (await fetch(`${chat.address}/api/session`)).headers.getSetCookie()[0];
    expect(cookie).toMatch(/HttpOnly/u);
    expect(cookie).toMatch(/SameSite=Strict/u);
  });

  it('takes a cookie that was altered for nobody', async () => {
    const altered = ada.cookie.replace(/.$/u, (sign) => (sign === 'A' ? 'B' : 'A'));
    const answer = await fetch(`${chat.address}/api/messages`, { headers: { cookie: altered } });
    expect(answer.status).toBe(401);
  });

  it('refuses a rebound DNS name, and says what to set', async () => {
    expect(await status(chat, { path: '/', host: 'evil.example:80' })).toBe(421);
    expect(await status(chat, { path: '/api/session', host: 'evil.example' })).toBe(421);
    expect(await status(chat, { path: '/', host: 'localhost:1' })).toBe(200);
  });

  it("refuses another origin's page that posts to it", async () => {
    const body = { text: 'a red apple', requestKey: crypto.randomUUID() };
    for (const headers of [
      { origin: 'http://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ]) {
      expect((await ada.ask('POST', '/api/messages', body, headers)).status).toBe(403);
    }
    const same = await ada.ask('POST', '/api/messages', body, { origin: chat.address });
    expect(same.status).toBe(200);
  });

  it('refuses a form of another page: only JSON is read', async () => {
    const headers = { 'content-type': 'text/plain' };
    const answer = await ada.ask('POST', '/api/messages', JSON.stringify({ text: 'a dog' }), headers);
    expect(answer.status).toBe(415);
  });

  it('refuses an oversize request in words', async () => {
    const answer = await ada.ask('POST', '/api/messages', {
      text: 'x'.repeat(70_000),
      requestKey: crypto.randomUUID(),
    });
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ error: { message: expect.stringContaining('Shorten it') } });
  });

  it('refuses 10,000 characters as the prompt language does, to the person alone', async () => {
    const answer = await ada.imagine('a red apple '.repeat(900));
    expect(answer).toMatchObject({ kind: 'refused', note: { lines: [expect.stringContaining('too long')] } });
  });

  it.each([
    ['no JSON', '{'],
    ['no text', { requestKey: crypto.randomUUID() }],
    ['no key', { text: 'a dog' }],
    ['more than asked for', { text: 'a dog', requestKey: crypto.randomUUID(), admin: true }],
  ])('refuses a request with %s', async (_what, body) => {
    expect((await ada.ask('POST', '/api/messages', body)).status).toBe(400);
  });

  it('refuses a button that is none of ours, and one of a picture that is gone', async () => {
    const press = (id: string) => ada.ask('POST', '/api/controls', { id, requestKey: crypto.randomUUID() });
    expect((await press('DROP TABLE')).status).toBe(400);
    const gone = await press('easel:reroll:00000000-0000-7000-8000-000000000000::');
    expect(await gone.json()).toMatchObject({
      kind: 'refused',
      note: { lines: [expect.stringContaining('not here')] },
    });
  });

  it('counts a request once, however often it was sent', async () => {
    const body = { text: 'a purple cat', requestKey: crypto.randomUUID() };
    const answers = await Promise.all([1, 2, 3].map(() => ada.ask('POST', '/api/messages', body)));
    const ids = await Promise.all(answers.map(async (answer) => ((await answer.json()) as { ids: string[] }).ids));
    expect(new Set(ids.flat()).size).toBe(1);
  });

  it('serves a picture to who may see it, with its provenance, and a private one to its author alone', async () => {
    const path = async (text: string) => {
      const { ids = [] } = await ada.imagine(text);
      await drawn(chat, ids[0] ?? '');
      return `/api/pictures/${ids[0]}/0.png`;
    };
    const open = await path('a red fox --n 1');
    const answer = await bob.ask('GET', open);
    expect(answer.headers.get('content-type')).toBe('image/png');
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(bytes.subarray(1, 4).toString()).toBe('PNG');
    expect(bytes.includes('a red fox')).toBe(true);
    const secret = await path('a secret fox --n 1 --private');
    expect((await bob.ask('GET', secret)).status).toBe(404);
    const own = await ada.ask('GET', secret);
    expect(own.status).toBe(200);
    expect(Buffer.from(await own.arrayBuffer()).includes('a secret fox')).toBe(false);
    expect((await fetch(`${chat.address}${open}`)).status).toBe(401);
  });

  it('downloads the sheet under a name without a word of the prompt', async () => {
    const { ids = [] } = await ada.imagine('a red star --n 2');
    await drawn(chat, ids[0] ?? '');
    const id = `easel:direct:${ids[0]}::`;
    const answer = await ada.ask('POST', '/api/controls', { id, requestKey: crypto.randomUUID() });
    const { kind, url, fileName } = (await answer.json()) as Record<string, string>;
    expect(kind).toBe('download');
    expect(fileName).toMatch(/^easel-\d+-[0-9a-f]{6}-sheet\.png$/u);
    const sheet = await ada.ask('GET', url ?? '');
    expect(sheet.headers.get('content-disposition')).toContain(fileName);
  });

  it('tells a private picture to its author alone', async () => {
    const told = readEvents(bob, (events) => prompts(events).includes('an open dog'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    await ada.imagine('a hidden dog --n 1 --private');
    await ada.imagine('an open dog --n 1');
    expect(prompts(await told)).not.toContain('a hidden dog');
    const page = (await (await bob.ask('GET', '/api/messages')).json()) as { messages: { prompt: string }[] };
    expect(page.messages.map(({ prompt }) => prompt)).not.toContain('a hidden dog');
  });

  it('goes on after a lost connection where it was, and tells nothing twice', async () => {
    const first = readEvents(bob, (events) => events.some(({ data }) => kindOf(data) === 'result'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    await ada.imagine('a first star --n 1');
    const before = (await first).filter(({ id }) => id !== '');
    await ada.imagine('a missed star --n 1');
    await new Promise((resolve) => setTimeout(resolve, 400));
    const last = before.at(-1)?.id ?? '';
    const after = await readEvents(bob, (events) => prompts(events).includes('a missed star'), last);
    const ids = [...before, ...after].map(({ id }) => id).filter((id) => id !== '');
    expect(new Set(ids).size).toBe(ids.length);
    expect(after.map(({ name }) => name)).not.toContain('reset');
  });

  it('says that all is to be loaded anew where what was missed is not known', async () => {
    const events = await readEvents(bob, (seen) => seen.some(({ name }) => name === 'reset'), 'another-run-7');
    expect(events.filter(({ id }) => id !== '').map(({ name }) => name)).toEqual(['reset']);
  });

  it('pages through history without gaps or repeats', async () => {
    const seen: string[] = [];
    let before: string | null = null;
    do {
      const path: string = `/api/messages?limit=3${before === null ? '' : `&before=${before}`}`;
      const page = (await (await ada.ask('GET', path)).json()) as { messages: { id: string }[]; next: string | null };
      seen.unshift(...page.messages.map(({ id }) => id));
      before = page.next;
    } while (before !== null);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual([...seen].sort((one, other) => (one < other ? -1 : 1)));
    expect(seen.length).toBeGreaterThan(5);
  });

  it('shows in the gallery what is kept, and no longer what is not', async () => {
    const { ids = [] } = await ada.imagine('a kept apple --n 1');
    await drawn(chat, ids[0] ?? '');
    const press = () =>
      ada.ask('POST', '/api/controls', { id: `easel:keep:${ids[0]}::`, requestKey: crypto.randomUUID() });
    const kept = async () =>
      ((await (await bob.ask('GET', '/api/gallery')).json()) as { messages: { id: string }[] }).messages;
    await press();
    expect((await kept()).map(({ id }) => id)).toEqual(ids);
    await press();
    expect(await kept()).toEqual([]);
  });

  it('takes only a name that can be seen', async () => {
    expect((await bob.ask('PATCH', '/api/session', { name: '  Bob\t Ross ' })).status).toBe(200);
    for (const name of ['', ' ', '\u202Eevil', 'x'.repeat(33)]) {
      expect((await bob.ask('PATCH', '/api/session', { name })).status).toBe(400);
    }
  });

  it('tells the reason when the queue is full for a person', async () => {
    chat.worker.hold();
    const carol = await chat.enter();
    const answers: { kind: string }[] = [];
    for (let sent = 0; sent < 8; sent += 1) {
      const text = 'a {red,blue,green,pink,black,white,brown,grey} dog --n 1';
      const body = { text, requestKey: crypto.randomUUID(), confirmed: true };
      answers.push((await (await carol.ask('POST', '/api/messages', body)).json()) as { kind: string });
    }
    chat.worker.release();
    expect(answers.slice(0, 6).map(({ kind }) => kind)).toEqual(Array(6).fill('accepted'));
    expect(answers.at(-1)).toMatchObject({
      kind: 'refused',
      note: { lines: expect.arrayContaining([expect.stringContaining('Wait for one, or cancel one')]) },
    });
  }, 60_000);

  it('lets no script run but its own', async () => {
    const page = await fetch(chat.address);
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain('unsafe');
    expect(await page.text()).not.toMatch(/<script(?![^>]*src=)/u);
  });
});

describe('the web chat that other machines may reach', () => {
  const TOKEN = 'a-long-host-token-of-a-test';
  let chat: Chat;
  beforeAll(async () => {
    chat = await openChat({ EASEL_HOST: '0.0.0.0', EASEL_HOST_TOKEN: TOKEN });
  }, OPEN_MS);
  afterAll(() => chat.close(), OPEN_MS);

  const signIn = (body: object) =>
    fetch(`${chat.address}/api/session`, { method: 'POST', headers: JSON_TYPE, body: JSON.stringify(body) });

  it('refuses to start without a token, and says why', () => {
    for (const environment of [{ EASEL_HOST: '0.0.0.0' }, { EASEL_PUBLIC_URL: 'https://easel.example.org' }]) {
      const { web } = readConfig(environment);
      expect(() => checkExposure(web)).toThrow(/EASEL_HOST_TOKEN/u);
      expect(() => checkExposure({ ...web, hostToken: TOKEN })).not.toThrow();
    }
    expect(() => checkExposure(readConfig({}).web)).not.toThrow();
  });

  it('shows nothing but the door and its health to who is not signed in', async () => {
    for (const path of [
      '/api/session',
      '/api/messages',
      '/api/gallery',
      '/api/events',
      '/api/vocabulary',
      '/api/help',
    ]) {
      expect((await fetch(`${chat.address}${path}`)).status, path).toBe(401);
    }
    expect((await fetch(`${chat.address}/healthz`)).status).toBe(200);
    expect((await fetch(chat.address)).status).toBe(200);
  });

  it('lets the host in by the token, as an admin, and nobody by another', async () => {
    expect((await signIn({ token: 'a-wrong-host-token' })).status).toBe(403);
    const answer = await signIn({ token: TOKEN });
    expect(await answer.json()).toMatchObject({ me: { role: 'admin' } });
  });

  it('lets one person in by an invite, once', async () => {
    const config = readConfig({ EASEL_DATA_DIR: chat.dataDir, EASEL_PUBLIC_URL: 'https://easel.example.org' });
    const link = await createInvite(config, 'Carol', 'member');
    expect(link).toMatch(/^https:\/\/easel\.example\.org\/invite\/[\w-]{20,}$/u);
    const invite = link.split('/').at(-1) ?? '';
    const answers = await Promise.all([signIn({ invite }), signIn({ invite })]);
    expect(answers.map(({ status: code }) => code).sort((one, other) => one - other)).toEqual([200, 403]);
    const let_in = answers.find(({ ok }) => ok);
    expect(await let_in?.json()).toMatchObject({ me: { name: 'Carol', role: 'member' } });
  });

  it('ends a session for good when its holder leaves', async () => {
    const host = await enter(chat.address, () => signIn({ token: TOKEN }));
    expect((await host.ask('GET', '/api/messages')).status).toBe(200);
    expect((await host.ask('DELETE', '/api/session')).status).toBe(200);
    expect((await host.ask('GET', '/api/messages')).status).toBe(401);
  });

  it('lets an admin delete what a member made, and a member only their own', async () => {
    const config = readConfig({ EASEL_DATA_DIR: chat.dataDir });
    const come = async (name: string) => {
      const invite = (await createInvite(config, name, 'member')).split('/').at(-1);
      return enter(chat.address, () => signIn({ invite }));
    };
    const [dora, emil] = [await come('Dora'), await come('Emil')];
    const host = await enter(chat.address, () => signIn({ token: TOKEN }));
    const { ids = [] } = await dora.imagine('a red dog --n 1');
    await drawn(chat, ids[0] ?? '');
    const press = async (visitor: Visitor) => {
      const answer = await visitor.ask('POST', '/api/controls', {
        id: `easel:remove:${ids[0]}::`,
        requestKey: crypto.randomUUID(),
      });
      return answer.json();
    };
    expect(await press(emil)).toMatchObject({ kind: 'refused' });
    expect(await press(host)).toMatchObject({ kind: 'done', what: 'removed' });
  });
});

async function drawn({ easel }: Chat, id: string): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    if ((await easel.store.generations.get(id))?.status === 'drawn') return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`${id} was not drawn`);
}

function prompts(events: readonly SentEvent[]): readonly string[] {
  return events.flatMap(({ data }) => (isRecord(data) && typeof data['prompt'] === 'string' ? [data['prompt']] : []));
}

function kindOf(data: unknown): unknown {
  return isRecord(data) ? data['kind'] : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** `fetch` sends the Host header of its own address only. */
function status({ address }: Chat, { path, host }: { path: string; host: string }): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${address}${path}`, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('error', reject);
    request.end();
  });
}
