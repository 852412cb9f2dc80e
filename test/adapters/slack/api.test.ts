// What Slack's answers mean, and what is tried again.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSlackApi, type SlackApi } from '../../../adapters/slack/api.ts';
import { createBoltLog } from '../../../adapters/slack/bolt-log.ts';
import { checkSlack } from '../../../adapters/slack/doctor.ts';
import { SCOPES } from '../../../adapters/slack/manifest.ts';
import { createSlackPlaces } from '../../../adapters/slack/places.ts';
import { type Clock, systemClock } from '../../../src/ops/clock.ts';
import { createLog } from '../../../src/ops/log.ts';
import type { Person } from '../../fakes/slack/person.ts';
import { type SlackServer, startSlackServer } from '../../fakes/slack/slack-server.ts';
import type { SlackChannel } from '../../fakes/slack/world.ts';
import { MANIFEST } from './stage.ts';

let slack: SlackServer;
let ada: Person;
let general: SlackChannel;
let api: SlackApi;
/** How long was slept, in all. */
let sleptMs = 0;
const clock: Clock = {
  nowMs: () => systemClock.nowMs() + sleptMs,
  async sleep(delayMs) {
    sleptMs += delayMs;
  },
};

beforeAll(async () => {
  slack = await startSlackServer({ manifest: MANIFEST, tierFactor: 20 });
  ada = slack.addPerson('ada');
  general = slack.addChannel('general', [ada.id]);
});
beforeEach(() => {
  const log = createLog({ level: 'silent' });
  sleptMs = 0;
  slack.faults.clear();
  api = createSlackApi({ token: slack.app.botToken, apiUrl: slack.apiUrl, logger: createBoltLog(log), clock });
});
afterAll(() => slack.close());

const post = (channel = general.id) =>
  api.run('chat.postMessage', (client) => client.chat.postMessage({ channel, text: 'hello' }));
const info = (patienceMs = 0) => api.run('users.info', (client) => client.users.info({ user: ada.id }), { patienceMs });
const count = (name: string) => slack.calls.filter((call) => call.name === name).length;

describe('what Slack answers', () => {
  it.each([
    ['message_not_found', 'ADAPTER_MESSAGE_GONE'],
    ['cant_update_message', 'ADAPTER_MESSAGE_GONE'],
    ['channel_not_found', 'ADAPTER_CHANNEL_GONE'],
    ['not_in_channel', 'ADAPTER_CHANNEL_GONE'],
    ['is_archived', 'ADAPTER_CHANNEL_GONE'],
    ['restricted_action', 'ADAPTER_CHANNEL_GONE'],
    ['messages_tab_disabled', 'ADAPTER_DIRECT_CLOSED'],
    ['user_disabled', 'ADAPTER_DIRECT_CLOSED'],
    ['internal_error', 'ADAPTER_UNAVAILABLE'],
    ['token_revoked', 'ADAPTER_TOKEN'],
    ['account_inactive', 'ADAPTER_TOKEN'],
    ['something_new', 'ADAPTER_REFUSED'],
  ])('%s is %s, with Slack’s own word kept', async (reason, code) => {
    slack.faults.plan({ on: 'POST /api/chat.postMessage', times: 3, fault: { kind: 'refuse', code: reason } });
    await expect(post()).rejects.toMatchObject({ code, details: { reason } });
  });

  it('a missing scope is named, with the line of the manifest to add', async () => {
    slack.app.scopes.delete('chat:write');
    try {
      await expect(post()).rejects.toMatchObject({
        code: 'ADAPTER_REFUSED',
        details: { scope: 'chat:write' },
        message: expect.stringContaining('"- chat:write" under oauth_config: scopes: bot:'),
      });
    } finally {
      slack.app.scopes.add('chat:write');
    }
  });

  it('an error holds no token and nothing that was said', async () => {
    slack.faults.plan({ on: 'POST /api/chat.postMessage', fault: { kind: 'refuse', code: 'token_revoked' } });
    const error: Error = await post().then(
      () => new Error('posted'),
      (thrown) => thrown,
    );
    expect(JSON.stringify([error.message, { ...error }])).not.toMatch(/xoxb|hello/u);
  });
});

