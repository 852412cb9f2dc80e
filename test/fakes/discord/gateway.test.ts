// The gateway: who may come in, what ends a connection, what a session that broke off is told later.

import { GatewayIntentBits } from 'discord-api-types/v10';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createProtocolClock } from '../protocol/clock.ts';
import { eventually } from '../protocol/eventually.ts';
import { openRaw } from './ask.ts';
import type { DiscordServer, DiscordServerOptions } from './server.ts';

type Payload = { op: number; t: string | null; s: number | null; d: Record<string, unknown> };

const INTENTS = GatewayIntentBits.Guilds | GatewayIntentBits.GuildMessages | GatewayIntentBits.DirectMessages;

let server: DiscordServer;
const sockets: WebSocket[] = [];

async function open(options: DiscordServerOptions = {}) {
  const opened = await openRaw(options);
  server = opened.server;
  return opened;
}

/** A connection with what it heard and how it ended. */
function connect(query = 'v=10&encoding=json') {
  const socket = new WebSocket(`${server.api.replace('http', 'ws').replace('/api', '/gateway')}?${query}`);
  sockets.push(socket);
  const heard: Payload[] = [];
  const closed = new Promise<number>((resolve) => socket.on('close', resolve));
  socket.on('message', (data) => heard.push(JSON.parse(String(data))));
  const hello = eventually('hello', () => heard.some(({ op }) => op === 10));
  const send = async (op: number, d: unknown) => {
    await hello;
    socket.send(JSON.stringify({ op, d }));
  };
  const identify = (more: object = {}) =>
    send(2, {
      token: server.token,
      intents: INTENTS,
      properties: { os: 'linux', browser: 'test', device: 'test' },
      ...more,
    });
  const event = (name: string) => eventually(name, () => heard.find(({ t }) => t === name));
  return { socket, heard, closed, hello, send, identify, event };
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await server.close();
  expect(server.faultsOfItsOwn).toEqual([]);
});

it('says hello, is ready, and tells of every server', async () => {
  const { guild, channel } = await open();
  const { identify, event } = connect();
  await identify();
  const ready = await event('READY');
  expect(ready.d).toMatchObject({ v: 10, guilds: [{ id: guild.id, unavailable: true }], shard: [0, 1] });
  const created = await event('GUILD_CREATE');
  expect(created.d).toMatchObject({ id: guild.id, channels: [{ id: channel }], members: [{ user: { bot: true } }] });
  expect(server.violations).toEqual([]);
});

describe('a connection ends', () => {
  it.each<
    [title: string, code: number, violations: number, say: (socket: ReturnType<typeof connect>) => Promise<void>]
  >([
    ['with 4004 for a wrong token', 4004, 0, ({ identify }) => identify({ token: 'wrong' })],
    [
      'with 4003 for a message before it identified',
      4003,
      1,
      ({ send }) => send(3, { since: null, activities: [], status: 'online', afk: false }),
    ],
    ['with 4001 for an opcode that is none', 4001, 1, ({ send }) => send(99, {})],
    ['with 4002 for a field that is none', 4002, 1, ({ identify }) => identify({ toke: 1 })],
    [
      'with 4002 for what is no JSON',
      4002,
      1,
      async ({ hello, socket }) => {
        await hello;
        socket.send('{');
      },
    ],
    [
      'with 4002 for more than 4096 bytes',
      4002,
      1,
      ({ identify }) => identify({ properties: { os: 'x'.repeat(4_100), browser: '', device: '' } }),
    ],
    ['with 4013 for intents that are none', 4013, 1, ({ identify }) => identify({ intents: 2 ** 40 })],
    [
      'with 4014 for an intent that was not granted',
      4014,
      1,
      ({ identify }) => identify({ intents: GatewayIntentBits.MessageContent }),
    ],
    ['with 4010 for a shard that is none', 4010, 1, ({ identify }) => identify({ shard: [1, 1] })],
    [
      'with 4005 for identifying twice',
      4005,
      1,
      async ({ identify, event }) => {
        await identify();
        await event('READY');
        await identify();
      },
    ],
    [
      'with 4008 for more than 120 messages in a minute',
      4008,
      1,
      async ({ send }) => {
        for (let at = 0; at < 121; at += 1) await send(1, null);
      },
    ],
  ])('%s', async (_title, code, violations, say) => {
    await open();
    const connection = connect();
    await say(connection);
    expect(await connection.closed).toBe(code);
    expect(server.record.takeViolations().length).toBeGreaterThanOrEqual(violations);
  });

  it('with 4011 where sharding is needed, and 4012 for another version', async () => {
    await open({ gateway: { shards: 2 } });
    const one = connect();
    await one.identify();
    expect(await one.closed).toBe(4011);
    expect(await connect('v=9&encoding=json').closed).toBe(4012);
    server.record.takeViolations();
  });

  it('with 4009 when nothing beats any more', async () => {
    await open({ clock: createProtocolClock({ speed: 0 }) });
    const { identify, event, closed, send, heard } = connect();
    await identify();
    await event('READY');
    await server.clock.pass(41_250);
    await send(1, 2);
    await eventually('an acknowledgement', () => heard.some(({ op }) => op === 11));
    await server.clock.pass(82_500);
    await server.clock.pass(41_250);
    expect(await closed).toBe(4009);
    server.record.takeViolations();
  });
});

