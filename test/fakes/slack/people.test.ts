// People: what they do, what the app is told of it, what they see of its answers.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createProtocolClock } from '../protocol/clock.ts';
import { eventually } from '../protocol/eventually.ts';
import { actions, button, type Caller, createCaller, type Json, plain, section } from './caller.ts';
import { EVERYTHING } from './manifest.ts';
import type { Person } from './person.ts';
import { createQuietApp, type QuietApp } from './quiet-app.ts';
import { type SlackServer, startSlackServer } from './slack-server.ts';
import type { SlackChannel } from './world.ts';

const clock = createProtocolClock({ speed: 0 });
let server: SlackServer;
let caller: Caller;
let app: QuietApp;
let ada: Person;
let bob: Person;
let general: SlackChannel;

beforeEach(async () => {
  server = await startSlackServer({ manifest: EVERYTHING, clock, tierFactor: 100 });
  caller = createCaller(server);
  app = createQuietApp(server, caller);
  ada = server.addPerson('ada');
  bob = server.addPerson('bob');
  general = server.addChannel('general', [ada.id, bob.id]);
  await app.connect();
});
afterEach(async () => {
  app.close();
  await server.close();
});

describe('a command', () => {
  it('is told to the app with who, where and what, and answered to that person alone', async () => {
    app.answer = { text: 'Drawing <https://easel.example|it>' };
    await ada.command('/imagine', 'a fox', { channel: general.id })?.done;
    expect(app.last()).toMatchObject({ command: '/imagine', text: 'a fox', user_id: ada.id, channel_id: general.id });
    expect(ada.look({ channel: general.id })).toMatchObject([{ text: 'Drawing it', isEphemeral: true }]);
    expect(bob.look({ channel: general.id })).toEqual([]);
    ada.reload();
    expect(ada.look({ channel: general.id })).toEqual([]);
  });

  it('does not exist in a thread, in an archived channel, for a stranger, or unless the manifest has it', () => {
    const { ts } = ada.say('hello', { channel: general.id });
    const eve = server.addPerson('eve', { teamId: 'T0ELSEWHERE' });
    general.members.add(eve.id);
    expect(ada.command('/imagine', 'x', { channel: general.id, threadTs: ts })).toBeNull();
    expect(ada.command('/draw', 'x', { channel: general.id })).toBeNull();
    expect(eve.command('/imagine', 'x', { channel: general.id })).toBeNull();
    general.isArchived = true;
    expect(ada.command('/imagine', 'x', { channel: general.id })).toBeNull();
    expect(ada.told[0]).toBe('/imagine is not supported in threads. Sorry!');
    expect(app.heard).toEqual([]);
  });

  it('fails for the person when the app is not there, or says nothing for three seconds, and is not sent again', async () => {
    app.answer = null;
    const late = ada.command('/imagine', 'a fox', { channel: general.id });
    await eventually('it', () => app.heard.length === 1);
    await clock.pass(3_000);
    await late?.done;
    app.close();
    await eventually('nobody', () => server.sockets.openCount === 0);
    await ada.command('/imagine', 'a fox', { channel: general.id })?.done;
    expect(ada.told).toEqual([
      '/imagine failed with the error "operation_timeout"',
      '/imagine failed with the error "dispatch_failed"',
    ]);
    expect(app.heard).toHaveLength(1);
  });

  it('may be answered five times in half an hour by its response_url', async () => {
    await ada.command('/imagine', 'a fox', { channel: general.id })?.done;
    expect((await app.respond({ text: 'here', response_type: 'in_channel' })).status).toBe(200);
    expect(bob.look({ channel: general.id })).toMatchObject([{ text: 'here', author: server.app.botUserId }]);
    for (let at = 0; at < 4; at += 1) await app.respond({ text: 'more' });
    expect(await (await app.respond({ text: 'more' })).json()).toMatchObject({ error: 'used_url' });
    await ada.command('/imagine', 'a fox', { channel: general.id })?.done;
    await clock.pass(30 * 60_000 + 1);
    expect(await (await app.respond({ text: 'late' })).json()).toMatchObject({ error: 'expired_url' });
    expect(server.record.violations).toEqual([]);
  });

  it('may not be answered with what no answer holds', async () => {
    app.answer = { words: 'Drawing' };
    await ada.command('/imagine', 'a fox', { channel: general.id })?.done;
    expect(server.record.takeViolations()).toHaveLength(1);
    expect(ada.ephemeral()).toEqual([]);
  });
});

