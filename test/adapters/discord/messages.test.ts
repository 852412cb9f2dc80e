// Messages on Discord against the contract, and what only Discord does.

import { REST } from 'discord.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDiscordMessages, type DiscordMessages } from '../../../adapters/discord/discord-messages.ts';
import { createEditPace } from '../../../adapters/discord/edit-pace.ts';
import { writeTarget } from '../../../adapters/discord/target.ts';
import type { View } from '../../../src/conversation/view.ts';
import { answerView, emptyView } from '../../../src/conversation/views.ts';
import { newGenerationId } from '../../../src/store/generation-id.ts';
import type { Scope } from '../../../src/store/records.ts';
import { messagesContract } from '../../contracts/messages.ts';
import type { GuildHandle } from '../../fakes/discord/host.ts';
import type { Person } from '../../fakes/discord/person.ts';
import { type DiscordServer, startDiscordServer } from '../../fakes/discord/server.ts';

type Place = {
  server: DiscordServer;
  messages: DiscordMessages;
  scope: Scope;
  ada: Person;
  guild: GuildHandle;
  channel: string;
};

async function openPlace(): Promise<Place> {
  const server = await startDiscordServer({ rateLimits: { routes: {} } });
  const owner = server.person('owner');
  const ada = server.person('ada');
  const guild = server.guild('Foxes', [owner, ada]);
  const channel = guild.addChannel('pictures');
  const messages = createDiscordMessages({
    rest: new REST({ api: server.api }).setToken(server.token),
    pace: createEditPace(),
    self: async () => ({ userId: server.world.bot.id, applicationId: server.world.application.id }),
    isRefused: () => false,
    onTrouble: () => {},
  });
  return {
    ...{ server, messages, ada, guild, channel },
    scope: { platform: 'discord', tenant: guild.id, channel, user: ada.id, roles: [] },
  };
}

let contract: Place;
let closed: Person;
messagesContract('Discord', {
  async open() {
    contract = await openPlace();
    const { server, messages, scope } = contract;
    closed = server.person('closed');
    const direct: DiscordMessages['direct'] = (person, view, signal) =>
      messages.direct({ ...person, user: person.user === 'closed' ? closed.id : person.user }, view, signal);
    return { messages: { ...messages, direct }, scope };
  },
  async read(_channel, messageId) {
    return contract.server.world.messages.get(messageId)?.content ?? null;
  },
  async deleteOutside(_channel, messageId) {
    contract.guild.deleteMessage(messageId);
  },
  async closeDirect() {
    closed.setDmsClosed(true);
  },
  async dispose() {
    const { server, messages } = contract;
    messages.close();
    await server.close();
    expect(server.violations).toEqual([]);
  },
});

