// People: what they can do, what the app is told of it, what they see of its answers. The app here acknowledges and is told.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createProtocolClock, type ProtocolClock } from '../protocol/clock.ts';
import { eventually } from '../protocol/eventually.ts';
import { actions, button, type Caller, createCaller, type Json, modal, plain, section } from './caller.ts';
import { EVERYTHING } from './manifest.ts';
import type { Person } from './person.ts';
import { type SlackServer, startSlackServer } from './slack-server.ts';
import type { SlackChannel } from './world.ts';

let clock: ProtocolClock;
let server: SlackServer;
let caller: Caller;
let ada: Person;
let bob: Person;
let general: SlackChannel;
let heard: Json[];
/** What the app acknowledges with; null: not at all. */
let answer: Json | null;
let sockets: WebSocket[];

beforeEach(async () => {
  clock = createProtocolClock({ speed: 0 });
  server = await startSlackServer({ manifest: EVERYTHING, clock, tierFactor: 100 });
  caller = createCaller(server);
  ada = server.addPerson('ada');
  bob = server.addPerson('bob');
  general = server.addChannel('general', [ada.id, bob.id]);
  heard = [];
  sockets = [];
  answer = {};
  await connect();
});
afterEach(async () => {
  for (const socket of sockets) socket.close();
  await server.close();
});

/** @returns what the server says first */
async function connect(): Promise<Json> {
  const { body } = await caller.call('apps.connections.open', {}, server.app.appToken);
  const socket = new WebSocket(String(body['url']));
  sockets.push(socket);
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('message', (data) => {
      const message: Json = JSON.parse(String(data));
      if (message['envelope_id'] === undefined) return resolve(message);
      heard.push(message);
      if (answer !== null) socket.send(JSON.stringify({ envelope_id: message['envelope_id'], payload: answer }));
    });
  });
}

const last = (): Json => heard.at(-1)?.['payload'] as Json;
const respond = (body: Json) =>
  fetch(String(last()['response_url']), {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });

describe('a command', () => {
  it('is told to the app with who, where and what, and answered to that person alone', async () => {
    answer = { text: 'Drawing <https://easel.example|it>' };
    await ada.command('/imagine', 'a fox', { channel: general.id })?.done;
    expect(last()).toMatchObject({ command: '/imagine', text: 'a fox', user_id: ada.id, channel_id: general.id });
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
    expect(heard).toEqual([]);
  });

  it('fails for the person when the app is not there, or says nothing for three seconds, and is not sent again', async () => {
    answer = null;
    const late = ada.command('/imagine', 'a fox', { channel: general.id });
    await eventually('it', () => heard.length === 1);
    await clock.pass(3_000);
    await late?.done;
    for (const socket of sockets) socket.close();
    await eventually('nobody', () => server.sockets.openCount === 0);
    await ada.command('/imagine', 'a fox', { channel: general.id })?.done;
    expect(ada.told).toEqual([
      '/imagine failed with the error "operation_timeout"',
      '/imagine failed with the error "dispatch_failed"',
    ]);
    expect(heard).toHaveLength(1);
  });

  it('may be answered five times in half an hour by its response_url', async () => {
    await ada.command('/imagine', 'a fox', { channel: general.id })?.done;
    expect((await respond({ text: 'here', response_type: 'in_channel' })).status).toBe(200);
    expect(bob.look({ channel: general.id })).toMatchObject([{ text: 'here', author: server.app.botUserId }]);
    for (let at = 0; at < 4; at += 1) await respond({ text: 'more' });
    expect(await (await respond({ text: 'more' })).json()).toMatchObject({ error: 'used_url' });
    await ada.command('/imagine', 'a fox', { channel: general.id })?.done;
    await clock.pass(30 * 60_000 + 1);
    expect(await (await respond({ text: 'late' })).json()).toMatchObject({ error: 'expired_url' });
    expect(server.record.violations).toEqual([]);
  });

  it('may not be answered with what no answer holds', async () => {
    answer = { words: 'Drawing' };
    await ada.command('/imagine', 'a fox', { channel: general.id })?.done;
    expect(server.record.takeViolations()).toHaveLength(1);
    expect(ada.ephemeral()).toEqual([]);
  });
});

