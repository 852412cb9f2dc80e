// Each reaction, the menus of a message, and replies: what asks without a button.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Shown } from '../../contracts/stories.ts';
import type { Person } from '../../fakes/discord/person.ts';
import type { SeenMessage } from '../../fakes/discord/seen.ts';
import { eventually } from '../../fakes/protocol/eventually.ts';
import { type DiscordStage, openStage } from './stage.ts';

const PATIENCE_MS = 60_000;

describe('asking without a button', () => {
  let stage: DiscordStage;
  let ada: Person;
  let bob: Person;
  beforeAll(async () => {
    stage = await openStage({ server: { rateLimits: { routes: {} } } });
    ada = stage.adaPerson;
    bob = stage.bobPerson;
  }, 120_000);
  afterAll(() => stage.close(), 60_000);

  const look = (person = ada, channel = stage.channel) => stage.player(person, channel).look();
  const find = (prompt: string, isSo: (message: Shown) => boolean, person = ada): Promise<Shown> =>
    eventually(`“${prompt}”`, async () => (await look(person)).find((each) => each.prompt === prompt && isSo(each)));

  async function draw(prompt: string, count = 1): Promise<Shown> {
    await ada.slash(stage.channel, 'imagine', { prompt, count });
    return find(prompt, ({ state }) => state === 'result');
  }
  const childOf = (parent: Shown, isSo: (message: Shown) => boolean = () => true): Promise<Shown> =>
    find(parent.prompt, (each) => each.id !== parent.id && each.state === 'result' && isSo(each));
  const whispered = (person: Person, words: string): Promise<SeenMessage> =>
    eventually(`“${words}”`, () =>
      person
        .see(stage.channel)
        .findLast(({ isEphemeral, isThinking, text }) => isEphemeral && !isThinking && text.includes(words)),
    );

  it('🔁 draws the same words again, for who reacted', async () => {
    const first = await draw('a fox');
    bob.react(first.id, '🔁');
    expect(await childOf(first)).toMatchObject({ author: 'bob', madeFrom: 'Rolled again' });
  });

  it('a number varies that picture, strongly unless a setting says subtly', async () => {
    const first = await draw('a sheet of foxes', 4);
    bob.react(first.id, '2️⃣');
    expect((await childOf(first)).madeFrom).toBe('Variations of picture 2');
  });

  it('⬆️ and then a number by the same person upscales it; on a single picture ⬆️ alone does', async () => {
    const first = await draw('a sheet of hares', 4);
    ada.react(first.id, '⬆️');
    bob.react(first.id, '1️⃣');
    await childOf(first, ({ madeFrom }) => madeFrom === 'Variations of picture 1');
    ada.react(first.id, '3️⃣');
    await childOf(first, ({ madeFrom }) => madeFrom?.startsWith('Picture 3 at twice the size') === true);
    const single = await draw('one hare');
    bob.react(single.id, '⬆️');
    await childOf(single, ({ madeFrom }) => madeFrom?.startsWith('Picture 1 at twice the size') === true);
  });

  it('✉️ sends it to who reacted, and closed direct messages are said by a mark', async () => {
    const first = await draw('a letter');
    bob.react(first.id, '✉️');
    await eventually('a copy', () => bob.inbox().find(({ text }) => text.includes('a letter')));
    bob.setDmsClosed(true);
    const second = await draw('another letter');
    bob.react(second.id, '✉️');
    await eventually('a mark', () => ada.see(stage.channel).find(({ id }) => id === second.id)?.reactions['⚠️'] === 1);
    bob.setDmsClosed(false);
  });

  it('❌ cancels what is being drawn and deletes what is done, for its author; others are told why not', async () => {
    await stage.hold();
    await ada.slash(stage.channel, 'imagine', { prompt: 'a slow fox', count: 1 });
    const painting = await find('a slow fox', ({ state }) => state === 'painting');
    ada.react(painting.id, '❌');
    await find('a slow fox', ({ state }) => state === 'cancelled');
    await stage.release();
    const done = await draw('a fast fox');
    bob.react(done.id, '❌');
    await eventually('told why', () => bob.inbox().find(({ text }) => text.includes('Only its author or a moderator')));
    ada.react(done.id, '❌');
    await eventually('gone', () => !stage.server.world.messages.has(done.id));
  });

  it('⭐ keeps it: a copy in the gallery, with credit and a link, gone when nobody keeps it any more', async () => {
    const gallery = stage.guild.addChannel('gallery');
    const owner = stage.owner;
    await owner.slash(stage.channel, 'easel-admin gallery', { channel: gallery });
    const first = await draw('a star fox');
    bob.react(first.id, '⭐');
    const copy = await eventually('a copy', () => owner.see(gallery).find(({ isFromBot }) => isFromBot));
    expect(copy.attachments).toHaveLength(1);
    expect(copy.content).toContain(`<@${ada.id}>`);
    expect(copy.isPing).toBe(false);
    expect(copy.buttons.find(({ url }) => url !== null)?.url).toBe(
      `https://discord.com/channels/${stage.guild.id}/${stage.channel}/${first.id}`,
    );
    bob.takeBack(first.id, '⭐');
    await eventually('no copy', () => owner.see(gallery).every(({ isFromBot }) => !isFromBot));
  });

  it('a reaction taken back at once takes its request back', async () => {
    const first = await draw('a shy fox');
    await stage.hold();
    bob.react(first.id, '🔁');
    const child = await find('a shy fox', ({ state }) => state === 'painting' || state === 'queued');
    bob.takeBack(first.id, '🔁');
    await find('a shy fox', ({ id, state }) => id === child.id && state === 'cancelled');
    await stage.release();
  });

  it('reactions in other words, of the bot itself, and on messages of others ask for nothing', async () => {
    const first = await draw('a quiet fox');
    const chatter = bob.say(stage.channel, 'nice one');
    ada.react(chatter, '🔁');
    ada.react(first.id, '👍');
    await draw('a fox after that');
    expect((await look()).filter(({ prompt }) => prompt === 'a quiet fox')).toHaveLength(1);
  });

  it('“Vary this” varies a single picture at once, and asks which one of a sheet', async () => {
    const single = await draw('a menu fox');
    await bob.menu(single.id, 'Vary this');
    await childOf(single, ({ author, madeFrom }) => author === 'bob' && madeFrom?.startsWith('Variations') === true);
    const sheet = await draw('a menu sheet', 4);
    await bob.menu(sheet.id, 'Vary this');
    const question = await whispered(bob, 'Which one shall be varied?');
    const second = question.buttons.find(({ label }) => label === 'V2');
    await bob.press(question.id, second?.customId ?? '');
    await childOf(sheet, ({ madeFrom }) => madeFrom === 'Variations of picture 2');
  });

  it('“Prompt and seed” says both as they can be typed again; “Delete” deletes', async () => {
    await ada.slash(stage.channel, 'imagine', { prompt: 'a known fox', count: 1, seed: 42 });
    const done = await find('a known fox', ({ state }) => state === 'result');
    await bob.menu(done.id, 'Prompt and seed');
    expect((await whispered(bob, 'seed 42')).text).toContain('a known fox');
    await bob.menu(done.id, 'Delete');
    await whispered(bob, 'Only its author or a moderator');
    await ada.menu(done.id, 'Delete');
    await eventually('gone', () => !stage.server.world.messages.has(done.id));
  });

  it('the menus know a picture that was told by a token alone', async () => {
    const elsewhere = stage.server.guild('Elsewhere', [stage.owner, ada], { hasBot: false });
    const channel = elsewhere.addChannel('general');
    ada.installApp();
    await ada.slash(channel, 'imagine', { prompt: 'a guest fox', count: 1 });
    const done = await eventually('the picture', async () =>
      (await look(ada, channel)).find(({ prompt, state }) => prompt === 'a guest fox' && state === 'result'),
    );
    await ada.menu(done.id, 'Prompt and seed');
    await eventually('the seed', () =>
      ada.see(channel).find(({ isEphemeral, text }) => isEphemeral && text.includes('a guest fox')),
    );
  });

  it('a reply that mentions the bot changes the words, as a child; without a mention it is chatter', async () => {
    const first = await draw('a red fox');
    bob.say(stage.channel, 'so blue instead of red', { replyTo: first.id, isPing: false });
    bob.say(stage.channel, `<@${stage.server.world.bot.id}> blue instead of red`, { replyTo: first.id, isPing: false });
    const child = await find('a blue fox', ({ state }) => state === 'result');
    expect(child).toMatchObject({ author: 'bob' });
    expect((await look()).filter(({ prompt }) => prompt.includes('blue'))).toHaveLength(1);
  });

  it(
    'works on messages from before a restart',
    async () => {
      const old = await draw('an old fox');
      await stage.restart();
      bob.react(old.id, '🔁');
      await childOf(old, ({ author }) => author === 'bob');
      await bob.menu(old.id, 'Prompt and seed');
      await whispered(bob, 'an old fox');
    },
    PATIENCE_MS,
  );
});
