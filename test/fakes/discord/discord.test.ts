// The real discord.js against this server: connects, draws, listens, breaks off and comes back, waits when it is told to.

import {
  ActionRowBuilder,
  ButtonBuilder,
  ButtonStyle,
  Client,
  type ClientOptions,
  Events,
  GatewayIntentBits,
  type Interaction,
  LabelBuilder,
  MessageFlags,
  ModalBuilder,
  Partials,
  type SendableChannels,
  TextInputBuilder,
  TextInputStyle,
} from 'discord.js';
import sharp from 'sharp';
import { afterEach, expect, it, vi } from 'vitest';
import { eventually } from '../protocol/eventually.ts';
import { type DiscordServer, type DiscordServerOptions, startDiscordServer } from './server.ts';

vi.setConfig({ testTimeout: 60_000 });

let server: DiscordServer;
let client: Client;

async function open(options: DiscordServerOptions = {}, clientOptions: Partial<ClientOptions> = {}) {
  server = await startDiscordServer({ patience: 10, ...options });
  client = new Client({
    intents: [
      GatewayIntentBits.Guilds,
      GatewayIntentBits.GuildMessages,
      GatewayIntentBits.DirectMessages,
      GatewayIntentBits.GuildMessageReactions,
      GatewayIntentBits.DirectMessageReactions,
    ],
    partials: [Partials.Channel, Partials.Message, Partials.Reaction, Partials.User],
    ...clientOptions,
    rest: { api: server.api, ...clientOptions.rest },
  });
  const ada = server.person('ada');
  const bob = server.person('bob');
  const guild = server.guild('Foxes', [ada, bob]);
  const channel = guild.addChannel('pictures');
  return { ada, bob, guild, channel };
}

async function login(): Promise<Client<true>> {
  const ready = new Promise<Client<true>>((resolve) => client.once(Events.ClientReady, resolve));
  await client.login(server.token);
  return ready;
}

async function place(id: string): Promise<SendableChannels> {
  const channel = await client.channels.fetch(id);
  if (channel === null || !channel.isSendable()) throw new Error('no channel');
  return channel;
}

/** Answers interactions; what it throws fails the test. */
function onInteraction(answer: (interaction: Interaction) => Promise<unknown>): void {
  client.on(Events.InteractionCreate, (interaction) => {
    answer(interaction).catch((error: unknown) => server.record.violation(String(error)));
  });
}

afterEach(async () => {
  await client.destroy();
  await server.close();
  expect(server.violations).toEqual([]);
  expect(server.faultsOfItsOwn).toEqual([]);
  expect(server.faults.unused()).toEqual([]);
});

const png = (background: string) =>
  sharp({ create: { width: 12, height: 8, channels: 3, background } })
    .png()
    .toBuffer();

it('a slash command is deferred and answered; a message is posted and edited with a picture', async () => {
  const { ada, bob, channel } = await open();
  const bot = await login();
  await bot.application.commands.set([
    {
      name: 'imagine',
      description: 'Draws it',
      options: [{ type: 3, name: 'prompt', description: 'What', required: true }],
    },
  ]);
  onInteraction(async (interaction) => {
    if (!interaction.isChatInputCommand()) return;
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    const prompt = interaction.options.getString('prompt', true);
    const message = await (await place(channel)).send({
      content: 'Queued',
      nonce: '7',
      enforceNonce: true,
      allowedMentions: { parse: [] },
    });
    await message.edit({
      content: `Here is ${prompt}`,
      files: [{ attachment: await png('red'), name: 'fox.png', description: 'A fox' }],
    });
    await interaction.editReply('On its way');
  });
  expect(await ada.slash(channel, 'imagine', { prompt: 'a fox' })).toMatchObject({
    kind: 'deferred',
    isEphemeral: true,
  });
  await eventually('the answer', () => ada.see(channel).some(({ content }) => content === 'On its way'));
  expect(bob.see(channel)).toMatchObject([
    {
      content: 'Here is a fox',
      isEdited: true,
      attachments: [{ name: 'fox.png', widthPx: 12, heightPx: 8 }],
      alts: ['A fox'],
    },
  ]);
});

