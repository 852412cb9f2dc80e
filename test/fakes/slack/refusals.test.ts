// What Slack does not do for whoever asks well is refused with its own codes, and is no violation.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProtocolClock } from '../protocol/clock.ts';
import { type Answer, type Caller, createCaller, type Json, modal, picture } from './caller.ts';
import { EVERYTHING } from './manifest.ts';
import type { Person } from './person.ts';
import { type SlackServer, startSlackServer } from './slack-server.ts';
import type { SlackChannel } from './world.ts';

const clock = createProtocolClock({ speed: 0, startMs: Date.UTC(2026, 0, 1) });
let server: SlackServer;
let ada: Person;
let caller: Caller;
let channels: Record<'general' | 'elsewhere' | 'secret' | 'old', SlackChannel>;
let unready = '';
let text = '';

beforeAll(async () => {
  server = await startSlackServer({ manifest: EVERYTHING, clock, fileLooks: 1, tierFactor: 100 });
  caller = createCaller(server);
  ada = server.addPerson('ada');
  channels = {
    general: server.addChannel('general', [ada.id]),
    elsewhere: server.addChannel('elsewhere', [ada.id], { withApp: false }),
    secret: server.addChannel('secret', [ada.id], { kind: 'private', withApp: false }),
    old: server.addChannel('old', [ada.id]),
  };
  channels.old.isArchived = true;
  text = await caller.upload('fox.txt');
  await caller.call('files.info', { file: text });
  unready = await caller.upload('fox.png');
});
afterAll(() => server.close());

const call: Caller['call'] = (...args) => caller.call(...args);
const post = (args: Json) => call('chat.postMessage', { channel: channels.general.id, text: 'hello', ...args });
const inChannel = (name: keyof typeof channels) => post({ channel: channels[name].id });
const said = (): string => ada.say('hello', { channel: channels.general.id }).ts;

