// What Discord refuses, this server refuses, with the same status and code.

import { ChannelType } from 'discord-api-types/v10';
import { afterEach, describe, expect, it } from 'vitest';
import { IMAGINE, openRaw } from './ask.ts';
import type { DiscordServer, DiscordServerOptions } from './server.ts';

let server: DiscordServer;

async function open(options: DiscordServerOptions = {}) {
  const opened = await openRaw(options);
  server = opened.server;
  const { ask } = opened;
  const post = `POST /channels/${opened.channel}/messages`;
  const commands = `/applications/${server.world.application.id}/commands`;
  return { ...opened, post, commands, sent: async (body: object) => String((await ask(post, body)).body['id']) };
}

afterEach(async () => {
  await server.close();
  // The answers of this server itself are never at fault.
  expect(server.faultsOfItsOwn).toEqual([]);
});

const button = (custom_id: string, more: object = {}) => ({ type: 2, style: 2, label: 'Press', custom_id, ...more });
const row = (...components: object[]) => ({ type: 1, components });

describe('messages', () => {
  it.each<[title: string, body: object, code: number]>([
    ['a field that Discord does not know', { content: 'x', contents: 'y' }, 50_035],
    ['a field of the wrong kind', { content: 7 }, 50_035],
    ['an empty message', {}, 50_006],
    ['a message of spaces', { content: '  \n ' }, 50_006],
    ['2,001 characters', { content: 'x'.repeat(2_001) }, 50_035],
    ['a nonce of 26 characters', { content: 'x', nonce: 'n'.repeat(26) }, 50_035],
    ['an embed of over 6,000 characters', { embeds: [1, 2].map(() => ({ description: 'x'.repeat(3_001) })) }, 50_035],
    ['an embed field without a name', { embeds: [{ fields: [{ value: 'x' }] }] }, 50_035],
    ['an embed whose picture is not attached', { embeds: [{ image: { url: 'attachment://fox.png' } }] }, 50_035],
    ['an attachment that is not there', { content: 'x', attachments: [{ id: '0', filename: 'fox.png' }] }, 50_035],
    ['everyone in two ways', { content: 'x', allowed_mentions: { parse: ['users'], users: ['1'] } }, 50_035],
    ['six rows', { components: [1, 2, 3, 4, 5, 6].map((at) => row(button(`${at}`))) }, 50_035],
    ['six buttons in a row', { components: [row(...[1, 2, 3, 4, 5, 6].map((at) => button(`${at}`)))] }, 50_035],
    ['a custom id of 101 characters', { components: [row(button('x'.repeat(101)))] }, 50_035],
    ['one custom id twice', { components: [row(button('a'), button('a'))] }, 50_035],
    ['a button without a custom id', { components: [row({ type: 2, style: 2, label: 'x' })] }, 50_035],
    ['a link with a custom id', { components: [row(button('a', { style: 5, url: 'https://a.example' }))] }, 50_035],
    ['a button that says nothing', { components: [row({ type: 2, style: 2, custom_id: 'a' })] }, 50_035],
    ['an emoji that is none', { components: [row(button('a', { emoji: { name: 'fox' } }))] }, 50_035],
    [
      'a button beside a select',
      { components: [row(button('a'), { type: 3, custom_id: 's', options: [{ label: 'x', value: 'x' }] })] },
      50_035,
    ],
    [
      'a select with one value twice',
      { components: [row({ type: 3, custom_id: 's', options: [1, 2].map(() => ({ label: 'x', value: 'x' })) })] },
      50_035,
    ],
    ['text as a component without the flag', { components: [{ type: 10, content: 'x' }] }, 50_035],
    ['words beside components v2', { content: 'x', flags: 1 << 15, components: [{ type: 10, content: 'x' }] }, 50_035],
    [
      '41 components',
      {
        flags: 1 << 15,
        components: Array.from({ length: 40 }, () => ({ type: 17, components: [{ type: 10, content: 'x' }] })),
      },
      50_035,
    ],
    ['a flag that only Discord sets', { content: 'x', flags: 1 << 1 }, 50_035],
    ['a reply to what is not there', { content: 'x', message_reference: { message_id: '1' } }, 50_035],
  ])('%s', async (_title, body, code) => {
    const { ask, post } = await open();
    expect(await ask(post, body)).toMatchObject({ status: 400, code });
    expect(server.record.takeViolations()).toHaveLength(1);
  });

  it('a file over the limit, and more than 25 MiB in one request', async () => {
    const { ask, post, guild } = await open({ uploadBytesMax: 1_000_000 });
    expect(await ask(post, {}, { files: { 'a.png': 1_000_001 } })).toMatchObject({ status: 413, code: 40_005 });
    expect(await ask(post, {}, { files: { 'a.png': 1_000_000 } })).toMatchObject({ status: 200 });
    guild.setUploadLimit(50_000_000);
    const files = { 'a.png': 14_000_000, 'b.png': 14_000_000 };
    expect(await ask(post, {}, { files })).toMatchObject({ status: 413, code: 40_005 });
  });

  it('a body that is no JSON, a token that is none, an operation that is none', async () => {
    const { ask, post, channel } = await open();
    expect(await ask(post, undefined, { raw: { type: 'application/json', text: '{"content":' } })).toMatchObject({
      code: 50_109,
    });
    expect(await ask(post, { content: 'x' }, { token: 'wrong' })).toMatchObject({ status: 401, code: 0 });
    expect(await ask(`GET /channels/${channel}/messages?limits=1`)).toMatchObject({ code: 50_035 });
    expect(await ask(`POST /channels/${channel}/pictures`, {})).toMatchObject({ status: 404 });
    expect(server.record.takeViolations()).toHaveLength(3);
  });

  it('what is not there, or not ours', async () => {
    const { ask, ada, channel, post, sent } = await open();
    const message = `/channels/${channel}/messages`;
    expect(await ask('POST /channels/1/messages', { content: 'x' })).toMatchObject({ status: 404, code: 10_003 });
    expect(await ask(`PATCH ${message}/1`, { content: 'x' })).toMatchObject({ status: 404, code: 10_008 });
    const theirs = ada.say(channel, 'hello');
    expect(await ask(`PATCH ${message}/${theirs}`, { content: 'x' })).toMatchObject({ status: 403, code: 50_005 });
    expect(await ask(`DELETE ${message}/${theirs}`)).toMatchObject({ status: 403, code: 50_013 });
    const mine = await sent({ content: 'x' });
    expect(await ask(`PUT ${message}/${mine}/reactions/fox/@me`)).toMatchObject({ status: 400, code: 10_014 });
    expect(await ask(`PATCH ${message}/${mine}`, { content: '' })).toMatchObject({ code: 50_006 });
    expect((await ask(post, { content: 'a', flags: 1 << 15 })).code).toBe(50_035);
    server.record.takeViolations();
  });

  it('an edit cannot take the flag of components v2 back', async () => {
    const { ask, channel, sent } = await open();
    const id = await sent({ flags: 1 << 15, components: [{ type: 10, content: 'x' }] });
    expect(await ask(`PATCH /channels/${channel}/messages/${id}`, { flags: 0, content: 'y' })).toMatchObject({
      code: 50_035,
    });
    server.record.takeViolations();
  });

  it('the sixth edit of an old message (30046), as a rate limit', async () => {
    const { ask, channel, sent } = await open({ rateLimits: { routes: {} } });
    const id = await sent({ content: 'x' });
    await server.clock.pass(3_600_001);
    const edit = () => ask(`PATCH /channels/${channel}/messages/${id}`, { content: 'y' });
    for (let at = 0; at < 5; at += 1) expect((await edit()).status).toBe(200);
    const refused = await edit();
    expect(refused).toMatchObject({ status: 429, code: 30_046 });
    expect(refused.headers.get('retry-after')).toBe('60');
  });
});

