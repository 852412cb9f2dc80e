// Signed requests on the web page's own port, from Slack's button to the picture.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { EN } from '../../../src/conversation/words/en.ts';
import { eventually } from '../../fakes/protocol/eventually.ts';
import { openWorkspace, type Workspace } from './open-workspace.ts';

let w: Workspace;
beforeAll(async () => {
  const environment = { EASEL_PUBLIC_URL: 'https://easel.example.org', EASEL_HOST_TOKEN: 'a token of sixteen' };
  w = await openWorkspace({ transport: 'requests', environment });
}, 60_000);
afterAll(async () => {
  await w.close();
  expect(w.slack.record.violations).toEqual([]);
});

it('a command, an event and a form become pictures', async () => {
  const here = { channel: w.general.id };
  const done = (words: string) =>
    eventually(words, () =>
      w
        .posted()
        .find(
          ({ text, controls }) =>
            text.startsWith(words) && controls.some(({ actionId }) => actionId.includes(':reroll:')),
        ),
    );
  w.ada.command('/imagine', 'a red apple --n 1', here);
  const { ts } = await done('a red apple');
  w.bob.react({ ...here, ts }, 'repeat');
  await eventually('the second', () => w.posted().filter(({ text }) => text.startsWith('a red apple')).length === 2);
  w.ada.command('/imagine', '', here);
  (await eventually('a form', () => w.ada.form())).submit({ [EN.draw.prompt]: 'a blue star' });
  await done('a blue star');
});

it('needs no sign-in and no name of its own, and takes nothing that Slack did not sign', async () => {
  const ask = (path: string, method: string) =>
    fetch(`${w.address}${path}`, {
      method,
      ...(method === 'POST' ? { body: '{}' } : {}),
      headers: { origin: 'https://elsewhere.example.org' },
    });
  expect((await ask('/slack/events', 'POST')).status).toBe(401);
  expect((await ask('/slack/events', 'GET')).status).toBe(404);
  expect((await ask('/api/messages', 'POST')).status).toBe(403);
  const large = await fetch(`${w.address}/slack/events`, { method: 'POST', body: 'x'.repeat(1_100_000) });
  expect(large.status).toBe(413);
});
