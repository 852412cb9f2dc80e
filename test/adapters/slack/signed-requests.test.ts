// Signed requests: only Slack's own are taken, each once; what is not is answered with 401 and does nothing.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../fakes/protocol/eventually.ts';
import { signedRequest } from '../../fakes/slack/signed-http.ts';
import { isResult, openSlack, type SlackTest, seen } from './open-slack.ts';

const TIMEOUT = { timeout: 120_000 };
let slack: SlackTest;
let http: Server;
let url = '';

beforeAll(async () => {
  slack = await openSlack({ overHttp: true });
  http = createServer((request, response) => {
    void (async () => {
      const answer = await slack.adapter.mount?.answer({ headers: request.headers, body: await buffer(request) });
      response.writeHead(answer?.status ?? 404, { 'content-type': answer?.type ?? 'text/plain' }).end(answer?.body);
    })();
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}${slack.adapter.mount?.path}`;
  slack.server.sendTo(url);
}, 120_000);
afterAll(async () => {
  http.closeAllConnections();
  http.close();
  await slack.close();
});

const inChannel = () => slack.ada.look({ channel: slack.general.id });
const nowS = () => Math.floor(Date.now() / 1_000);

function signed(prompt: string, { timestampS = nowS(), secret = slack.server.app.signingSecret }) {
  const { ada, general, server } = slack;
  const payload = {
    command: '/imagine',
    text: prompt,
    user_id: ada.id,
    channel_id: general.id,
    team_id: server.world.team.id,
    trigger_id: server.world.triggers.issue(ada.id),
    response_url: `${server.origin}/commands/none`,
  };
  const id = 'envelope';
  return signedRequest(
    { id, kind: 'slash_commands', payload, takesAnswer: true, retryNumber: 0, retryReason: '' },
    { secret, timestampS },
  );
}

const send = async (request: { body: string; headers: Record<string, string> }) =>
  (await fetch(url, { method: 'POST', ...request })).status;

it('a command, a mention and a button come over HTTP as over a socket', TIMEOUT, async () => {
  const { ada, bob, general } = slack;
  expect(await ada.command('/imagine', 'a fox by post', { channel: general.id })?.done).toMatchObject({
    isAcknowledged: true,
  });
  const result = await seen('the picture', inChannel, isResult);
  await bob.press(result, '🔁 Re-roll').done;
  await eventually('the second', () => inChannel().filter(isResult).length === 2, 60_000);
  await ada.say('@app imagine a fox mentioned', { channel: general.id }).delivery?.done;
  await seen('the third', inChannel, (message) => isResult(message) && message.text.includes('a fox mentioned'));
  expect(slack.server.record.violations).toEqual([]);
});

it.each([
  ['five minutes and a second old', { timestampS: () => nowS() - 301 }],
  ['six minutes from the future', { timestampS: () => nowS() + 360 }],
  ['signed with another secret', { secret: 'guess' }],
])(
  'a request %s is not taken',
  TIMEOUT,
  async (_what, { timestampS = nowS, secret }: { timestampS?: () => number; secret?: string }) => {
    const request = signed('a fox forged', { timestampS: timestampS(), ...(secret === undefined ? {} : { secret }) });
    expect(await send(request)).toBe(401);
  },
);

it.each<[string, (headers: Record<string, string>) => Record<string, string>]>([
  ['without a signature', ({ 'x-slack-signature': _none, ...rest }) => rest],
  ['without a time', ({ 'x-slack-request-timestamp': _none, ...rest }) => rest],
  ['with a time that is no number', (headers) => ({ ...headers, 'x-slack-request-timestamp': 'NaN' })],
  [
    'with another time than the signed one',
    (headers) => ({ ...headers, 'x-slack-request-timestamp': `${nowS() - 1}` }),
  ],
  [
    'with a signature of another version',
    (headers) => ({ ...headers, 'x-slack-signature': String(headers['x-slack-signature']).replace('v0=', 'v1=') }),
  ],
  [
    'with a signature that is cut',
    (headers) => ({ ...headers, 'x-slack-signature': String(headers['x-slack-signature']).slice(0, -1) }),
  ],
])('a request %s is not taken', TIMEOUT, async (_what, change) => {
  const { body, headers } = signed('a fox forged', {});
  expect(await send({ body, headers: change(headers) })).toBe(401);
});

it('a request whose body was changed on the way is not taken', TIMEOUT, async () => {
  const { body, headers } = signed('a fox forged', {});
  expect(await send({ body: body.replace('forged', 'changed'), headers })).toBe(401);
});

it(
  'a request that is replayed within its five minutes is done once, and nothing forged was done',
  TIMEOUT,
  async () => {
    const request = signed('a fox replayed', {});
    expect([await send(request), await send(request), await send(request)]).toEqual([200, 200, 200]);
    await seen('the picture', inChannel, (message) => isResult(message) && message.text.includes('a fox replayed'));
    await slack.ada.command('/imagine', 'a fox at last', { channel: slack.general.id })?.done;
    await seen('the last', inChannel, (message) => isResult(message) && message.text.includes('a fox at last'));
    expect(inChannel().filter(({ text }) => text.includes('a fox replayed'))).toHaveLength(1);
    expect(inChannel().some(({ text }) => /forged|changed/u.test(text))).toBe(false);
  },
);

it('Slack’s question whether this is the right address is answered, when it is signed', TIMEOUT, async () => {
  const body = JSON.stringify({ type: 'url_verification', challenge: 'abc', token: 'x' });
  const payload = JSON.parse(body) as Record<string, unknown>;
  const envelope = {
    id: '1',
    kind: 'events_api',
    payload,
    takesAnswer: false,
    retryNumber: 0,
    retryReason: '',
  } as const;
  const { secret, timestampS } = { secret: slack.server.app.signingSecret, timestampS: nowS() };
  const response = await fetch(url, { method: 'POST', ...signedRequest(envelope, { secret, timestampS }) });
  expect(await response.json()).toEqual({ challenge: 'abc' });
  expect(await send(signedRequest(envelope, { secret: 'guess', timestampS }))).toBe(401);
});