describe('sockets', () => {
  it('share what is said, ten of them and no more', async () => {
    for (let at = 0; at < 9; at += 1) expect(await app.connect()).toMatchObject({ type: 'hello' });
    expect(await app.connect()).toMatchObject({ type: 'disconnect', reason: 'too_many_websockets' });
    for (let at = 0; at < 10; at += 1) await ada.command('/imagine', `${at}`, { channel: general.id })?.done;
    expect(app.heard).toHaveLength(10);
  });

  it('may not be opened twice with one address', async () => {
    const { body } = await caller.call('apps.connections.open', {}, server.app.appToken);
    const open = () =>
      new Promise((resolve) => {
        const socket = new WebSocket(String(body['url']));
        socket.on('open', () => {
          socket.close();
          resolve('open');
        });
        socket.on('error', ({ message }) => resolve(message));
      });
    expect(await open()).toBe('open');
    expect(await open()).toContain('404');
  });

  it('acknowledge what was sent, and nothing else', async () => {
    app.say({ envelope_id: 'none' });
    await eventually('a violation', () => server.record.violations.length > 0);
    app.answer = { text: 'here' };
    await bob.react(await posted(), 'star')?.done;
    expect(server.record.takeViolations()).toMatchObject([
      expect.stringContaining('none'),
      expect.stringContaining('here'),
    ]);
  });
});

async function posted(args: Json = {}): Promise<{ channel: string; ts: string }> {
  const { body } = await caller.call('chat.postMessage', { channel: general.id, text: 'drawn', ...args });
  return { channel: general.id, ts: String(body['ts']) };
}