it('a button opens a form, whose words change the message it was pressed in', async () => {
  const { bob, channel } = await open();
  await login();
  const again = new ButtonBuilder()
    .setCustomId('again')
    .setLabel('Again')
    .setEmoji('🔁')
    .setStyle(ButtonStyle.Secondary);
  const row = new ActionRowBuilder<ButtonBuilder>().addComponents(again);
  const { id } = await (await place(channel)).send({ content: 'a fox', components: [row] });
  onInteraction(async (interaction) => {
    if (interaction.isButton()) {
      const input = new TextInputBuilder().setCustomId('prompt').setStyle(TextInputStyle.Paragraph).setValue('a fox');
      const label = new LabelBuilder().setLabel('Prompt').setTextInputComponent(input);
      await interaction.showModal(new ModalBuilder().setCustomId('form').setTitle('Edit').addLabelComponents(label));
    }
    if (interaction.isModalSubmit() && interaction.isFromMessage())
      await interaction.update(interaction.fields.getTextInputValue('prompt'));
  });
  const shown = await bob.press(id, 'again');
  if (shown.kind !== 'modal') throw new Error(shown.kind);
  expect(await bob.submit(shown.modal, { prompt: 'a cat' })).toEqual({ kind: 'update' });
  expect(bob.see(channel)).toMatchObject([{ id, content: 'a cat', buttons: [{ label: 'Again', emoji: '🔁' }] }]);
});

it('reactions come with who and on whose message, and are heard when taken back, on messages never seen before', async () => {
  const { bob, channel } = await open();
  await login();
  const { id } = await (await place(channel)).send('a fox');
  for (const cached of client.channels.cache.values()) if ('messages' in cached) cached.messages.cache.clear();
  const heard: string[] = [];
  client.on(Events.MessageReactionAdd, ({ emoji, message }, user) =>
    heard.push(`+${emoji.name} ${message.id} ${user.id}`),
  );
  client.on(Events.MessageReactionRemove, ({ emoji, message }, user) =>
    heard.push(`-${emoji.name} ${message.id} ${user.id}`),
  );
  bob.react(id, '🔁');
  bob.takeBack(id, '🔁');
  await eventually('both', () => heard.length === 2);
  expect(heard).toEqual([`+🔁 ${id} ${bob.id}`, `-🔁 ${id} ${bob.id}`]);
});

it('a direct message arrives, and who takes none says so by its code', async () => {
  const { ada, bob } = await open();
  await login();
  await (await client.users.fetch(ada.id)).send('for you');
  expect(ada.inbox()).toMatchObject([{ content: 'for you' }]);
  bob.setDmsClosed(true);
  await expect((await client.users.fetch(bob.id)).send('x')).rejects.toMatchObject({ code: 50_007 });
});

it('a reply to a picture is read, since it names the bot', async () => {
  const { ada, channel } = await open();
  await login();
  const { id } = await (await place(channel)).send('a fox');
  const read = new Promise<[string, string | undefined]>((resolve) => {
    client.on(Events.MessageCreate, ({ content, reference, author }) => {
      if (!author.bot) resolve([content, reference?.messageId]);
    });
  });
  ada.say(channel, 'darker', { replyTo: id });
  expect(await read).toEqual(['darker', id]);
});

it.each([
  ['is asked to come back', () => server.gateway.askToReconnect()],
  ['is dropped without a word', () => server.gateway.drop()],
  ['is closed with 4000', () => server.gateway.drop(4000)],
  ['is told that its session is over but good', () => server.gateway.invalidate(true)],
])('a bot that %s resumes and misses nothing', async (_how, trouble) => {
  const { ada, channel } = await open();
  await login();
  const heard: string[] = [];
  client.on(Events.MessageCreate, ({ content }) => heard.push(content));
  trouble();
  const mention = `<@${server.world.bot.id}>`;
  ada.say(channel, `${mention} one`);
  await eventually('a resume', () => server.gateway.resumes === 1);
  ada.say(channel, `${mention} two`);
  await eventually('both', () => heard.length === 2);
  expect(heard).toEqual([`${mention} one`, `${mention} two`]);
  expect(server.gateway.starts).toBe(1);
});

it('a bot whose session is over identifies again', async () => {
  await open();
  await login();
  server.gateway.invalidate(false);
  await eventually('a second start', () => server.gateway.starts === 2);
});

it('a connection that is half open is found out by its heartbeats, and resumed', async () => {
  await open({ gateway: { heartbeatIntervalMs: 150 } });
  await login();
  server.gateway.holdAcknowledgements(true);
  await eventually('another connection', () => server.gateway.resumes > 0);
  server.gateway.holdAcknowledgements(false);
  await eventually('a beat', () => server.gateway.beats > 2);
});