describe('permissions', () => {
  it.each([
    ['ViewChannel', 50_001],
    ['SendMessages', 50_013],
    ['AttachFiles', 50_013],
    ['EmbedLinks', 50_013],
  ] as const)('posting a picture without %s', async (permission, code) => {
    const { ask, guild, channel, post } = await open();
    guild.overwrite(channel, 'bot', { deny: [permission] });
    const body = { embeds: [{ title: 'x' }] };
    expect(await ask(post, body, { files: { 'a.png': 10 } })).toMatchObject({ status: 403, code });
  });

  it('roles and overwrites are weighed as Discord does: everyone, then roles, then the member', async () => {
    const { ask, ada, guild, channel, post } = await open();
    guild.overwrite(channel, 'everyone', { deny: ['SendMessages'] });
    expect((await ask(post, { content: 'x' })).code).toBe(50_013);
    expect(() => ada.say(channel, 'x')).not.toThrow(); // ada owns the server
    guild.overwrite(channel, 'bot', { allow: ['SendMessages'] });
    expect((await ask(post, { content: 'x' })).status).toBe(200);
  });

  it('a thread asks for its own permission, and nobody writes in an archived one', async () => {
    const { ask, ada, guild, channel } = await open();
    const thread = guild.addThread(channel, 'foxes', ada);
    guild.overwrite(channel, 'bot', { deny: ['SendMessagesInThreads'] });
    expect(await ask(`POST /channels/${thread}/messages`, { content: 'x' })).toMatchObject({ code: 50_013 });
    guild.overwrite(channel, 'bot', {});
    expect(await ask(`POST /channels/${thread}/messages`, { content: 'x' })).toMatchObject({ status: 200 });
    guild.archive(thread);
    expect(await ask(`POST /channels/${thread}/messages`, { content: 'x' })).toMatchObject({ code: 50_083 });
    const forum = guild.addChannel('forum', { type: ChannelType.GuildForum });
    expect(await ask(`POST /channels/${forum}/messages`, { content: 'x' })).toMatchObject({ code: 50_008 });
    server.record.takeViolations();
  });

  it('a bot that was thrown out has no access, and the server is unknown to it', async () => {
    const { ask, guild, post } = await open();
    guild.kickBot();
    expect(await ask(post, { content: 'x' })).toMatchObject({ status: 403, code: 50_001 });
    expect(await ask(`GET /guilds/${guild.id}`)).toMatchObject({ status: 404, code: 10_004 });
  });

  it('reacting asks for history, and for one more right where nobody reacted so yet', async () => {
    const { ask, bob, guild, channel, sent } = await open({ rateLimits: { routes: {} } });
    const id = await sent({ content: 'x' });
    const react = (emoji: string) =>
      ask(`PUT /channels/${channel}/messages/${id}/reactions/${encodeURIComponent(emoji)}/@me`);
    guild.overwrite(channel, 'bot', { deny: ['AddReactions'] });
    expect((await react('⚠️')).code).toBe(50_013);
    bob.react(id, '⚠️');
    expect((await react('⚠️')).status).toBe(204);
    guild.overwrite(channel, 'bot', { deny: ['ReadMessageHistory'] });
    expect((await react('🔁')).code).toBe(50_013);
  });
});

