// Where Easel is asked, and how: each control as a button, menus, replies, threads, forums, direct channels, other people's servers.

import { ChannelType } from 'discord-api-types/v10';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Shown } from '../../contracts/stories.ts';
import type { Person } from '../../fakes/discord/person.ts';
import type { SeenMessage } from '../../fakes/discord/seen.ts';
import { eventually } from '../../fakes/protocol/eventually.ts';
import { type DiscordStage, openStage } from './stage.ts';

describe('Easel on Discord', () => {
  let stage: DiscordStage;
  let ada: Person;
  let bob: Person;
  beforeAll(async () => {
    stage = await openStage({ server: { rateLimits: { routes: {} } } });
    ada = stage.adaPerson;
    bob = stage.bobPerson;
  }, 120_000);
  afterAll(() => stage.close(), 60_000);

  const shown = (channel: string, prompt: string, person = ada): Promise<Shown> =>
    eventually(`“${prompt}”`, async () =>
      (await stage.player(person, channel).look()).find((each) => each.prompt === prompt && each.state === 'result'),
    );
  const whispers = (person: Person, channel: string): readonly SeenMessage[] =>
    person.see(channel).filter(({ isEphemeral, isThinking }) => isEphemeral && !isThinking);
  const whispered = (person: Person, words: string | RegExp, channel = stage.channel): Promise<SeenMessage> =>
    eventually(`“${words}” for ${person.name}`, () =>
      whispers(person, channel).findLast(({ text }) =>
        typeof words === 'string' ? text.includes(words) : words.test(text),
      ),
    );

  it('draws in threads, in posts of forums and in direct channels', async () => {
    const forum = stage.guild.addChannel('forum', { type: ChannelType.GuildForum });
    const places = [
      stage.guild.addThread(stage.channel, 'a thread', ada),
      stage.guild.addThread(forum, 'a post', ada),
      ada.directChannel(),
    ];
    for (const [at, place] of places.entries()) {
      const prompt = `a fox ${['one', 'two', 'three'][at]}`;
      await ada.slash(place, 'imagine', { prompt: `${prompt} --n 1` });
      const done = await shown(place, prompt);
      expect(stage.server.world.messages.get(done.id)?.channelId).toBe(place);
      // The public message is all there is to see: "thinking" went.
      expect(whispers(ada, place)).toEqual([]);
    }
  });

  it('takes options of the command as it takes flags', async () => {
    await ada.slash(stage.channel, 'imagine', { prompt: 'a blue dog', count: 2, seed: 7, style: 'flat' });
    const done = await shown(stage.channel, 'a blue dog');
    expect(done.pictures).toBe(2);
    const { content } = stage.server.world.messages.get(done.id) ?? { content: '' };
    expect(content).toContain('Seed: 7');
    expect(content).toContain('flat');
  });

  it('answers in the person’s language', async () => {
    const mei = stage.server.person('mei', { locale: 'zh-CN' });
    stage.guild.join(mei);
    await mei.slash(stage.channel, 'imagine', { prompt: 'a fox --seed x' });
    await whispered(mei, '未接受');
  });

  it('says the missing permission before anything is drawn', async () => {
    const closed = stage.guild.addChannel('closed');
    stage.guild.overwrite(closed, 'bot', { deny: ['AttachFiles', 'SendMessages'] });
    await ada.slash(closed, 'imagine', { prompt: 'a secret fox' });
    const told = await whispered(ada, /Send Messages.*Attach Files/u, closed);
    expect(told.isEphemeral).toBe(true);
    expect(stage.server.world.messages.size).toBeGreaterThan(0);
    await ada.slash(stage.channel, 'easel history');
    await whispered(ada, 'latest pictures');
    expect(whispers(ada, stage.channel).some(({ text }) => text.includes('a secret fox'))).toBe(false);
  });

  it('sends what is private by direct message, and says so where that is closed, before it is drawn', async () => {
    await bob.slash(stage.channel, 'imagine', { prompt: 'a private dog', count: 1, private: true });
    await whispered(bob, 'direct message');
    await shown(stage.channel, 'a private dog', bob);
    expect(ada.see(stage.channel).some(({ text }) => text.includes('a private dog'))).toBe(false);
    bob.setDmsClosed(true);
    await bob.slash(stage.channel, 'imagine', { prompt: 'another private dog', count: 1, private: true });
    await whispered(bob, 'You take no direct messages from me');
    await bob.press((await shownAny('a private cat', 1)).id, await buttonOf('a private cat', 'direct'));
    await eventually(
      'told twice',
      () =>
        whispers(bob, stage.channel).filter(({ text }) => text.includes('You take no direct messages from me'))
          .length >= 2,
    );
    bob.setDmsClosed(false);
  });

  /** Drawn for ada in the channel, once. */
  async function shownAny(prompt: string, count: number): Promise<Shown> {
    const all = await stage.player(ada).look();
    const known = all.find((each) => each.prompt === prompt && each.state === 'result');
    if (known !== undefined) return known;
    await ada.slash(stage.channel, 'imagine', { prompt, count });
    return shown(stage.channel, prompt);
  }

  async function buttonOf(prompt: string, kind: string): Promise<string> {
    const { id } = await shownAny(prompt, 1);
    const message = ada.see(stage.channel).find((each) => each.id === id);
    return message?.buttons.find(({ customId }) => customId?.startsWith(`easel:${kind}:`) === true)?.customId ?? '';
  }

  it('lets its author or a moderator delete, nobody else', async () => {
    const { id } = await shownAny('a green fox', 1);
    await bob.press(id, await buttonOf('a green fox', 'remove'));
    await whispered(bob, 'Only its author or a moderator');
    const moderators = stage.guild.addRole('Moderators', ['ManageMessages']);
    stage.guild.giveRole(bob, moderators);
    await bob.press(id, await buttonOf('a green fox', 'remove'));
    await eventually('gone', () => !stage.server.world.messages.has(id));
    stage.guild.takeRole(bob, moderators);
  });

  it('draws as an app that a person brought along: by its token, which it says, and then by direct message', async () => {
    const elsewhere = stage.server.guild('Elsewhere', [stage.owner, ada], { hasBot: false });
    const channel = elsewhere.addChannel('general');
    ada.installApp();
    await ada.slash(channel, 'imagine', { prompt: 'a travelling fox', count: 1 });
    await whispered(ada, 'for 15 minutes only', channel);
    const done = await shown(channel, 'a travelling fox');
    expect(stage.server.world.messages.get(done.id)?.channelId).toBe(channel);
    const interaction = ada.interactions.at(-1);
    expect(interaction?.followUps).toBe(1);
  });

  it('does nothing for an interaction that Discord has given up on', async () => {
    const on = '* /api/v10/interactions/:interaction/:token/callback';
    stage.server.faults.plan({ on, fault: { kind: 'refuse', code: 10_062 } });
    void ada.slash(stage.channel, 'imagine', { prompt: 'a late fox', count: 1 });
    await eventually('the refusal', () => stage.server.faults.unused().length === 0);
    await ada.slash(stage.channel, 'imagine', { prompt: 'a timely fox', count: 1 });
    await shown(stage.channel, 'a timely fox');
    expect((await stage.player(ada).look()).some(({ prompt }) => prompt === 'a late fox')).toBe(false);
  });

  it('shows what is hostile as it was typed, and names nobody', async () => {
    const prompt = '@everyone <@1> **a fox** https\\://evil.example `x` # y';
    await ada.slash(stage.channel, 'imagine', { prompt: `${prompt} --n 1` });
    const done = await eventually('the picture', async () =>
      (await stage.player(ada).look()).find(
        ({ prompt: each, state }) => each.startsWith('@everyone') && state === 'result',
      ),
    );
    const message = stage.server.world.messages.get(done.id);
    expect(message?.mentions).toEqual([]);
    expect(message?.mentionsEveryone).toBe(false);
  });

  it('refuses a prompt of 4,000 signs in words that fit a message', async () => {
    await ada.slash(stage.channel, 'imagine', { prompt: `${'very '.repeat(800)}old fox` });
    await whispered(ada, 'too long');
  });
});