it('a bot comes back by itself when Discord was gone for a while', async () => {
  const { ada, channel } = await open();
  await login();
  const heard: string[] = [];
  client.on(Events.MessageCreate, ({ content }) => heard.push(content));
  client.on(Events.Error, () => undefined);
  let tries = 0;
  client.on(Events.ShardReconnecting, () => {
    tries += 1;
  });
  server.cut();
  await eventually('a try in vain', () => tries > 1);
  server.restore();
  await eventually('a connection', () => [...server.gateway.sessions.values()].some(({ socket }) => socket !== null));
  ada.say(channel, `<@${server.world.bot.id}> hello`);
  await eventually('the message', () => heard.length > 0);
});

it('frames that are no JSON are passed over', async () => {
  const { ada, channel } = await open();
  await login();
  server.gateway.sendRaw('{"op":');
  server.gateway.sendRaw(Buffer.from([1, 2, 3]));
  const heard = new Promise((resolve) => client.once(Events.MessageCreate, resolve));
  ada.say(channel, 'hello');
  await heard;
});

it('a wrong token ends the login, and is not tried again', async () => {
  await open();
  await expect(client.login('a.wrong.token')).rejects.toMatchObject({ code: 'TokenInvalid' });
  expect(server.gateway.starts).toBe(0);
});

it('a bot waits as long as it is told, for its route and for all of them, and loses nothing', async () => {
  const { bob, channel } = await open();
  await login();
  const waits: [string, boolean][] = [];
  client.rest.on('rateLimited', ({ scope, global }) => waits.push([scope, global]));
  const post = 'POST /channels/:id/messages';
  server.faults.plan({ on: post, times: 2, fault: { kind: 'rateLimit', scope: 'route', retryAfterMs: 60 } });
  const where = await place(channel);
  await where.send('one');
  server.faults.plan({ on: post, fault: { kind: 'rateLimit', scope: 'global', retryAfterMs: 60 } });
  await where.send('two');
  server.faults.plan({ on: post, fault: { kind: 'answer', answer: { status: 502, body: 'Bad gateway' } } });
  await where.send('three');
  expect(bob.see(channel).map(({ content }) => content)).toEqual(['one', 'two', 'three']);
  expect(waits.some(([, isGlobal]) => isGlobal)).toBe(true);
});

it('a post whose answer was lost is posted once, by its nonce', async () => {
  const { bob, channel } = await open();
  await login();
  const where = await place(channel);
  server.faults.plan({ on: 'POST /channels/:id/messages', fault: { kind: 'loseAnswer' } });
  const post = async () => (await where.send({ content: 'a fox', nonce: 'fox', enforceNonce: true })).id;
  const id = await post().catch(post);
  expect(bob.see(channel)).toMatchObject([{ id }]);
});

it('shards by itself when the gateway recommends it', async () => {
  const { ada, guild, channel } = await open({ gateway: { shards: 2, maxConcurrency: 2 } }, { shards: 'auto' });
  await login();
  expect(server.gateway.sessions.size).toBe(2);
  const shards: number[] = [];
  client.on(Events.MessageCreate, (message) => shards.push(message.guild?.shardId ?? 0));
  ada.say(channel, 'hello');
  ada.say(ada.directChannel(), 'hello');
  await eventually('both', () => shards.length === 2);
  expect(shards[0]).toBe(Number((BigInt(guild.id) >> 22n) % 2n));
});

it('news of servers: a channel goes, the bot is thrown out, an outage comes and goes', async () => {
  const { guild, channel } = await open();
  await login();
  const heard: string[] = [];
  client.on(Events.ChannelDelete, ({ id }) => heard.push(`channel ${id}`));
  client.on(Events.GuildUnavailable, ({ id }) => heard.push(`away ${id}`));
  client.on(Events.GuildAvailable, ({ id }) => heard.push(`back ${id}`));
  client.on(Events.GuildDelete, ({ id }) => heard.push(`left ${id}`));
  client.on(Events.GuildCreate, ({ id }) => heard.push(`joined ${id}`));
  guild.deleteChannel(channel);
  guild.setOutage(true);
  guild.setOutage(false);
  guild.kickBot();
  guild.inviteBot();
  await eventually('all of it', () => heard.length === 5);
  expect(heard).toEqual([
    `channel ${channel}`,
    `away ${guild.id}`,
    `back ${guild.id}`,
    `left ${guild.id}`,
    `joined ${guild.id}`,
  ]);
});