describe('what is tried again', () => {
  it('a question is asked again after a failure on the way, thrice at most', async () => {
    slack.faults.plan({ on: 'POST /api/users.info', times: 2, fault: { kind: 'drop' } });
    await expect(info()).resolves.toMatchObject({ ok: true });
    const before = slack.record.of('POST', (path) => path.endsWith('users.info')).length;
    slack.faults.plan({
      on: 'POST /api/users.info',
      times: 3,
      fault: { kind: 'answer', answer: { status: 502, body: 'no' } },
    });
    await expect(info()).rejects.toMatchObject({ code: 'ADAPTER_UNAVAILABLE', details: { status: 502 } });
    expect(slack.record.of('POST', (path) => path.endsWith('users.info')).length).toBe(before + 3);
  });

  it('a post is not: nobody knows whether it arrived', async () => {
    const before = slack.posted(general.id).length;
    slack.faults.plan({ on: 'POST /api/chat.postMessage', fault: { kind: 'loseAnswer' } });
    await expect(post()).rejects.toMatchObject({ code: 'ADAPTER_UNAVAILABLE' });
    expect(slack.posted(general.id)).toHaveLength(before + 1);
  });

  it('while Slack asks for a pause, the same method is left alone, and others are not', async () => {
    slack.faults.plan({
      on: 'POST /api/users.info',
      fault: { kind: 'rateLimit', scope: 'route', retryAfterMs: 7_000 },
    });
    await expect(info()).rejects.toMatchObject({ code: 'ADAPTER_BUSY', details: { retryAfterMs: 7_000 } });
    const before = count('users.info');
    await expect(info()).rejects.toMatchObject({ code: 'ADAPTER_BUSY' });
    expect(count('users.info')).toBe(before);
    await post();
    await expect(info(8_000)).resolves.toMatchObject({ ok: true });
    expect(sleptMs).toBeGreaterThan(6_000);
  });

  it('a call that is given up ends at once', async () => {
    const stop = new AbortController();
    slack.faults.plan({ on: 'POST /api/users.info', fault: { kind: 'delay', delayMs: 200 } });
    const asked = api.run('users.info', (client) => client.users.info({ user: ada.id }), { signal: stop.signal });
    stop.abort();
    await expect(asked).rejects.toMatchObject({ code: 'ADAPTER_UNAVAILABLE' });
    await expect(
      api.run('users.info', (client) => client.users.info({ user: ada.id }), { signal: stop.signal }),
    ).rejects.toMatchObject({ code: 'ADAPTER_UNAVAILABLE' });
  });
});

describe('where Easel may post', () => {
  const direct = async () => 'D1';
  const places = () => createSlackPlaces({ api, clock, directChannel: direct });

  it('in channels that it is in, and in its own direct conversation', async () => {
    const outside = slack.addChannel('outside', [ada.id], { withApp: false });
    const hidden = slack.addChannel('hidden', [ada.id], { withApp: false, kind: 'private' });
    const old = slack.addChannel('old', [ada.id]);
    old.isArchived = true;
    expect(await places().mayPost(general.id, ada.id)).toBe(true);
    expect(await places().mayPost(outside.id, ada.id)).toBe(false);
    expect(await places().mayPost(hidden.id, ada.id)).toBe(false);
    expect(await places().problem(old.id, ada.id)).toBe('archived');
    expect(await places().mayPost('D1', ada.id)).toBe(true);
    expect(await places().mayPost('D2', ada.id)).toBe(false);
  });

  it('where Slack does not say: then the post itself shows it', async () => {
    slack.app.scopes.delete('channels:read');
    expect(await places().mayPost(general.id, ada.id)).toBe(true);
    slack.app.scopes.add('channels:read');
  });
});

describe('easel doctor', () => {
  const setting = () => ({
    ...{ botToken: slack.app.botToken, appToken: slack.app.appToken, signingSecret: null, apiUrl: slack.apiUrl },
  });

  it('says whose the token is, which scopes there are, and how events come', async () => {
    const checks = await checkSlack(setting());
    expect(checks.map(({ name, ok }) => [name, ok])).toEqual([
      ['slack token', true],
      ['slack scopes', true],
      ['slack events', true],
    ]);
    expect(checks[1]?.message).toBe(`all ${SCOPES.length}`);
  });

  it('names what is missing, and the tokens that Slack does not take', async () => {
    slack.app.scopes.delete('files:write');
    expect((await checkSlack(setting()))[1]).toMatchObject({
      ok: false,
      message: expect.stringContaining('missing: files:write'),
    });
    slack.app.scopes.add('files:write');
    slack.app.scopes.delete('usergroups:read');
    expect((await checkSlack(setting()))[1]).toMatchObject({ ok: true });
    slack.app.scopes.add('usergroups:read');
    const wrong = await checkSlack({ ...setting(), botToken: 'xoxb-wrong', appToken: 'xapp-wrong' });
    expect(wrong.map(({ name, ok }) => [name, ok])).toEqual([
      ['slack token', false],
      ['slack events', false],
    ]);
    expect(wrong[0]?.message).toContain('SLACK_BOT_TOKEN');
    expect(wrong[1]?.message).toContain('SLACK_APP_TOKEN');
  });
});
