// Trouble on the way to Slack: limits, lost answers, cut connections. One message for each request, whatever happens.

import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../fakes/protocol/eventually.ts';
import type { FaultPlan } from '../../fakes/protocol/faults.ts';
import type { SeenMessage } from '../../fakes/slack/seen.ts';
import { isResult, openSlack, type SlackTest, seen } from './open-slack.ts';

const TIMEOUT = { timeout: 180_000 };
let slack: SlackTest;
let last = 0;
beforeAll(async () => {
  slack = await openSlack();
}, 120_000);
afterEach(() => slack.server.faults.clear());
afterAll(async () => {
  const violations = slack.server.record.takeViolations();
  await slack.close();
  expect(violations).toEqual([]);
});

async function drawnOnce(...plans: FaultPlan[]): Promise<void> {
  const { server, ada, general } = slack;
  const prompt = `a troubled fox ${++last}`;
  for (const plan of plans) server.faults.plan(plan);
  await ada.command('/imagine', prompt, { channel: general.id })?.done;
  await seen(
    'the picture',
    () => ada.look({ channel: general.id }),
    (message) => isResult(message) && message.text.includes(prompt),
  );
  expect(server.faults.unused()).toEqual([]);
  expect(ada.look({ channel: general.id }).filter(({ text }) => text.includes(prompt))).toHaveLength(1);
}

it.each<[string, FaultPlan[]]>([
  ['the answer to the placeholder is lost', [{ on: 'POST /api/chat.postMessage', fault: { kind: 'loseAnswer' } }]],
  ['the placeholder never arrives', [{ on: 'POST /api/chat.postMessage', fault: { kind: 'drop' } }]],
  [
    'the placeholder is too much for now',
    [{ on: 'POST /api/chat.postMessage', fault: { kind: 'rateLimit', scope: 'route', retryAfterMs: 1_000 } }],
  ],
  [
    'Slack breaks at the placeholder',
    [{ on: 'POST /api/chat.postMessage', fault: { kind: 'refuse', code: 'internal_error' } }],
  ],
  [
    'a proxy answers for Slack',
    [{ on: 'POST /api/chat.postMessage', fault: { kind: 'answer', answer: { status: 502, body: 'Bad gateway' } } }],
  ],
  [
    'edits are too many for now',
    [{ on: 'POST /api/chat.update', times: 2, fault: { kind: 'rateLimit', scope: 'route', retryAfterMs: 1_000 } }],
  ],
  ['the answer to an edit is lost', [{ on: 'POST /api/chat.update', fault: { kind: 'loseAnswer' } }]],
  ['the upload breaks off', [{ on: ({ path }) => path.startsWith('/upload/'), fault: { kind: 'drop' } }]],
  [
    'the answer to the upload is lost',
    [{ on: ({ path }) => path.startsWith('/upload/'), fault: { kind: 'loseAnswer' } }],
  ],
  ['the upload is not completed', [{ on: 'POST /api/files.completeUploadExternal', fault: { kind: 'loseAnswer' } }]],
])('%s', TIMEOUT, (_what, plans) => drawnOnce(...plans));

it('nobody says who the person is', TIMEOUT, async () => {
  const { server, general } = slack;
  const dora = server.addPerson('dora');
  general.members.add(dora.id);
  server.faults.plan({ on: 'POST /api/users.info', times: 9, fault: { kind: 'refuse', code: 'internal_error' } });
  await dora.command('/imagine', 'a fox of nobody', { channel: general.id })?.done;
  const isHers = (message: SeenMessage) => isResult(message) && message.text.includes('of nobody');
  await seen('the picture', () => dora.look({ channel: general.id }), isHers);
});

it('a connection that Slack recycles brings the next request', TIMEOUT, async () => {
  const { sockets } = slack.server;
  for (const reason of ['warning', 'refresh_requested'] as const) {
    const before = sockets.greetedCount;
    sockets.disconnect(reason);
    await eventually('the next socket', () => sockets.greetedCount > before, 60_000);
    await drawnOnce();
  }
});

it('Easel closes while somebody asks: what was acknowledged is drawn after the next start', TIMEOUT, async () => {
  const { server, ada, general } = slack;
  await slack.restart();
  server.faults.plan({ on: 'POST /api/users.info', fault: { kind: 'delay', delayMs: 700 } });
  await ada.command('/imagine', 'a fox at closing time', { channel: general.id })?.done;
  await slack.restart();
  const isIt = (message: SeenMessage) => isResult(message) && message.text.includes('at closing time');
  await seen('the picture', () => ada.look({ channel: general.id }), isIt);
});

it('Slack away for a while while it draws: the picture comes when it is back', TIMEOUT, async () => {
  const { server, ada, general, worker } = slack;
  worker.hold();
  await ada.command('/imagine', 'a fox cut off', { channel: general.id })?.done;
  await seen(
    'the placeholder',
    () => ada.look({ channel: general.id }),
    ({ text }) => text.includes('a fox cut off'),
  );
  server.cut();
  worker.release();
  await eventually('nobody', () => server.sockets.openCount === 0, 60_000);
  server.restore();
  await seen(
    'the picture',
    () => ada.look({ channel: general.id }),
    (message) => isResult(message) && message.text.includes('a fox cut off'),
  );
  await eventually('its socket', () => server.sockets.openCount > 0, 60_000);
  await drawnOnce();
});