describe('sessions', () => {
  it('that broke off are told what they missed, once, in order', async () => {
    const { ada, channel } = await open();
    const first = connect();
    await first.identify();
    const session = (await first.event('READY')).d['session_id'];
    ada.say(channel, `one <@${server.world.bot.id}>`);
    const seq = (await first.event('MESSAGE_CREATE')).s;
    first.socket.terminate();
    await first.closed;
    ada.say(channel, `two <@${server.world.bot.id}>`);
    ada.say(channel, `three <@${server.world.bot.id}>`);
    const second = connect();
    await second.send(6, { token: server.token, session_id: session, seq });
    await second.event('RESUMED');
    expect(
      second.heard.filter(({ t }) => t === 'MESSAGE_CREATE').map(({ d }) => String(d['content']).slice(0, 3)),
    ).toEqual(['two', 'thr']);
    expect(server.gateway.resumes).toBe(1);
    expect(server.gateway.starts).toBe(1);
  });

  it('cannot be resumed after a while, nor from what was never said', async () => {
    await open({ gateway: { resumableForMs: 60_000 } });
    const first = connect();
    await first.identify();
    const session = (await first.event('READY')).d['session_id'];
    const ahead = connect();
    await ahead.send(6, { token: server.token, session_id: session, seq: 99 });
    expect(await ahead.closed).toBe(4007);
    first.socket.terminate();
    await first.closed;
    await eventually('the loss', () =>
      [...server.gateway.sessions.values()].every(({ lostAtMs }) => lostAtMs !== null),
    );
    await server.clock.pass(60_001);
    const late = connect();
    await late.send(6, { token: server.token, session_id: session, seq: 1 });
    expect(await eventually('op 9', () => late.heard.find(({ op }) => op === 9))).toMatchObject({ d: false });
    server.record.takeViolations();
  });

  it('are at most so many a day: then the token is worth nothing any more', async () => {
    const { ask } = await open({ gateway: { startsMax: 1 } });
    const first = connect();
    await first.identify();
    await first.event('READY');
    expect((await ask('GET /gateway/bot')).body['session_start_limit']).toMatchObject({ remaining: 0, total: 1 });
    const second = connect();
    await second.identify();
    expect(await second.closed).toBe(4004);
    expect(await first.closed).toBe(4004);
    expect(await ask('GET /users/@me')).toMatchObject({ status: 401 });
    expect(server.record.takeViolations()).toHaveLength(1);
  });

  it('hear of their own servers alone, and of what they asked for', async () => {
    const { ada, channel, guild } = await open({ gateway: { shards: 2 } });
    const shard = Number((BigInt(guild.id) >> 22n) % 2n);
    const own = connect();
    await own.identify({ shard: [shard, 2] });
    await own.event('GUILD_CREATE');
    await server.clock.pass(5_000);
    const other = connect();
    await other.identify({ shard: [1 - shard, 2], intents: GatewayIntentBits.Guilds });
    const ready = await other.event('READY');
    expect(ready.d['guilds']).toEqual([]);
    ada.say(channel, 'hello');
    await own.event('MESSAGE_CREATE');
    expect(other.heard.some(({ t }) => t === 'MESSAGE_CREATE')).toBe(false);
  });

  it('read only words that are meant for them', async () => {
    const { ada, channel, guild } = await open();
    const { identify, event, heard } = connect();
    await identify();
    await event('GUILD_CREATE');
    ada.say(channel, 'between us');
    const id = ada.say(channel, `<@${server.world.bot.id}> a fox`);
    ada.say(ada.directChannel(), 'a cat');
    guild.overwrite(channel, 'bot', { deny: ['ViewChannel'] });
    ada.say(channel, `<@${server.world.bot.id}> unseen`);
    await eventually('three messages', () => heard.filter(({ t }) => t === 'MESSAGE_CREATE').length === 3);
    expect(heard.filter(({ t }) => t === 'MESSAGE_CREATE').map(({ d }) => d['content'])).toEqual([
      '',
      `<@${server.world.bot.id}> a fox`,
      'a cat',
    ]);
    expect(server.world.messages.get(id)?.content).toContain('a fox');
  });
});