describe('what Slack does not do, for whoever asks well', () => {
  it.each<[string, () => Promise<Answer>, string]>([
    ['an unknown token', () => call('auth.test', {}, 'xoxb-nobody'), 'invalid_auth'],
    ['a post where the bot is not', () => inChannel('elsewhere'), 'not_in_channel'],
    ['a post to a private channel where the bot is not', () => inChannel('secret'), 'channel_not_found'],
    ['a post to an archived channel', () => inChannel('old'), 'is_archived'],
    ['a post to a channel that does not exist', () => post({ channel: 'C404' }), 'channel_not_found'],
    ['a reply to a message that is gone', () => post({ thread_ts: '1.000001' }), 'thread_not_found'],
    ['a file that Slack still works on', () => post({ blocks: [picture(unready)] }), 'invalid_blocks'],
    ['a file that is no picture', () => post({ blocks: [picture(text)] }), 'invalid_blocks'],
    ['a file that does not exist', () => post({ blocks: [picture('F404')] }), 'invalid_blocks'],
    [
      'an edit of somebody else’s message',
      () => call('chat.update', { channel: channels.general.id, ts: said(), text: 'x' }),
      'cant_update_message',
    ],
    [
      'a removal of somebody else’s message',
      () => call('chat.delete', { channel: channels.general.id, ts: said() }),
      'cant_delete_message',
    ],
    [
      'an edit of a message that is gone',
      () => call('chat.update', { channel: channels.general.id, ts: '1.000001', text: 'x' }),
      'message_not_found',
    ],
    [
      'an ephemeral message to who is not there',
      () => call('chat.postEphemeral', { channel: channels.general.id, user: 'U404', text: 'x' }),
      'user_not_in_channel',
    ],
    [
      'an edit of an ephemeral message',
      async () => {
        const { body } = await call('chat.postEphemeral', { channel: channels.general.id, user: ada.id, text: 'x' });
        return call('chat.update', { channel: channels.general.id, ts: body['message_ts'], text: 'y' });
      },
      'message_not_found',
    ],
    ['a direct message to nobody', () => call('conversations.open', { users: 'U404' }), 'user_not_found'],
    [
      'a direct message to who has left',
      () => call('conversations.open', { users: server.addPerson('gone', { isDeleted: true }).id }),
      'user_disabled',
    ],
    [
      'the history of a channel where the bot is not',
      () => call('conversations.history', { channel: channels.elsewhere.id }),
      'not_in_channel',
    ],
    ['a person who does not exist', () => call('users.info', { user: 'U404' }), 'user_not_found'],
    [
      'a reaction twice',
      async () => {
        const reaction = { channel: channels.general.id, timestamp: said(), name: 'star' };
        await call('reactions.add', reaction);
        return call('reactions.add', reaction);
      },
      'already_reacted',
    ],
    [
      'a trigger twice',
      async () => {
        const view = { trigger_id: server.world.triggers.issue(ada.id), view: modal() };
        await call('views.open', view);
        return call('views.open', view);
      },
      'exchanged_trigger_id',
    ],
    [
      'a trigger after three seconds',
      async () => {
        const trigger_id = server.world.triggers.issue(ada.id);
        await clock.pass(3_001);
        return call('views.open', { trigger_id, view: modal() });
      },
      'expired_trigger_id',
    ],
    [
      'a fourth form on three',
      async () => {
        const push = () => call('views.push', { trigger_id: server.world.triggers.issue(ada.id), view: modal() });
        await call('views.open', { trigger_id: server.world.triggers.issue(ada.id), view: modal() });
        await push();
        await push();
        return push();
      },
      'push_limit_reached',
    ],
    [
      'App Home over somebody else’s change',
      async () => {
        const home = { user_id: ada.id, view: { type: 'home', blocks: [] } };
        await call('views.publish', home);
        return call('views.publish', { ...home, hash: '1.000001' });
      },
      'hash_conflict',
    ],
  ])('%s', async (_what, ask, code) => {
    const { status, body } = await ask();
    expect([status, body['ok'], body['error']]).toEqual([200, false, code]);
    expect(server.record.violations).toEqual([]);
  });

  it('says what an invalid picture is and where', async () => {
    const fresh = await caller.upload('fox.png');
    const { body } = await post({ blocks: [picture(fresh)] });
    expect(body).toMatchObject({
      errors: ['invalid slack file [json-pointer:/blocks/0/slack_file]'],
      response_metadata: { messages: ['[ERROR] invalid slack file [json-pointer:/blocks/0/slack_file]'] },
    });
    expect((await call('files.info', { file: fresh })).body).toMatchObject({ file: { mimetype: '' } });
    expect((await post({ blocks: [picture(fresh)] })).body['ok']).toBe(true);
  });

  it('names the scope that is missing and those that there are', async () => {
    server.app.scopes.delete('files:write');
    const { body } = await call('files.getUploadURLExternal', { filename: 'a.png', length: 1 });
    expect(body).toMatchObject({ error: 'missing_scope', needed: 'files:write' });
    expect(String(body['provided'])).toContain('chat:write');
    server.app.scopes.add('files:write');
  });

  it.each([
    ['revoked', 'token_revoked'],
    ['inactive', 'account_inactive'],
  ] as const)('a token that is %s', async (state, code) => {
    server.app.state = state;
    expect((await call('auth.test')).body['error']).toBe(code);
    server.app.state = 'installed';
  });

  it('takes uploads as the admins allow', async () => {
    const ask = (filename: string, length = 1) => call('files.getUploadURLExternal', { filename, length });
    const { team } = server.world;
    team.uploads = 'disabled';
    expect((await ask('a.png')).body['error']).toBe('file_uploads_disabled');
    team.uploads = 'images';
    expect((await ask('a.zip')).body['error']).toBe('file_uploads_except_images_disabled');
    team.uploads = 'allowed';
    team.refusedFileTypes.add('png');
    expect((await ask('a.png')).body['error']).toBe('file_type_not_allowed');
    team.refusedFileTypes.clear();
    team.uploadBytesMax = 10;
    expect((await ask('a.png', 11)).body['error']).toBe('file_upload_size_restricted');
    team.uploadBytesMax = 1_000_000_000;
  });

  it('takes exactly the bytes that were announced', async () => {
    const { body } = await call('files.getUploadURLExternal', { filename: 'a.png', length: 4 });
    expect((await fetch(String(body['upload_url']), { method: 'POST', body: 'fox' })).status).toBe(400);
    expect(server.record.takeViolations()).toEqual(['an upload of 3 bytes, announced as 4']);
  });
});

describe('how often', () => {
  it('a tier’s calls in a minute, then 429 with the seconds to wait', async () => {
    const limited = await startSlackServer({ manifest: EVERYTHING, clock });
    const ask = async (name: string, args: Record<string, string>) => {
      const headers = { authorization: `Bearer ${limited.app.botToken}` };
      return fetch(`${limited.apiUrl}${name}`, { method: 'POST', body: new URLSearchParams(args), headers });
    };
    const groups = async () => (await ask('usergroups.list', {})).status;
    for (let at = 0; at < 20; at += 1) expect(await groups()).toBe(200);
    await clock.pass(20_000);
    const late = await ask('usergroups.list', {});
    expect([late.status, late.headers.get('retry-after')]).toEqual([429, '40']);
    expect(await ask('users.info', { user: 'U404' })).toMatchObject({ status: 200 });
    await clock.pass(40_000);
    expect(await groups()).toBe(200);
    const channel = limited.addChannel('general', []).id;
    const posts = async () => (await ask('chat.postMessage', { channel, text: 'x' })).headers.get('retry-after');
    for (let at = 0; at < 5; at += 1) expect(await posts()).toBeNull();
    expect(await posts()).not.toBeNull();
    await limited.close();
  });
});
