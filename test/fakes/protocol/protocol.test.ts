// The kit under every protocol server: its clock, its trouble, its record, over real connections.

import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createProtocolClock } from './clock.ts';
import { type FaultPlan, matchesPath } from './faults.ts';
import { type Platform, type ProtocolServer, startProtocolServer } from './server.ts';

describe('the clock', () => {
  it('rings in order when it is turned, each alarm at its own hour, and not one that was taken back', async () => {
    const clock = createProtocolClock({ speed: 0, startMs: 0 });
    const rung: string[] = [];
    clock.after(2_000, () => rung.push(`two at ${clock.nowMs()}`));
    clock.after(1_000, () => rung.push(`one at ${clock.nowMs()}`));
    const takeBack = clock.after(1_500, () => rung.push('never'));
    takeBack();
    await clock.pass(1_999);
    expect(rung).toEqual(['one at 1000']);
    await clock.pass(1);
    expect(rung).toEqual(['one at 1000', 'two at 2000']);
  });

  it('runs by itself at the speed it was given', async () => {
    const clock = createProtocolClock({ speed: 10_000, startMs: 0 });
    await clock.sleep(50_000);
    expect(clock.nowMs()).toBeGreaterThanOrEqual(50_000);
    clock.close();
  });
});

describe('a server', () => {
  let server: ProtocolServer;
  let works = 0;
  const clock = createProtocolClock({ speed: 0 });
  const open = async (...plans: FaultPlan[]) => {
    works = 0;
    const platform: Platform = {
      clock,
      handle: ({ json, fields, files, problem }) => {
        works += 1;
        return {
          status: problem === null ? 200 : 400,
          body: { json, fields, files: files.map(({ name, bytes }) => ({ name, size: bytes.length })) },
        };
      },
      answerOf: (fault) =>
        fault.kind === 'refuse' ? { status: 400, body: { code: fault.code } } : { status: 429, body: fault },
      connect: (path) => (path === '/open' ? (socket) => socket.send('hello') : 409),
    };
    server = await startProtocolServer(platform);
    for (const plan of plans) server.faults.plan(plan);
  };
  const ask = (path: string, init?: RequestInit) => fetch(`http://${server.host}${path}`, init);
  afterEach(() => server.close());

  it('reads JSON, forms and files', async () => {
    await open();
    const json = await ask('/x', {
      method: 'POST',
      body: '{"a":1}',
      headers: { 'content-type': 'application/json; charset=utf-8' },
    });
    expect(await json.json()).toMatchObject({ json: { a: 1 } });
    const form = await ask('/x', { method: 'POST', body: new URLSearchParams({ a: 'ä & b' }) });
    expect(await form.json()).toMatchObject({ fields: { a: 'ä & b' } });
    const multipart = new FormData();
    multipart.set('payload_json', '{}');
    multipart.set('files[0]', new Blob([new Uint8Array(70_000)]), 'fox.png');
    const upload = await ask('/x', { method: 'POST', body: multipart });
    expect(await upload.json()).toMatchObject({
      fields: { payload_json: '{}' },
      files: [{ name: 'fox.png', size: 70_000 }],
    });
    const broken = await ask('/x', { method: 'POST', body: '{"a":', headers: { 'content-type': 'application/json' } });
    expect(broken.status).toBe(400);
    expect(server.record.exchanges.at(-1)?.request.problem).toMatch(/JSON/u);
  });

  it('fails as planned, as often as planned, where planned', async () => {
    await open(
      { on: 'GET /a/:id', skip: 1, times: 2, fault: { kind: 'refuse', code: 50_013 } },
      { on: 'GET /limited', fault: { kind: 'rateLimit', scope: 'global', retryAfterMs: 20 } },
      { on: ({ path }) => path === '/proxy', fault: { kind: 'answer', answer: { status: 502, body: 'Bad gateway' } } },
    );
    const statuses = [];
    for (let at = 0; at < 4; at += 1) statuses.push((await ask('/a/1')).status);
    expect(statuses).toEqual([200, 400, 400, 200]);
    expect((await ask('/a/1/b')).status).toBe(200);
    expect((await ask('/limited')).status).toBe(429);
    expect(server.faults.unused()).toHaveLength(1);
    expect(await (await ask('/proxy')).text()).toBe('Bad gateway');
    expect(server.faults.unused()).toEqual([]);
  });

  it('drops a request undone, or loses the answer of one that was done', async () => {
    await open({ on: '* /dropped', fault: { kind: 'drop' } }, { on: '* /lost', fault: { kind: 'loseAnswer' } });
    await expect(ask('/dropped', { method: 'POST', body: 'x' })).rejects.toThrow();
    expect(works).toBe(0);
    await expect(ask('/lost', { method: 'POST', body: 'x' })).rejects.toThrow();
    expect(works).toBe(1);
    expect(server.record.exchanges.map(({ answer }) => answer)).toEqual([null, null]);
  });

  it('answers late on its own clock', async () => {
    await open({ on: '* /slow', fault: { kind: 'delay', delayMs: 60_000 } });
    let isAnswered = false;
    const asked = ask('/slow').then(() => {
      isAnswered = true;
    });
    while (server.faults.unused().length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await clock.pass(59_999);
    expect(isAnswered).toBe(false);
    await clock.pass(1);
    await asked;
  });

  it('holds a request until what has to come first has happened', async () => {
    let happened = 0;
    const until = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      happened = works + 1;
    };
    await open({ on: '* /held', fault: { kind: 'hold', until } });
    await ask('/held');
    expect([happened, works]).toEqual([1, 1]);
  });

  it('is gone while it is cut, connections and all, and back at the same address', async () => {
    await open();
    const socket = new WebSocket(`ws://${server.host}/open`);
    await new Promise((resolve) => socket.once('message', resolve));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    server.cut();
    await closed;
    await expect(ask('/x')).rejects.toThrow();
    server.restore();
    expect((await ask('/x')).status).toBe(200);
  });

  it('refuses a handshake with the status that the platform says', async () => {
    await open();
    const socket = new WebSocket(`ws://${server.host}/closed`);
    const error = await new Promise((resolve) => socket.once('error', resolve));
    expect(String(error)).toContain('409');
  });

  it('counts what is against the protocol until a test takes it', async () => {
    await open();
    server.record.violation('one');
    expect(server.record.takeViolations()).toEqual(['one']);
    expect(server.record.violations).toEqual([]);
  });
});

it.each([
  ['/channels/:id/messages', '/api/v10/channels/1/messages', true],
  ['/channels/:id/messages', '/channels/1/messages/2', false],
  ['/webhooks/:id/:token/messages/@original', '/webhooks/1/a.b/messages/@original', true],
  ['/a/b/c', '/b/c', false],
])('%s is at %s: %s', (pattern, path, is) => {
  expect(matchesPath(pattern, path)).toBe(is);
});
