// Interactions: three seconds for the first answer, fifteen minutes for the rest, once each, and only what fits.

import { InteractionType } from 'discord-api-types/v10';
import { afterEach, describe, expect, it } from 'vitest';
import { type AskOptions, IMAGINE, openRaw } from './ask.ts';
import type { DiscordServer, DiscordServerOptions } from './server.ts';

let server: DiscordServer;

/** A person has just run /imagine. */
async function open(options: DiscordServerOptions = {}) {
  const opened = await openRaw(options);
  server = opened.server;
  const { ask, ada, channel } = opened;
  const application = server.world.application.id;
  const everywhere = { ...IMAGINE, integration_types: [0, 1], contexts: [0, 1, 2] };
  await ask(`PUT /applications/${application}/commands`, [everywhere, { type: 3, name: 'Vary this' }]);
  const last = () => ada.interactions.at(-1);
  const webhook = () => `/webhooks/${application}/${last()?.token}`;
  return {
    ...opened,
    imagine: () => ada.slash(channel, 'imagine', { prompt: 'a fox' }),
    answer: (body: object, more: AskOptions = {}) =>
      ask(`POST /interactions/${last()?.id}/${last()?.token}/callback`, body, more),
    webhook,
    follow: (body: object) => ask(`POST ${webhook()}`, body),
  };
}

afterEach(async () => {
  await server.close();
  expect(server.faultsOfItsOwn).toEqual([]);
});

const DEFER = { type: 5, data: { flags: 64 } };

describe('the first answer', () => {
  it('comes too late after three seconds: nobody waits any more (10062)', async () => {
    const { imagine, answer } = await open();
    const shown = imagine();
    await server.clock.pass(3_000);
    expect(await shown).toEqual({ kind: 'none' });
    expect(await answer(DEFER)).toMatchObject({ status: 404, code: 10_062 });
  });

  it('is in time just before', async () => {
    const { ada, imagine, answer } = await open();
    const shown = imagine();
    await server.clock.pass(2_999);
    expect(await answer(DEFER)).toMatchObject({ status: 204 });
    expect(await shown).toMatchObject({ kind: 'deferred', isEphemeral: true });
    expect(ada.interactions[0]?.acknowledgedAfterMs).toBe(2_999);
  });

  it('is given once (40060), and not with another token (10062)', async () => {
    const { ask, ada, imagine, answer } = await open();
    const shown = imagine();
    expect(await ask(`POST /interactions/${ada.interactions[0]?.id}/wrong/callback`, DEFER)).toMatchObject({
      code: 10_062,
    });
    await answer(DEFER);
    await shown;
    expect(await answer(DEFER)).toMatchObject({ status: 400, code: 40_060 });
    expect(server.record.takeViolations()).toHaveLength(1);
  });

  it.each<[title: string, body: object]>([
    ['a promise with words', { type: 5, data: { flags: 64, content: 'soon' } }],
    ['a promise with another flag', { type: 5, data: { flags: 64 | (1 << 15) } }],
    ['an update where there is no message', { type: 7, data: { content: 'x' } }],
    ['choices for what is not being typed', { type: 8, data: { choices: [] } }],
    ['an empty message', { type: 4, data: { flags: 64 } }],
    ['a form without fields', { type: 9, data: { custom_id: 'f', title: 'Edit', components: [] } }],
    ['a title of 46 characters', { type: 9, data: form({ title: 'x'.repeat(46) }) }],
    ['a field of 4,001 characters', { type: 9, data: form({}, { value: 'x'.repeat(4_001) }) }],
    ['a key that is none', { type: 4, data: { content: 'x', ephemeral: true } }],
  ])('cannot be %s', async (_title, body) => {
    const { imagine, answer } = await open();
    const shown = imagine();
    expect((await answer(body)).status).toBe(400);
    expect(server.record.takeViolations()).toHaveLength(1);
    // What was refused was no answer: a right one still is.
    expect(await answer(DEFER)).toMatchObject({ status: 204 });
    await shown;
  });

  it('may be a form, whose fields a client checks and sends back', async () => {
    const { ada, imagine, answer } = await open();
    const shown = imagine();
    await answer({ type: 9, data: form({}, { value: 'a fox', max_length: 10 }) });
    const opened = await shown;
    if (opened.kind !== 'modal') throw new Error(opened.kind);
    await expect(ada.submit(opened.modal, { prompt: 'x'.repeat(11) })).rejects.toThrow('too long');
    await expect(ada.submit(opened.modal, { words: 'x' })).rejects.toThrow('no field');
    const sent = ada.submit(opened.modal, { prompt: 'a cat' });
    expect(ada.interactions.at(-1)?.type).toBe(InteractionType.ModalSubmit);
    // A form does not open another.
    expect(await answer({ type: 9, data: form() })).toMatchObject({ code: 50_035 });
    await answer({ type: 4, data: { content: 'Edited', flags: 64 } });
    expect(await sent).toMatchObject({ kind: 'message' });
    server.record.takeViolations();
  });

  it('to what is being typed is a list of at most 25', async () => {
    const { ada, channel, answer } = await open();
    const offered = ada.complete(channel, 'imagine', { prompt: 'a f' }, 'prompt');
    const choices = Array.from({ length: 26 }, (_, at) => ({ name: `${at}`, value: `${at}` }));
    expect(await answer({ type: 8, data: { choices } })).toMatchObject({ code: 50_035 });
    expect(await answer({ type: 5 })).toMatchObject({ code: 50_035 });
    await answer({ type: 8, data: { choices: choices.slice(0, 25) } });
    expect(await offered).toHaveLength(25);
    server.record.takeViolations();
  });
});

