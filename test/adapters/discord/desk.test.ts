// Every subcommand of /easel and /easel-admin through the real discord.js: answered to one person, forms too.

import { ComponentType } from 'discord-api-types/v10';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMAND_NAMES, type CommandName, type OptionSpec, specOf } from '../../../src/conversation/desk/commands.ts';
import { wordsFor } from '../../../src/conversation/words.ts';
import type { CommandOptions } from '../../fakes/discord/command-data.ts';
import type { Acknowledgement } from '../../fakes/discord/interactions.ts';
import type { ModalValues } from '../../fakes/discord/modal-data.ts';
import type { Person } from '../../fakes/discord/person.ts';
import type { SeenMessage } from '../../fakes/discord/seen.ts';
import { eventually } from '../../fakes/protocol/eventually.ts';
import { type DiscordStage, openStage } from './stage.ts';

const WORDS = wordsFor('en');
/** Of a command that is not there, that breaks, or that was asked too fast. */
const NOT_ANSWERS = [WORDS.say('error.INTERNAL'), 'no such command', 'too fast', 'Only an admin'];

describe('the desk on Discord', () => {
  let stage: DiscordStage;
  let role: string;
  let managers: string;
  beforeAll(async () => {
    stage = await openStage({ server: { rateLimits: { routes: {} } } });
    role = stage.guild.addRole('Painters');
    managers = stage.guild.addRole('Managers', ['ManageGuild']);
  }, 120_000);
  afterAll(() => stage.close(), 60_000);

  /** Somebody new for each command: one person alone would ask faster than hands can. */
  function newAdmin(): Person {
    const admin = stage.server.person(`admin${stage.server.world.users.size}`);
    stage.guild.join(admin);
    stage.guild.giveRole(admin, managers);
    return admin;
  }

  const commandOf = (name: CommandName) => `${specOf(name).audience === 'admins' ? 'easel-admin' : 'easel'} ${name}`;

  /** What is answered to this acknowledgement, once it is there. */
  async function answerTo(person: Person, acknowledgement: Acknowledgement): Promise<SeenMessage> {
    if (acknowledgement.kind !== 'deferred') throw new Error(`Answered with ${acknowledgement.kind}.`);
    expect(acknowledgement.isEphemeral).toBe(true);
    const { id } = acknowledgement.message;
    return eventually('an answer', () =>
      person.see(stage.channel).find((message) => message.id === id && !message.isThinking),
    );
  }

  const SAMPLES: Readonly<Record<string, string | number>> = {
    amount: 20,
    hours: 1,
    count: 2,
    style: 'flat',
    from: '22:00',
    to: '07:00',
    zone: 'Europe/Berlin',
    yaml: 'rules: []',
    what: 'pictures-day',
    phrase: 'badword',
    model: 'tiny',
    styles: 'flat',
    rule: '1',
    entry: '1',
    before: '1',
    id: '00000000-0000-7000-8000-000000000000',
  };

  function sampleOf(name: string, { kind, choices }: OptionSpec): string | number | boolean {
    switch (kind) {
      case 'number':
        return Number(SAMPLES[name] ?? 2);
      case 'toggle':
        return name !== 'sure';
      case 'user':
        return stage.bobPerson.id;
      case 'role':
        return role;
      case 'channel':
        return stage.channel;
      case 'choice':
        return String(SAMPLES[name] ?? choices?.[0] ?? '');
      default:
        return String(SAMPLES[name] ?? 'words');
    }
  }

  const optionsFor = (name: CommandName): CommandOptions =>
    Object.fromEntries(
      Object.entries(specOf(name).options)
        .filter(([, { required }]) => required === true)
        .map(([option, spec]) => [option, sampleOf(option, spec)]),
    );

  // Pauses everything else here, so it comes last.
  const names = COMMAND_NAMES.toSorted((one, other) => Number(one === 'queue pause') - Number(other === 'queue pause'));

  it.each(names.filter((name) => specOf(name).forms?.[''] === undefined))(
    '/%s answers its person alone',
    async (name) => {
      const admin = newAdmin();
      const acknowledgement = await admin.slash(stage.channel, commandOf(name), optionsFor(name));
      const answer = await answerTo(admin, acknowledgement);
      expect(answer.text).not.toBe('');
      for (const text of NOT_ANSWERS) expect(answer.text).not.toContain(text);
      expect(stage.adaPerson.see(stage.channel).some(({ id }) => id === answer.id)).toBe(false);
    },
  );

  it.each(names.filter((name) => specOf(name).forms?.[''] !== undefined))(
    '/%s opens its form, and takes it',
    async (name) => {
      const admin = newAdmin();
      const opened = await admin.slash(stage.channel, commandOf(name));
      if (opened.kind !== 'modal') throw new Error(`Answered with ${opened.kind}.`);
      const fields = specOf(name).forms?.[''] ?? [];
      const labels = opened.modal.components as unknown as { component: { custom_id: string; type: number } }[];
      expect(labels.map(({ component }) => component.custom_id)).toEqual(fields);
      const values: ModalValues = Object.fromEntries(
        labels.map(({ component: { custom_id: field, type } }) => {
          const spec = specOf(name).options[field] ?? { kind: 'text' };
          const sample = spec.kind === 'toggle' ? 'no' : `${sampleOf(field, spec)}`;
          return [field, type === ComponentType.TextInput ? sample : [sample]];
        }),
      );
      const answer = await answerTo(admin, await admin.submit(opened.modal, values));
      for (const text of NOT_ANSWERS) expect(answer.text).not.toContain(text);
      expect(answer.isEphemeral).toBe(true);
    },
  );

  it('offers what is for admins to them alone, and asks again when it is used', async () => {
    await expect(stage.adaPerson.slash(stage.channel, 'easel-admin stats')).rejects.toThrow();
    const helper = stage.guild.addRole('Helpers', ['ManageGuild']);
    stage.guild.giveRole(stage.bobPerson, helper);
    const acknowledgement = await stage.bobPerson.slash(stage.channel, 'easel-admin doctor');
    expect((await answerTo(stage.bobPerson, acknowledgement)).text).toContain('permissions');
    stage.guild.takeRole(stage.bobPerson, helper);
  });

  it('names in the doctor what is missing in this very channel', async () => {
    const closed = stage.guild.addChannel('closed');
    stage.guild.overwrite(closed, 'bot', { deny: ['AttachFiles'] });
    const admin = newAdmin();
    const acknowledgement = await admin.slash(closed, 'easel-admin doctor');
    if (acknowledgement.kind !== 'deferred') throw new Error(acknowledgement.kind);
    const { id } = acknowledgement.message;
    const answer = await eventually('the doctor', () =>
      admin.see(closed).find((message) => message.id === id && !message.isThinking),
    );
    expect(answer.text).toContain('Attach Files');
  });

  it('changes settings by its own buttons and forms, in the answer that was there', async () => {
    const { adaPerson } = stage;
    const first = await answerTo(adaPerson, await adaPerson.slash(stage.channel, 'easel settings'));
    const button = first.buttons.find(({ customId }) => customId === 'easel-form settings drawing');
    const opened = await adaPerson.press(first.id, button?.customId ?? '');
    if (opened.kind !== 'modal') throw new Error(`Answered with ${opened.kind}.`);
    await adaPerson.submit(opened.modal, { count: '2', suffix: 'at night' });
    await eventually('the new settings', () =>
      adaPerson.see(stage.channel).find(({ id, text }) => id === first.id && text.includes('at night')),
    );
    const again = await answerTo(adaPerson, await adaPerson.slash(stage.channel, 'easel settings'));
    expect(again.text).toMatch(/Pictures\S* 2/u);
  });

  it('offers styles while they are typed', async () => {
    const choices = await stage.adaPerson.complete(stage.channel, 'imagine', { prompt: 'a fox', style: '' }, 'style');
    expect(choices.map(({ value }) => value)).toEqual(expect.arrayContaining(['flat']));
    const models = await stage.adaPerson.complete(stage.channel, 'imagine', { prompt: 'a fox', model: 't' }, 'model');
    expect(models.map(({ value }) => value)).toEqual(['tiny']);
  });

  it('completes a prompt from what the model knows, what was typed first', async () => {
    const valuesFor = async (prompt: string) =>
      (await stage.adaPerson.complete(stage.channel, 'imagine', { prompt }, 'prompt')).map(({ value }) => value);
    expect(await valuesFor('a fox under a rain')).toEqual(['a fox under a rain', 'a fox under a rainbow']);
    expect(await valuesFor('a steampunk ')).toEqual([]);
    expect(await valuesFor(`${'a red fox and '.repeat(7)}a rain`)).toEqual([]);
  });

  it('says hello in a server that it joins, in the first channel where it may', async () => {
    const guild = stage.server.guild('Hares', [stage.owner], { hasBot: false });
    const quiet = guild.addChannel('quiet');
    const open = guild.addChannel('open');
    guild.inviteBot();
    const hello = await eventually('a welcome', () =>
      [quiet, open].flatMap((channel) => stage.owner.see(channel)).find(({ isFromBot }) => isFromBot),
    );
    expect(hello.text).toContain('/imagine');
  });
});