describe('sockets', () => {
  it('share what is said, ten of them and no more', async () => {
    for (let at = 0; at < 9; at += 1) expect(await connect()).toMatchObject({ type: 'hello' });
    expect(await connect()).toMatchObject({ type: 'disconnect', reason: 'too_many_websockets' });
    for (let at = 0; at < 10; at += 1) await ada.command('/imagine', `${at}`, { channel: general.id })?.done;
    expect(heard).toHaveLength(10);
  });

  it('may not be opened twice with one address', async () => {
    const { body } = await caller.call('apps.connections.open', {}, server.app.appToken);
    const open = () =>
      new Promise((resolve) => {
        const socket = new WebSocket(String(body['url']));
        sockets.push(socket);
        socket.on('open', () => resolve('open'));
        socket.on('error', ({ message }) => resolve(message));
      });
    expect(await open()).toBe('open');
    expect(await open()).toContain('404');
  });

  it('acknowledge what was sent, and nothing else', async () => {
    sockets[0]?.send(JSON.stringify({ envelope_id: 'none' }));
    await eventually('a violation', () => server.record.violations.length > 0);
    answer = { text: 'here' };
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
    expect(last()).toMatchObject({
      type: 'block_actions',
      user: { id: bob.id },
      message: { ts: at.ts },
      actions: [{ action_id: 'go', value: 'g1', type: 'button' }],
    });
    expect(() => bob.press(at, 'Stop')).toThrow('There is no “Stop”');
    await respond({ replace_original: true, text: 'gone' });
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
    expect(last()).toMatchObject({ container: { is_ephemeral: true, message_ts: question.ts } });
    expect(last()).not.toHaveProperty('message');
    await respond({ delete_original: true });
    expect(ada.ephemeral()).toEqual([]);
  });

  it('takes reactions and gives them back, told by emoji and person', async () => {
    const at = await posted();
    await bob.react(at, 'repeat')?.done;
    expect(last()).toMatchObject({ event: { type: 'reaction_added', reaction: 'repeat', user: bob.id, item: at } });
    await bob.takeBack(at, 'repeat')?.done;
    expect(last()).toMatchObject({ event: { type: 'reaction_removed' } });
    server.app.scopes.delete('reactions:read');
    expect(bob.react(at, 'repeat')).toBeNull();
  });

  it('calls the app by its name where it is a member', async () => {
    const { ts } = ada.say('hello', { channel: general.id });
    await ada.say('@app imagine <b> & more', { channel: general.id, threadTs: ts }).delivery?.done;
    const text = `<@${server.app.botUserId}> imagine &lt;b&gt; &amp; more`;
    expect(last()).toMatchObject({ event: { type: 'app_mention', text, thread_ts: ts, channel: general.id } });
    const elsewhere = server.addChannel('elsewhere', [ada.id], { withApp: false });
    expect(ada.say('@app imagine', { channel: elsewhere.id }).delivery).toBeNull();
  });

  it('has shortcuts of the manifest', async () => {
    const at = await posted();
    await bob.messageShortcut('draw_message', at).done;
    expect(last()).toMatchObject({ type: 'message_action', callback_id: 'draw_message', message: { ts: at.ts } });
    await bob.globalShortcut('draw').done;
    expect(last()).toMatchObject({ type: 'shortcut', callback_id: 'draw' });
    expect(() => bob.globalShortcut('draw_message')).toThrow('no global shortcut');
  });
});

describe('a form', () => {
  const style = {
    type: 'static_select',
    action_id: 'style',
    options: [
      { text: plain('Noto'), value: 'noto' },
      { text: plain('Twemoji'), value: 'twemoji' },
    ],
    initial_option: { text: plain('Noto'), value: 'noto' },
  };
  const blocks = [
    {
      type: 'input',
      block_id: 'prompt',
      label: plain('Prompt'),
      element: { type: 'plain_text_input', action_id: 'text', max_length: 10 },
    },
    { type: 'input', block_id: 'style', label: plain('Style'), element: style },
    {
      type: 'input',
      block_id: 'seed',
      label: plain('Seed'),
      optional: true,
      element: { type: 'number_input', action_id: 'n', is_decimal_allowed: false },
    },
  ];
  const form = modal({ callback_id: 'draw', submit: plain('Draw'), private_metadata: 'g1', blocks });
  const open = async () => {
    await ada.command('/imagine', '', { channel: general.id })?.done;
    await caller.call('views.open', { trigger_id: last()['trigger_id'], view: form });
    const shown = ada.form();
    if (shown === null) throw new Error('No form is open.');
    return shown;
  };

  it('is filled in and sent with what was typed, chosen and left alone', async () => {
    const shown = await open();
    expect(shown.fields.map(({ label }) => label)).toEqual(['Prompt', 'Style', 'Seed']);
    await shown.submit({ Prompt: 'a fox', Style: 'Twemoji' }).done;
    expect(last()).toMatchObject({
      type: 'view_submission',
      view: {
        callback_id: 'draw',
        private_metadata: 'g1',
        state: {
          values: {
            prompt: { text: { value: 'a fox' } },
            style: { style: { selected_option: { value: 'twemoji' } } },
            seed: { n: { value: null } },
          },
        },
      },
    });
    expect(ada.form()).toBeNull();
  });

  it('is not let through by the client when a field is missing, too long or no number', async () => {
    const shown = await open();
    expect(() => shown.submit({})).toThrow('Prompt: required');
    expect(() => shown.submit({ Prompt: 'x'.repeat(11) })).toThrow('characters');
    expect(() => shown.submit({ Prompt: 'x', Seed: '1.5' })).toThrow('number');
    expect(() => shown.submit({ Prompt: 'x', Style: 'Manga' })).toThrow('Manga');
  });

  it('shows what the app has against it, and another form on it', async () => {
    answer = { response_action: 'errors', errors: { prompt: 'Not this.' } };
    await (await openQuietly()).submit({ Prompt: 'x' }).done;
    expect(ada.form()?.errors).toEqual({ prompt: 'Not this.' });
    answer = { response_action: 'push', view: modal({ title: plain('Sure?') }) };
    await ada.form()?.submit({ Prompt: 'y' }).done;
    expect(ada.form()?.title).toBe('Sure?');
    ada.form()?.close();
    expect(ada.form()?.title).toBe('Draw');
    expect(server.record.violations).toEqual([]);
  });

  async function openQuietly() {
    const later = answer;
    answer = {};
    const shown = await open();
    answer = later;
    return shown;
  }
});

describe('App Home', () => {
  it('is published to one person, whose buttons work', async () => {
    await ada.openHome()?.done;
    expect(last()).toMatchObject({ event: { type: 'app_home_opened', user: ada.id, tab: 'home' } });
    expect(ada.home()).toBeNull();
    await caller.call('views.publish', {
      user_id: ada.id,
      view: { type: 'home', blocks: [section('4 left'), actions(button())] },
    });
    expect(ada.home()?.text).toBe('4 left');
    expect(bob.home()).toBeNull();
    await ada.pressHome('Go').done;
    expect(last()).toMatchObject({
      container: { type: 'view' },
      view: { type: 'home' },
      actions: [{ action_id: 'go' }],
    });
  });
});
