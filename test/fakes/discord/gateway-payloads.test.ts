// Everything the gateway says is as discord-api-types says it is.

import { fileURLToPath } from 'node:url';
import { Ajv, type ValidateFunction } from 'ajv';
import { GatewayIntentBits } from 'discord-api-types/v10';
import { createGenerator } from 'ts-json-schema-generator';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { eventually } from '../protocol/eventually.ts';
import { IMAGINE, openRaw } from './ask.ts';
import type { GatewayPayloads } from './gateway-payloads.ts';
import type { DiscordServer } from './server.ts';

type EventName = keyof GatewayPayloads;
type Schema = { definitions: { [name: string]: { properties?: object } | undefined } };

let validators: Map<string, ValidateFunction>;
let server: DiscordServer | undefined;

beforeAll(() => {
  const schema = createGenerator({
    path: fileURLToPath(new URL('gateway-payloads.ts', import.meta.url)),
    skipTypeCheck: true,
    additionalProperties: true,
    jsDoc: 'none',
  }).createSchema('GatewayPayloads');
  const readable: Schema = JSON.parse(JSON.stringify(schema), (key, value) => {
    // Flags add up, and none of them is zero: the types list the single ones.
    if (key.endsWith('Flags') && typeof value === 'object' && ('enum' in value || 'const' in value))
      return { type: 'integer' };
    const isNever = typeof value === 'object' && Array.isArray(value?.enum) && value.enum.length === 0;
    return isNever ? { not: {} } : value;
  });
  const ajv = new Ajv({ strict: false });
  ajv.addSchema(readable, 'gateway');
  const names = Object.keys(readable.definitions['GatewayPayloads']?.properties ?? {});
  validators = new Map(
    names.map((name) => [name, ajv.compile({ $ref: `gateway#/definitions/GatewayPayloads/properties/${name}` })]),
  );
}, 120_000);

afterAll(() => server?.close());

it('every event of a day on a server', async () => {
  const opened = await openRaw({
    gateway: { privilegedIntents: GatewayIntentBits.GuildMembers },
    rateLimits: { routes: {} },
  });
  const { ask, ada, bob, guild, channel } = opened;
  server = opened.server;
  const heard: { t: EventName | null; d: unknown }[] = [];
  const socket = new WebSocket(`${server.api.replace('http', 'ws').replace('/api', '/gateway')}?v=10&encoding=json`);
  socket.on('message', (data) => heard.push(JSON.parse(String(data))));
  const intents = [0, 1, 9, 10, 12, 13].reduce((bits, bit) => bits | (1 << bit), 0);
  const properties = { os: 'linux', browser: 'test', device: 'test' };
  await new Promise((resolve) => socket.once('open', resolve));
  socket.send(JSON.stringify({ op: 2, d: { token: server.token, intents, properties } }));
  await eventually('the server', () => heard.some(({ t }) => t === 'GUILD_CREATE'));

  const application = server.world.application.id;
  const user = { type: 6, name: 'who', description: 'Whom' };
  const limits = { type: 1, name: 'limits', description: 'What is left', options: [user] };
  await ask(`PUT /applications/${application}/commands`, [
    IMAGINE,
    { name: 'easel', description: 'x', options: [limits] },
    { type: 3, name: 'Vary this' },
  ]);
  const last = (person = ada) => person.interactions.at(-1);
  const answer = (body: object, person = ada) =>
    ask(`POST /interactions/${last(person)?.id}/${last(person)?.token}/callback`, body);
  const thread = guild.addThread(channel, 'foxes', ada);
  const role = guild.addRole('painters', ['ManageMessages']);
  guild.giveRole(bob, role);
  guild.overwrite(channel, role, { allow: ['AttachFiles'] });

  for (const place of [channel, thread, ada.directChannel()]) {
    const shown = ada.slash(place, 'imagine', { prompt: 'a fox' });
    await answer({ type: 5, data: { flags: 64 } });
    await shown;
    const typed = ada.complete(place, 'imagine', { prompt: 'a f' }, 'prompt');
    await answer({ type: 8, data: { choices: [] } });
    await typed;
    const components = [
      { type: 1, components: [{ type: 2, style: 1, label: 'Again', custom_id: 'again', emoji: { name: '🔁' } }] },
      { type: 1, components: [{ type: 3, custom_id: 's', options: [{ label: 'One', value: '1' }] }] },
      { type: 1, components: [{ type: 5, custom_id: 'u' }] },
    ];
    const body = {
      content: `<@${ada.id}>`,
      embeds: [{ title: 'x', image: { url: 'attachment://fox.png' } }],
      components,
    };
    const { body: posted } = await ask(`POST /channels/${place}/messages`, body, { files: { 'fox.png': 10 } });
    const id = String(posted['id']);
    await ask(`PATCH /channels/${place}/messages/${id}`, { content: 'y' });
    const v2 = { flags: 1 << 15, components: [{ type: 17, components: [{ type: 10, content: 'x' }] }] };
    await ask(`POST /channels/${place}/messages`, v2);
    const pressed = ada.press(id, 'again');
    const field = { type: 4, custom_id: 'prompt', style: 2, value: 'a fox' };
    await answer({
      type: 9,
      data: { custom_id: 'f', title: 'Edit', components: [{ type: 18, label: 'P', component: field }] },
    });
    const form = await pressed;
    if (form.kind !== 'modal') throw new Error(form.kind);
    const sent = ada.submit(form.modal, { prompt: 'a cat' });
    await answer({ type: 4, data: { content: 'done' } });
    await sent;
    for (const [customId, value] of [
      ['s', '1'],
      ['u', bob.id],
    ] as const) {
      const chosen = ada.choose(id, customId, [value]);
      await answer({ type: 6 });
      await chosen;
    }
    const menu = ada.menu(id, 'Vary this');
    await answer({ type: 5 });
    await menu;
    ada.react(id, '⭐');
    ada.takeBack(id, '⭐');
    ada.say(place, 'darker', { replyTo: id });
    await ask(`DELETE /channels/${place}/messages/${id}`);
  }
  const asked = bob.slash(channel, 'easel limits', { who: ada.id });
  await answer({ type: 4, data: { content: 'x', flags: 64 } }, bob);
  await asked;
  guild.leave(bob);
  guild.join(bob);
  guild.deleteChannel(thread);
  guild.deleteChannel(guild.addChannel('short'));
  await eventually('the last of it', () => heard.some(({ t }) => t === 'CHANNEL_DELETE'));
  socket.close();

  const wrong = heard.flatMap(({ t, d }) => {
    const validate = validators.get(t ?? '');
    if (t === null) return [];
    if (validate === undefined) return [`${t} is not looked at`];
    const isRight: boolean = validate(d);
    return isRight ? [] : [`${t}: ${JSON.stringify(validate.errors)} in ${JSON.stringify(d)}`];
  });
  expect(wrong).toEqual([]);
  expect([...validators.keys()].filter((name) => !heard.some(({ t }) => t === name))).toEqual([]);
  expect(server.violations).toEqual([]);
  expect(server.faultsOfItsOwn).toEqual([]);
}, 120_000);
