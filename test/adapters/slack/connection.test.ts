// How events arrive: connections that are replaced, lost and refused, and requests that are signed.

import { createHmac } from 'node:crypto';
import { App } from '@slack/bolt';
import { afterEach, describe, expect, it } from 'vitest';
import { createBoltLog } from '../../../adapters/slack/bolt-log.ts';
import { createHttpReceiver, type HttpReceiver } from '../../../adapters/slack/http-receiver.ts';
import { createSocketReceiver } from '../../../adapters/slack/socket-receiver.ts';
import { type Clock, systemClock } from '../../../src/ops/clock.ts';
import { createLog } from '../../../src/ops/log.ts';
import { createHandClock } from '../../fakes/hand-clock.ts';
import { eventually } from '../../fakes/protocol/eventually.ts';
import type { Person } from '../../fakes/slack/person.ts';
import { type SlackServer, startSlackServer } from '../../fakes/slack/slack-server.ts';
import type { SlackChannel } from '../../fakes/slack/world.ts';
import { MANIFEST } from './stage.ts';

type Connected = {
  slack: SlackServer;
  app: App;
  ada: Person;
  general: SlackChannel;
  /** Words of the commands that arrived. */
  heard: string[];
  log: string[];
};

let closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.toReversed()) await close();
  closing = [];
});

/** Waits pass at once, so that nothing here takes as long as it says. */
const quick: Clock = {
  nowMs: () => systemClock.nowMs(),
  sleep: (delayMs, signal) => systemClock.sleep(delayMs / 100, signal),
};

async function prepare(clock: Clock = quick): Promise<Connected> {
  const slack = await startSlackServer({ manifest: MANIFEST, tierFactor: 20 });
  closing.push(slack.close);
  const ada = slack.addPerson('ada');
  const general = slack.addChannel('general', [ada.id]);
  const lines: string[] = [];
  const log = createLog({ level: 'info', destination: { write: (line) => void lines.push(line) } });
  const logger = createBoltLog(log);
  const receiver = createSocketReceiver({ appToken: slack.app.appToken, apiUrl: slack.apiUrl, logger, log, clock });
  const app = new App({ receiver, logger, authorize: async () => ({ botId: 'B', botUserId: 'U' }) });
  const heard: string[] = [];
  app.command('/imagine', async ({ ack, command }) => {
    await ack();
    heard.push(command.text);
  });
  app.event('app_mention', async ({ event }) => void heard.push(event.text));
  closing.push(async () => {
    await app.stop();
  });
  return { slack, app, ada, general, heard, log: lines };
}

async function connect(): Promise<Connected> {
  const connected = await prepare();
  await connected.app.start();
  return connected;
}

async function hears({ ada, general, heard }: Connected, text: string): Promise<void> {
  await eventually(`“${text}”`, async () => {
    if (heard.includes(text)) return true;
    await ada.command('/imagine', text, { channel: general.id })?.done;
    return heard.includes(text);
  });
}

describe('Socket Mode', () => {
  it('hears what people do', async () => {
    const c = await connect();
    await hears(c, 'a fox');
    c.ada.say('@app imagine a cat', { channel: c.general.id });
    await eventually('the mention', () => c.heard.some((text) => text.endsWith('imagine a cat')));
    expect(c.slack.record.violations).toEqual([]);
  });

  it('opens the next connection before it lets go of one that Slack warns of', async () => {
    const c = await connect();
    let fewest = Number.POSITIVE_INFINITY;
    const watch = setInterval(() => {
      fewest = Math.min(fewest, c.slack.sockets.openCount);
    }, 1);
    c.slack.sockets.disconnect('warning');
    await eventually('the next', () => c.slack.sockets.greetedCount === 2);
    await hears(c, 'a cat');
    clearInterval(watch);
    expect(fewest).toBeGreaterThanOrEqual(1);
    expect(c.ada.told).toEqual([]);
  });

  it.each(['refresh_requested', 'too_many_websockets'] as const)('comes back at once after %s', async (reason) => {
    const c = await connect();
    c.slack.sockets.disconnect(reason);
    await eventually('the next', () => c.slack.sockets.greetedCount >= 2 && c.slack.sockets.openCount >= 1);
    await hears(c, 'a dog');
  });

  it('comes back after an outage, however often it is refused meanwhile', async () => {
    const c = await connect();
    c.slack.sockets.refuseHandshakes(409);
    c.slack.sockets.disconnect('refresh_requested');
    await eventually(
      'refusals',
      () => c.slack.calls.filter(({ name }) => name === 'apps.connections.open').length >= 4,
    );
    c.slack.cut();
    await eventually('an error in the log', () => c.log.some((line) => line.includes('slack is not connected')));
    c.slack.sockets.refuseHandshakes(null);
    c.slack.restore();
    await hears(c, 'a bird');
  });

  it('waits as long as Slack asks before it opens another connection', async () => {
    const c = await prepare();
    c.slack.faults.plan({
      on: 'POST /api/apps.connections.open',
      fault: { kind: 'rateLimit', scope: 'route', retryAfterMs: 30_000 },
    });
    await c.app.start();
    await hears(c, 'a star');
    expect(c.log.some((line) => line.includes('ADAPTER_BUSY') && line.includes('30000'))).toBe(true);
  });

  it('says which token Slack does not take, and does not start', async () => {
    const c = await prepare();
    c.slack.faults.plan({ on: 'POST /api/apps.connections.open', fault: { kind: 'refuse', code: 'invalid_auth' } });
    await expect(c.app.start()).rejects.toMatchObject({
      code: 'ADAPTER_TOKEN',
      message: expect.stringContaining('SLACK_APP_TOKEN'),
    });
    expect(c.slack.sockets.openCount).toBe(0);
  });

  it('starts while Slack cannot be reached, and connects when it can', async () => {
    const c = await prepare();
    c.slack.cut();
    await c.app.start();
    c.slack.restore();
    await hears(c, 'a tree');
  });

  it('makes nothing of frames that are none, and keeps its connection', async () => {
    const c = await connect();
    c.slack.sockets.sendRaw('{"type":"disconnect"');
    c.slack.sockets.sendRaw(Buffer.from([1, 2, 3]));
    c.slack.sockets.sendRaw('null');
    c.slack.sockets.sendRaw('{}');
    await hears(c, 'a boat');
    expect(c.slack.sockets.greetedCount).toBe(1);
  });
});