describe('direct messages', () => {
  it('who takes none, who shares no server any more, who does not exist', async () => {
    const { ask, ada, bob, guild } = await open();
    const channelOf = async (id: string) =>
      String((await ask('POST /users/@me/channels', { recipient_id: id })).body['id']);
    expect(await ask('POST /users/@me/channels', { recipient_id: '1' })).toMatchObject({ code: 10_013 });
    const [adas, bobs] = [await channelOf(ada.id), await channelOf(bob.id)];
    ada.setDmsClosed(true);
    expect(await ask(`POST /channels/${adas}/messages`, { content: 'x' })).toMatchObject({ status: 403, code: 50_007 });
    guild.leave(bob);
    expect(await ask(`POST /channels/${bobs}/messages`, { content: 'x' })).toMatchObject({ status: 403, code: 50_278 });
  });
});

describe('commands', () => {
  const option = (more: object) => ({ type: 3, name: 'prompt', description: 'What', ...more });
  it.each<[title: string, command: object]>([
    ['a capital in the name', { name: 'Imagine', description: 'x' }],
    ['a space in the name', { name: 'imagine this', description: 'x' }],
    ['no description', { name: 'imagine' }],
    ['a description of 101 characters', { name: 'imagine', description: 'x'.repeat(101) }],
    ['an unknown locale', { ...IMAGINE, name_localizations: { xx: 'y' } }],
    ['a capital in a translated name', { ...IMAGINE, name_localizations: { de: 'Male' } }],
    [
      'a required option after an optional one',
      { ...IMAGINE, options: [option({}), option({ name: 'n', required: true })] },
    ],
    ['one option twice', { ...IMAGINE, options: [option({}), option({})] }],
    ['26 options', { ...IMAGINE, options: Array.from({ length: 26 }, (_, at) => option({ name: `o${at}` })) }],
    [
      'choices and autocomplete',
      { ...IMAGINE, options: [option({ autocomplete: true, choices: [{ name: 'x', value: 'x' }] })] },
    ],
    [
      'a sub-command beside an option',
      { ...IMAGINE, options: [option({}), { type: 1, name: 'me', description: 'x' }] },
    ],
    ['a description in the menu of a message', { type: 3, name: 'Vary this', description: 'x' }],
    [
      'over 8,000 characters',
      {
        ...IMAGINE,
        options: [
          option({
            choices: Array.from({ length: 25 }, (_, at) => ({
              name: `${at}${'n'.repeat(90)}`,
              value: 'v'.repeat(100),
            })),
          }),
          option({
            name: 'b',
            choices: Array.from({ length: 25 }, (_, at) => ({
              name: `${at}${'n'.repeat(90)}`,
              value: 'v'.repeat(100),
            })),
          }),
        ],
      },
    ],
    ['a field that is none', { ...IMAGINE, hint: 'x' }],
  ])('%s', async (_title, command) => {
    const { ask, commands } = await open();
    expect(await ask(`PUT ${commands}`, [command])).toMatchObject({ status: 400, code: 50_035 });
    expect((await ask(`GET ${commands}`)).body).toEqual([]);
    server.record.takeViolations();
  });

  it('one name twice, and the 201st create of a day', async () => {
    const { ask, commands } = await open({ createsMax: 3 });
    expect(await ask(`PUT ${commands}`, [IMAGINE, IMAGINE])).toMatchObject({ code: 50_035 });
    const named = (name: string) => ({ ...IMAGINE, name });
    expect(await ask(`PUT ${commands}`, [named('a'), named('b')])).toMatchObject({ status: 200 });
    // What is known already is no new one.
    expect(await ask(`PUT ${commands}`, [named('a'), named('b')])).toMatchObject({ status: 200 });
    expect(await ask(`PUT ${commands}`, [named('c'), named('d')])).toMatchObject({ status: 400, code: 30_034 });
    await server.clock.pass(86_400_000);
    expect(await ask(`PUT ${commands}`, [named('c'), named('d')])).toMatchObject({ status: 200 });
    server.record.takeViolations();
  });
});
