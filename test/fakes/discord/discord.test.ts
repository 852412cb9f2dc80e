// The real discord.js against this server, from its first connection to an edited picture.

import { Client, Events, GatewayIntentBits, MessageFlags, Partials } from 'discord.js';
import sharp from 'sharp';
import { afterEach, expect, it } from 'vitest';
import { eventually } from '../protocol/eventually.ts';
import { type DiscordServer, type DiscordServerOptions, startDiscordServer } from './server.ts';

let server: DiscordServer;
let client: Client;

async function open(options: DiscordServerOptions = {}) {
  server = await startDiscordServer(options);
  client = new Client({
    rest: { api: server.api },
    intents: [
      GatewayIntentBits.Guilds,
      GatewayIntentBits.GuildMessages,
      GatewayIntentBits.DirectMessages,
      GatewayIntentBits.GuildMessageReactions,
      GatewayIntentBits.DirectMessageReactions,
    ],
    partials: [Partials.Channel, Partials.Message, Partials.Reaction, Partials.User],
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

afterEach(async () => {
  await client.destroy();
  await server.close();
  expect(server.violations).toEqual([]);
  expect(server.faultsOfItsOwn).toEqual([]);
});

const png = (colour: string) =>
  sharp({ create: { width: 12, height: 8, channels: 3, background: colour } })
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
  client.on(Events.InteractionCreate, async (interaction) => {
    if (!interaction.isChatInputCommand()) return;
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    const prompt = interaction.options.getString('prompt', true);
    const place = await client.channels.fetch(channel);
    if (place === null || !place.isSendable()) throw new Error('no channel');
    const message = await place.send({
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
  const [message] = bob.see(channel);
  const fetched = await (await client.channels.fetch(channel))?.fetch();
  expect(fetched?.id).toBe(message?.channelId);
});