describe('a message', () => {
  it('says what was written, and whom it calls', async () => {
    const blocks = [section('&lt;b&gt; <!channel> *fox*'), { type: 'context', elements: [plain('<!here>')] }];
    const { ts } = await posted({ text: `<@${bob.id}>`, blocks });
    expect(bob.look({ channel: general.id }).find((each) => each.ts === ts)).toMatchObject({
      text: '<b> @channel *fox*\n<!here>',
      pings: [bob.id, 'channel'],
    });
  });

  it('keeps its metadata over an edit, and its blocks unless there is text without them', async () => {
    const { channel, ts } = await posted({
      blocks: [section('one')],
      metadata: { event_type: 'easel', event_payload: { id: 'g1' } },
    });
    await caller.call('chat.update', { channel, ts, blocks: [section('two')] });
    await caller.call('chat.update', { channel, ts, text: 'three' });
    const history = async (args: Json = {}) =>
      (await caller.call('conversations.history', { channel, ...args })).body['messages'] as Json[];
    expect((await history())[0]).toMatchObject({ text: 'three' });
    expect((await history())[0]).not.toHaveProperty('blocks');
    expect((await history())[0]).not.toHaveProperty('metadata');
    expect((await history({ include_all_metadata: true }))[0]).toMatchObject({
      metadata: { event_type: 'easel', event_payload: { id: 'g1' } },
    });
  });

  it('is read page by page, newest first, and its thread oldest first', async () => {
    const { channel, ts } = await posted({ text: 'one' });
    await posted({ text: 'reply', thread_ts: ts });
    await posted({ text: 'two' });
    const read = async (name: string, args: Json) => {
      const { body } = await caller.call(name, { channel, ...args });
      const next = (body['response_metadata'] as { next_cursor: string }).next_cursor;
      return { texts: (body['messages'] as { text: string }[]).map(({ text }) => text), next };
    };
    const first = await read('conversations.history', { limit: 1 });
    expect(first.texts).toEqual(['two']);
    expect((await read('conversations.history', { limit: 1, cursor: first.next })).texts).toEqual(['one']);
    expect((await read('conversations.replies', { ts })).texts).toEqual(['one', 'reply']);
  });

  it('has buttons that tell the app which, on what, and by whom', async () => {
    const at = await posted({ blocks: [actions(button({ value: 'g1' }))] });
    await bob.press(at, 'Go').done;
    expect(app.last()).toMatchObject({
      type: 'block_actions',
      user: { id: bob.id },
      message: { ts: at.ts },
      actions: [{ action_id: 'go', value: 'g1', type: 'button' }],
    });
    expect(() => bob.press(at, 'Stop')).toThrow('There is no “Stop”');
    await app.respond({ replace_original: true, text: 'gone' });
    expect(ada.look(at)).toMatchObject([{ text: 'gone', controls: [], ts: at.ts }]);
  });

  it('that is ephemeral has buttons too, whose answer can take its place', async () => {
    await caller.call('chat.postEphemeral', {
      channel: general.id,
      user: ada.id,
      text: 'sure?',
      blocks: [actions(button())],
    });
    const [question] = ada.ephemeral();
    if (question === undefined) throw new Error('unreachable');
    await ada.press(question, 'go').done;
    expect(app.last()).toMatchObject({ container: { is_ephemeral: true, message_ts: question.ts } });
    expect(app.last()).not.toHaveProperty('message');
    await app.respond({ delete_original: true });
    expect(ada.ephemeral()).toEqual([]);
  });

  it('takes reactions and gives them back, told by emoji and person', async () => {
    const at = await posted();
    await bob.react(at, 'repeat')?.done;
    expect(app.last()).toMatchObject({ event: { type: 'reaction_added', reaction: 'repeat', user: bob.id, item: at } });
    await bob.takeBack(at, 'repeat')?.done;
    expect(app.last()).toMatchObject({ event: { type: 'reaction_removed' } });
    server.app.scopes.delete('reactions:read');
    expect(bob.react(at, 'repeat')).toBeNull();
  });

  it('calls the app by its name where it is a member', async () => {
    const { ts } = ada.say('hello', { channel: general.id });
    await ada.say('@app imagine <b> & more', { channel: general.id, threadTs: ts }).delivery?.done;
    const text = `<@${server.app.botUserId}> imagine &lt;b&gt; &amp; more`;
    expect(app.last()).toMatchObject({ event: { type: 'app_mention', text, thread_ts: ts, channel: general.id } });
    const elsewhere = server.addChannel('elsewhere', [ada.id], { withApp: false });
    expect(ada.say('@app imagine', { channel: elsewhere.id }).delivery).toBeNull();
  });

  it('has shortcuts of the manifest', async () => {
    const at = await posted();
    await bob.messageShortcut('draw_message', at).done;
    expect(app.last()).toMatchObject({ type: 'message_action', callback_id: 'draw_message', message: { ts: at.ts } });
    await bob.globalShortcut('draw').done;
    expect(app.last()).toMatchObject({ type: 'shortcut', callback_id: 'draw' });
    expect(() => bob.globalShortcut('draw_message')).toThrow('no global shortcut');
  });
});

describe('the app', () => {
  it('is told when it is taken out, or its token back; then nothing works', async () => {
    server.revoke();
    await eventually('it', () => app.heard.length === 1);
    expect(app.last()).toMatchObject({ event: { type: 'tokens_revoked', tokens: { bot: [server.app.botUserId] } } });
    expect((await caller.call('auth.test')).body['error']).toBe('token_revoked');
  });

  it('finds its files by when they were sent', async () => {
    const id = await caller.upload('fox.png');
    await caller.upload('fox.txt');
    const ids = async (args: Json) =>
      ((await caller.call('files.list', { user: server.app.botUserId, ...args })).body['files'] as Json[]).map(
        (file) => file['id'],
      );
    expect(await ids({ types: 'images' })).toEqual([id]);
    expect(await ids({ ts_from: String(Math.ceil(clock.nowMs() / 1_000) + 1) })).toEqual([]);
  });
});