describe('signed requests', () => {
  const SECRET = 'a secret of the app';
  const NOW_MS = Date.UTC(2026, 0, 1);

  async function receive(listener?: () => Promise<void>): Promise<{ receiver: HttpReceiver; heard: string[] }> {
    const clock = createHandClock(NOW_MS);
    const receiver = createHttpReceiver({ signingSecret: SECRET, log: createLog({ level: 'silent' }), clock });
    const logger = createBoltLog(createLog({ level: 'silent' }));
    const app = new App({ receiver, logger, authorize: async () => ({ botId: 'B', botUserId: 'U' }) });
    const heard: string[] = [];
    app.command('/imagine', async ({ ack, command }) => {
      await ack({ text: 'soon' });
      heard.push(command.text);
      await listener?.();
    });
    await app.start();
    return { receiver, heard };
  }

  const COMMAND = new URLSearchParams({
    ...{ command: '/imagine', text: 'a fox', user_id: 'U1', team_id: 'T1', channel_id: 'C1', trigger_id: '1.2' },
    response_url: 'https://hooks.example.org/1',
  }).toString();

  function signed(body: string, { atMs = NOW_MS, secret = SECRET, type = 'application/x-www-form-urlencoded' } = {}) {
    const stamp = `${Math.floor(atMs / 1000)}`;
    const signature = `v0=${createHmac('sha256', secret).update(`v0:${stamp}:${body}`).digest('hex')}`;
    return {
      headers: { 'content-type': type, 'x-slack-request-timestamp': stamp, 'x-slack-signature': signature },
      body: Buffer.from(body),
    };
  }

  it('are answered with the acknowledgement, whatever the work takes', async () => {
    const { receiver, heard } = await receive(() => new Promise(() => {}));
    expect(await receiver.answer(signed(COMMAND))).toEqual({
      status: 200,
      type: 'application/json',
      body: '{"text":"soon"}',
    });
    expect(heard).toEqual(['a fox']);
  });

  it.each([
    ['older than five minutes', { atMs: NOW_MS - 301_000 }],
    ['more than five minutes ahead', { atMs: NOW_MS + 302_000 }],
    ['signed by somebody else', { secret: 'another' }],
  ])('%s are refused', async (_what, change) => {
    const { receiver, heard } = await receive();
    expect(await receiver.answer(signed(COMMAND, change))).toMatchObject({ status: 401 });
    expect(heard).toEqual([]);
  });

  it('of nearly five minutes are taken, by a clock that is a little off too', async () => {
    const { receiver, heard } = await receive();
    expect(await receiver.answer(signed(COMMAND, { atMs: NOW_MS - 299_000 }))).toMatchObject({ status: 200 });
    expect(await receiver.answer(signed(COMMAND, { atMs: NOW_MS + 299_000 }))).toMatchObject({ status: 200 });
    expect(heard).toHaveLength(2);
  });

  it('without a signature, with two, or with a body that was changed, are refused', async () => {
    const { receiver, heard } = await receive();
    const good = signed(COMMAND);
    const { 'x-slack-signature': signature, ...rest } = good.headers;
    expect(await receiver.answer({ ...good, headers: rest })).toMatchObject({ status: 401 });
    expect(await receiver.answer({ ...good, body: Buffer.from(`${COMMAND}&text=another`) })).toMatchObject({
      status: 401,
    });
    const stamps = { ...good.headers, 'x-slack-request-timestamp': 'NaN' };
    expect(await receiver.answer({ ...good, headers: stamps })).toMatchObject({ status: 401 });
    expect(
      await receiver.answer({ ...good, headers: { ...good.headers, 'x-slack-signature': `v1${signature.slice(2)}` } }),
    ).toMatchObject({ status: 401 });
    expect(heard).toEqual([]);
  });

  it('that carry nothing are answered: a challenge, a check of the certificate', async () => {
    const { receiver, heard } = await receive();
    const challenge = signed(JSON.stringify({ type: 'url_verification', challenge: 'xyz' }), {
      type: 'application/json',
    });
    expect(await receiver.answer(challenge)).toMatchObject({ status: 200, body: '{"challenge":"xyz"}' });
    const check = {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: Buffer.from(`ssl_check=1&${COMMAND}`),
    };
    expect(await receiver.answer(check)).toMatchObject({ status: 200, body: '' });
    expect(await receiver.answer(signed('{', { type: 'application/json' }))).toMatchObject({ status: 400 });
    expect(heard).toEqual([]);
  });

  it('are turned away once Easel closes, so that Slack sends them again', async () => {
    const { receiver } = await receive();
    await receiver.stop();
    expect(await receiver.answer(signed(COMMAND))).toMatchObject({ status: 503 });
  });
});
