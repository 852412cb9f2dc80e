// What people type is shown as they typed it: it calls nobody, and is no markup.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { isResult, openSlack, type SlackTest, seen } from './open-slack.ts';

let slack: SlackTest;
beforeAll(async () => {
  slack = await openSlack();
}, 120_000);
afterAll(async () => {
  const violations = slack.server.record.takeViolations();
  await slack.close();
  expect(violations).toEqual([]);
});

it.each([
  ['a broadcast', '<!channel> <!here> <!everyone>'],
  ['somebody', '<@U0000000001> and <!subteam^S0000000001>'],
  ['a broadcast by name', '@channel @here @everyone'],
  ['the three that begin markup', 'a fox & a <b>dog</b> > cat &amp; &lt;!channel&gt;'],
  ['a link in disguise', '<https://evil.example|your bank>'],
  ['what Slack makes bold, and a new line', '*bold* _it_ ~no~ `code` :fox_face: \u202e reversed'],
])('%s', { timeout: 120_000 }, async (_what, prompt) => {
  const { server, ada, general } = slack;
  const before = new Set(server.posted(general.id).map(({ ts }) => ts));
  await ada.command('/imagine', prompt, { channel: general.id })?.done;
  const result = await seen(
    'the picture',
    () => ada.look({ channel: general.id }),
    (message) => !before.has(message.ts) && isResult(message),
  );
  expect(result.pings).toEqual([]);
  const shown = prompt.replaceAll('\u202e', '').replaceAll(/\s+/gu, ' ');
  expect(result.text.replaceAll(/\s+/gu, ' ')).toContain(shown);
  const [picture] = result.pictures;
  expect(picture?.altText).not.toMatch(/[<>]/u);
  expect(server.posted(general.id).flatMap(({ pings }) => pings)).toEqual([]);
  expect(slack.logged.join('')).not.toContain('your bank');
});