describe('messages of Discord', () => {
  let place: Place;
  beforeAll(async () => {
    place = await openPlace();
  });
  afterAll(async () => {
    place.messages.close();
    await place.server.close();
    expect(place.server.violations).toEqual([]);
  });
  const newId = () => newGenerationId(Date.now());
  const addressOf = (channel = place.channel, target = {}) =>
    ({ kind: 'channel', platform: 'discord', tenant: place.guild.id, channel, target }) as const;
  const viewOf = (generationId: string, change: Partial<View> = {}): View => ({
    ...answerView('Hello', 'en'),
    generationId,
    ...change,
  });
  const seen = (channel = place.channel) => place.ada.see(channel);

  it('are posted once, however often', async () => {
    const id = newId();
    const first = await place.messages.post(addressOf(), viewOf(id));
    expect(await place.messages.post(addressOf(), viewOf(id))).toEqual(first);
    expect(seen().filter(({ text }) => text.includes(id))).toHaveLength(1);
  });

  it('are posted anew after somebody deleted them, though Discord remembers the first', async () => {
    const id = newId();
    const first = await place.messages.post(addressOf(), viewOf(id));
    place.guild.deleteMessage(first.messageId);
    await expect(place.messages.edit(first, viewOf(id, { kind: 'result' }))).rejects.toMatchObject({
      code: 'ADAPTER_MESSAGE_GONE',
    });
    const second = await place.messages.post(addressOf(), viewOf(id));
    expect(second.messageId).not.toBe(first.messageId);
    expect(seen().some((message) => message.id === second.messageId)).toBe(true);
  });

  it('go into the thread that was asked in', async () => {
    const thread = place.guild.addThread(place.channel, 'foxes', place.ada);
    const id = newId();
    const target = writeTarget({ thread });
    const ref = await place.messages.post(addressOf(place.channel, target), viewOf(id));
    expect(ref.channel).toBe(thread);
    expect(await place.messages.find(addressOf(place.channel, target), id)).toEqual(ref);
  });

  it('are found behind many others', async () => {
    const busy = place.guild.addChannel('busy');
    const id = newId();
    for (let count = 0; count < 120; count += 1) place.ada.say(busy, `chatter ${count}`);
    const ref = await place.messages.post(addressOf(busy), viewOf(id));
    for (let count = 0; count < 120; count += 1) place.ada.say(busy, `more ${count}`);
    expect(await place.messages.find(addressOf(busy), id)).toEqual(ref);
  });

  it("are not taken for somebody's who writes an id of ours", async () => {
    const id = newId();
    place.ada.say(place.channel, `\`${id}\``);
    await place.messages.post(addressOf(), viewOf(newId(), { prompt: `\`${id}\``, user: place.ada.id }));
    expect(await place.messages.find(addressOf(), id)).toBeNull();
  });

  it('say by their code that the channel is gone, or not ours to write in', async () => {
    const quiet = place.guild.addChannel('quiet');
    place.guild.overwrite(quiet, 'bot', { deny: ['SendMessages'] });
    const gone = place.guild.addChannel('gone');
    place.guild.deleteChannel(gone);
    for (const channel of [quiet, gone]) {
      await expect(place.messages.post(addressOf(channel), viewOf(newId()))).rejects.toMatchObject({
        code: 'ADAPTER_CHANNEL_GONE',
      });
    }
    expect(await place.messages.find(addressOf(gone), newId())).toBeNull();
  });

  it('ping one person alone, once', async () => {
    const ref = await place.messages.post(addressOf(), viewOf(newId()));
    const person = { platform: 'discord', tenant: place.guild.id, user: place.ada.id };
    await place.messages.ping(ref, person, answerView('Your picture is there, @everyone', 'en'));
    await place.messages.ping(ref, person, answerView('Your picture is there, @everyone', 'en'));
    const pings = seen().filter(({ replyTo }) => replyTo === ref.messageId);
    expect(pings).toHaveLength(1);
    expect(pings[0]).toMatchObject({ isPing: true });
    expect(place.server.world.messages.get(pings[0]?.id ?? '')?.mentions).toEqual([place.ada.id]);
  });

  it('get a mark, once, where nothing can be told', async () => {
    const ref = await place.messages.post(addressOf(), viewOf(newId()));
    await place.messages.warn(ref);
    await place.messages.warn(ref);
    expect(seen().find(({ id }) => id === ref.messageId)?.reactions).toEqual({ '⚠️': 1 });
  });

  it('show a smaller picture where theirs is refused, and say so where none fits', async () => {
    const sharp = (await import('sharp')).default;
    const noise = Buffer.from(Array.from({ length: 300 * 300 * 3 }, (_, at) => (at * 7_919) % 256));
    const bytes = await sharp(noise, { raw: { width: 300, height: 300, channels: 3 } })
      .png()
      .toBuffer();
    const image = {
      ...{ bytes, format: 'png' as const, mediaType: 'image/png' as const, fileName: 'easel.png' },
      ...{ widthPx: 300, heightPx: 300, alt: 'a fox', blobKeys: [] },
    } as const;
    const view = (id: string): View => ({ ...emptyView('result', 'en'), heading: 'Done', generationId: id, image });
    place.guild.setUploadLimit(Math.floor(bytes.length * 0.6));
    const first = await place.messages.post(addressOf(), view(newId()));
    const shown = seen().find(({ id }) => id === first.messageId);
    expect(shown?.attachments[0]?.bytes.length).toBeLessThan(bytes.length);
    expect(shown?.alts).toEqual(['a fox']);
    place.guild.setUploadLimit(10);
    const second = await place.messages.post(addressOf(), view(newId()));
    const other = seen().find(({ id }) => id === second.messageId);
    expect(other?.attachments).toEqual([]);
    expect(other?.text).toContain('larger than this server takes');
    place.guild.setUploadLimit(10 * 1024 * 1024);
  });
});
