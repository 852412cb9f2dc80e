// Signed HTTP, to the real Bolt and to a server that does as it is told.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { App, HTTPReceiver, LogLevel } from '@slack/bolt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createProtocolClock, type ProtocolClock } from '../protocol/clock.ts';
import { eventually } from '../protocol/eventually.ts';
import type { Envelope } from './delivery.ts';
import { EVERYTHING } from './manifest.ts';
import type { Person } from './person.ts';
import { signedRequest } from './signed-http.ts';
import { type SlackServer, startSlackServer } from './slack-server.ts';
import type { SlackChannel } from './world.ts';

let clock: ProtocolClock;
let server: SlackServer;
let ada: Person;
let general: SlackChannel;

beforeEach(async () => {
  clock = createProtocolClock({ speed: 0 });
  server = await startSlackServer({ manifest: EVERYTHING, clock });
  ada = server.addPerson('ada');
  general = server.addChannel('general', [ada.id]);
});
afterEach(() => server.close());

const urlOf = (http: Server): string => `http://127.0.0.1:${(http.address() as AddressInfo).port}/slack/events`;

describe('Bolt over HTTP', () => {
  let receiver: HTTPReceiver;
  let url = '';
  beforeEach(async () => {
    receiver = new HTTPReceiver({ signingSecret: server.app.signingSecret, logLevel: LogLevel.ERROR });
    const bolt = new App({
      token: server.app.botToken,
      receiver,
      logLevel: LogLevel.ERROR,
      clientOptions: { slackApiUrl: server.apiUrl },
    });
    bolt.command('/imagine', ({ ack, body }) => ack(`Drawing ${body.text}`));
    url = urlOf((await receiver.start(0)) as Server);
    server.sendTo(url);
  });
  afterEach(() => receiver.stop());

  it('takes a command and answers it', async () => {
    await ada.command('/imagine', 'a fox & "more"', { channel: general.id })?.done;
    expect(ada.ephemeral()).toMatchObject([{ text: 'Drawing a fox & "more"' }]);
  });

  it.each([
    ['signed by somebody else', { secret: 'guess' }, 401],
    ['six minutes old', { agoS: 360 }, 401],
    ['signed just now', {}, 200],
    // Bolt looks only back: whoever builds on it looks ahead too.
    ['an hour from now', { agoS: -3_600 }, 200],
  ])(
    'a request %s',
    async (_what, { secret = server.app.signingSecret, agoS = 0 }: { secret?: string; agoS?: number }, status) => {
      const envelope: Envelope = {
        id: '1',
        kind: 'slash_commands',
        payload: { command: '/imagine', text: 'a fox', team_id: 'T1', user_id: 'U1', channel_id: 'C1' },
        takesAnswer: true,
        retryNumber: 0,
        retryReason: '',
      };
      const signed = signedRequest(envelope, { secret, timestampS: Math.floor(Date.now() / 1_000) - agoS });
      expect((await fetch(url, { method: 'POST', ...signed })).status).toBe(status);
    },
  );
});

describe('an event over HTTP', () => {
  type Heard = { retry: unknown; reason: unknown; id: string };
  let http: Server;
  let heard: Heard[];
  let answer: { status: number | null; headers?: Record<string, string> };
  beforeEach(async () => {
    heard = [];
    http = createServer((request, response) => {
      let body = '';
      request.on('data', (part: Buffer) => {
        body += part.toString();
      });
      request.on('end', () => {
        const { 'x-slack-retry-num': retry, 'x-slack-retry-reason': reason } = request.headers;
        heard.push({ retry, reason, id: JSON.parse(body).event_id });
        if (answer.status !== null) response.writeHead(answer.status, answer.headers).end();
      });
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    server.sendTo(urlOf(http));
  });
  afterEach(() => {
    http.closeAllConnections();
    http.close();
  });

  it('is sent again at once, after one minute and after five, and then no more', async () => {
    answer = { status: 500 };
    const { delivery } = ada.say('@app hello', { channel: general.id });
    await eventually('two', () => heard.length === 2);
    await clock.pass(60_000);
    await eventually('three', () => heard.length === 3);
    await clock.pass(300_000);
    expect(await delivery?.done).toEqual({ isAcknowledged: false, answer: {} });
    expect(heard.map(({ retry, reason }) => [retry, reason])).toEqual([
      [undefined, undefined],
      ['1', 'http_error'],
      ['2', 'http_error'],
      ['3', 'http_error'],
    ]);
    expect(new Set(heard.map(({ id }) => id)).size).toBe(1);
  });

  it('is not sent again when the app says so', async () => {
    answer = { status: 500, headers: { 'x-slack-no-retry': '1' } };
    await ada.say('@app hello', { channel: general.id }).delivery?.done;
    expect(heard).toHaveLength(1);
  });

  it('has timed out after three seconds', async () => {
    answer = { status: null };
    const { delivery } = ada.say('@app hello', { channel: general.id });
    await eventually('one', () => heard.length === 1);
    await clock.pass(2_999);
    expect(delivery?.attempts).toHaveLength(1);
    await clock.pass(1);
    await eventually('two', () => heard.length === 2);
    expect(heard[1]).toMatchObject({ retry: '1', reason: 'http_timeout' });
  });
});