describe('what follows', () => {
  it('is refused before the first answer (10015) and after fifteen minutes (50027)', async () => {
    const { ask, imagine, answer, follow, webhook } = await open();
    const shown = imagine();
    expect(await follow({ content: 'x' })).toMatchObject({ status: 404, code: 10_015 });
    await answer(DEFER);
    await shown;
    await server.clock.pass(899_000);
    expect(await ask(`PATCH ${webhook()}/messages/@original`, { content: 'x' })).toMatchObject({ status: 200 });
    await server.clock.pass(1_001);
    expect(await follow({ content: 'x' })).toMatchObject({ status: 401, code: 50_027 });
    server.record.takeViolations();
  });

  it('fills the promise first, as private as it was made, and then adds to it', async () => {
    const { ada, bob, channel, imagine, answer, follow } = await open();
    const shown = imagine();
    await answer(DEFER);
    await shown;
    expect(ada.see(channel)).toMatchObject([{ isThinking: true, isEphemeral: true }]);
    await follow({ content: 'the answer' });
    await follow({ content: 'more', flags: 64 });
    await follow({ content: 'for all' });
    expect(ada.see(channel).map(({ content, isThinking }) => [content, isThinking])).toEqual([
      ['the answer', false],
      ['more', false],
      ['for all', false],
    ]);
    expect(bob.see(channel).map(({ content }) => content)).toEqual(['for all']);
  });

  it('is five messages where the bot is no member (40094)', async () => {
    const { ada, guild, imagine, answer, follow } = await open({ rateLimits: { routes: {} } });
    guild.kickBot();
    await expect(imagine()).rejects.toThrow('not offered');
    ada.installApp();
    const shown = imagine();
    await answer({ type: 4, data: { content: 'first' } });
    await shown;
    for (let at = 0; at < 5; at += 1) expect((await follow({ content: `${at}` })).status).toBe(200);
    expect(await follow({ content: 'one more' })).toMatchObject({ status: 400, code: 40_094 });
    server.record.takeViolations();
  });

  it('is seen by its person alone where brought-along apps may not speak', async () => {
    const { ask, ada, bob, guild, channel } = await open();
    guild.kickBot();
    bob.installApp();
    const run = async () => {
      const shown = bob.slash(channel, 'imagine', { prompt: 'a fox' });
      const interaction = bob.interactions.at(-1);
      expect(interaction?.owners).toEqual({ '1': bob.id });
      await ask(`POST /interactions/${interaction?.id}/${interaction?.token}/callback`, {
        type: 4,
        data: { content: 'x' },
      });
      await shown;
    };
    await run();
    expect(ada.see(channel)).toHaveLength(1);
    guild.overwrite(channel, 'everyone', { deny: ['UseExternalApps'] });
    await run();
    expect(ada.see(channel)).toHaveLength(1);
    expect(bob.see(channel)).toMatchObject([{ isEphemeral: false }, { isEphemeral: true }]);
  });
});

describe('a client', () => {
  it('sends only what it offers', async () => {
    const { ask, ada, bob, guild, channel, imagine } = await open();
    await expect(ada.slash(channel, 'paint')).rejects.toThrow('no command');
    await expect(ada.slash(channel, 'imagine')).rejects.toThrow('needs');
    await expect(ada.slash(channel, 'imagine', { prompt: 7 })).rejects.toThrow('no number');
    const admin = { name: 'easel', description: 'x', default_member_permissions: '32' };
    await ask(`PUT /applications/${server.world.application.id}/commands`, [admin]);
    await expect(bob.slash(channel, 'easel')).rejects.toThrow('not offered');
    void ada.slash(channel, 'easel');
    await expect(imagine()).rejects.toThrow('no command');
    guild.overwrite(channel, 'everyone', { deny: ['SendMessages'] });
    expect(() => bob.say(channel, 'x')).toThrow('SendMessages');
  });

  it('shows buttons and menus, presses what can be pressed, and opens the menu of a message', async () => {
    const { ask, ada, channel, answer } = await open();
    const components = [
      { type: 1, components: [{ type: 2, style: 2, label: 'Off', custom_id: 'off', disabled: true }] },
      { type: 1, components: [{ type: 3, custom_id: 's', options: [{ label: 'One', value: '1' }] }] },
    ];
    const { body } = await ask(`POST /channels/${channel}/messages`, { components });
    const id = String(body['id']);
    expect(ada.see(channel)[0]).toMatchObject({
      buttons: [{ label: 'Off', isDisabled: true }],
      selects: [{ customId: 's', options: [{ value: '1' }] }],
    });
    await expect(ada.press(id, 'off')).rejects.toThrow('disabled');
    await expect(ada.press(id, 'on')).rejects.toThrow('no component');
    await expect(ada.press(id, 's')).rejects.toThrow('another kind');
    const chosen = ada.choose(id, 's', ['1']);
    await answer({ type: 6 });
    expect(await chosen).toEqual({ kind: 'update' });
    const menu = ada.menu(id, 'Vary this');
    await answer(DEFER);
    expect(await menu).toMatchObject({ kind: 'deferred' });
  });
});

function form(more: object = {}, input: object = {}) {
  const field = { type: 4, custom_id: 'prompt', style: 2, ...input };
  return { custom_id: 'f', title: 'Edit', components: [{ type: 18, label: 'Prompt', component: field }], ...more };
}
