/** The stories' stage on Discord: two members of a server on the protocol server, and Easel in a process of its own. */
import { specOf } from '../../../src/conversation/desk/commands.ts';
import { parseCommand } from '../../../src/conversation/desk/parse-command.ts';
import { wordsFor } from '../../../src/conversation/words.ts';
import type { Button, Player, Shown, Stage } from '../../contracts/stories.ts';
import type { GuildHandle } from '../../fakes/discord/host.ts';
import type { Person } from '../../fakes/discord/person.ts';
import type { SeenMessage } from '../../fakes/discord/seen.ts';
import { type DiscordServer, type DiscordServerOptions, startDiscordServer } from '../../fakes/discord/server.ts';
import { type EaselPlan, type EaselProcess, openEasel } from '../../fakes/easel-process.ts';

export type DiscordStage = Stage & {
  readonly server: DiscordServer;
  readonly easel: EaselProcess;
  readonly guild: GuildHandle;
  /** Where the players are. */
  readonly channel: string;
  /** Owns the server, and so may everything. */
  readonly owner: Person;
  readonly adaPerson: Person;
  readonly bobPerson: Person;
  /** Somebody else, or the same person in another channel. */
  player(person: Person, channel?: string): Player;
};

export type StagePlan = {
  readonly server?: DiscordServerOptions;
  readonly easel?: Partial<EaselPlan>;
  /** Default: the protocol server is content at the end. */
  readonly violationsAreFine?: boolean;
};

export async function openStage(plan: StagePlan = {}): Promise<DiscordStage> {
  const server = await startDiscordServer(plan.server);
  const owner = server.person('owner');
  const adaPerson = server.person('ada');
  const bobPerson = server.person('bob');
  const guild = server.guild('Painters', [owner, adaPerson, bobPerson]);
  const channel = guild.addChannel('studio');
  const nameOf = new Map<string, 'ada' | 'bob'>([
    [adaPerson.id, 'ada'],
    [bobPerson.id, 'bob'],
  ]);
  const easel = await openEasel({
    worker: 'fake',
    web: false,
    ...plan.easel,
    environment: { DISCORD_TOKEN: server.token, DISCORD_API_URL: server.api, ...plan.easel?.environment },
  });
  const player = (person: Person, where = channel) => createPlayer(person, where, nameOf);
  return {
    server,
    easel,
    guild,
    channel,
    owner,
    adaPerson,
    bobPerson,
    player,
    ada: player(adaPerson),
    bob: player(bobPerson),
    admin: player(owner),
    hold: () => easel.say('hold'),
    release: () => easel.say('release'),
    async restart() {
      await easel.kill();
      await easel.startAgain();
    },
    async close() {
      await easel.close();
      await server.close();
      if (server.violations.length > 0 && plan.violationsAreFine !== true) {
        throw new Error(`Against Discord's protocol:\n${server.violations.join('\n')}`);
      }
    },
  };
}

const WORDS = wordsFor('en');
const CONTROL_ID = /^easel:([a-z]+):([0-9a-f-]{36}):([1-9]?):(subtle|strong)?$/u;
const PROMPT_LINE = /^> (.*)$/mu;

function createPlayer(person: Person, channel: string, nameOf: ReadonlyMap<string, 'ada' | 'bob'>): Player {
  const told: string[] = [];
  const tellings = () => [...person.see(channel).filter(({ isEphemeral }) => isEphemeral), ...person.inbox()];

  function note(): void {
    for (const { text, isThinking, id } of tellings()) {
      const line = `${id} ${text}`;
      if (!isThinking && text !== '' && !isPicture(text) && !told.includes(line)) told.push(line);
    }
  }

  return {
    async imagine(text) {
      await person.slash(channel, 'imagine', { prompt: text });
    },
    async press(message, button) {
      await person.press(message.id, customIdOf(person, channel, message.id, button));
    },
    async edit(message, text) {
      const opened = await person.press(message.id, customIdOf(person, channel, message.id, 'edit'));
      if (opened.kind !== 'modal') throw new Error(`The edit button answered with ${opened.kind}.`);
      await person.submit(opened.modal, { prompt: text });
    },
    react: async (message, emoji) => person.react(message.id, emoji),
    takeBack: async (message, emoji) => person.takeBack(message.id, emoji),
    async look() {
      note();
      const all = [...person.see(channel).filter(({ isEphemeral }) => !isEphemeral), ...person.inbox()];
      return all.flatMap((message) => toShown(message, nameOf));
    },
    async told() {
      note();
      return told.map((line) => asShown(line.replace(/^\d+ /u, '')));
    },
    async ask(text) {
      const { name, options } = await parseCommand(text, async (kind, called) =>
        kind === 'user' ? idOf(nameOf, called) : null,
      );
      const group = specOf(name).audience === 'admins' ? 'easel-admin' : 'easel';
      await person.slash(channel, `${group} ${name}`, { ...options });
    },
    async confirm() {
      const question = person.see(channel).findLast(({ buttons }) => confirmIdOf(buttons) !== null);
      const id = confirmIdOf(question?.buttons ?? []);
      if (question === undefined || id === null) throw new Error('Nothing was asked.');
      await person.press(question.id, id);
    },
    received: async () => person.inbox().filter(({ attachments }) => attachments.length > 0).length,
  };
}

function idOf(nameOf: ReadonlyMap<string, string>, name: string): string | null {
  return [...nameOf].find(([, each]) => each === name)?.[0] ?? null;
}

function confirmIdOf(buttons: SeenMessage['buttons']): string | null {
  return buttons.find(({ customId }) => customId?.startsWith('easel-confirm') === true)?.customId ?? null;
}

function customIdOf(person: Person, channel: string, messageId: string, button: Button): string {
  const all = [...person.see(channel), ...person.inbox()];
  const message = all.find(({ id }) => id === messageId);
  const found = message?.buttons.find(({ customId }) => customId !== null && toButton(customId) === button);
  if (found?.customId === undefined || found.customId === null) {
    throw new Error(`Message ${messageId} has no button “${button}”.`);
  }
  return found.customId;
}

/** A message of a picture; what is said to one person alone has none of its marks. */
function isPicture(text: string): boolean {
  return PROMPT_LINE.test(text);
}

export function toShown(message: SeenMessage, nameOf: ReadonlyMap<string, 'ada' | 'bob'>): Shown[] {
  const { id, content, attachments, buttons, alts, isFromBot } = message;
  const [, heading = '', user = ''] = /^\*\*(.*?)\*\* · <@(\d+)>/u.exec(content) ?? [];
  const prompt = PROMPT_LINE.exec(content)?.[1];
  if (!isFromBot || prompt === undefined) return [];
  const plain = asShown(heading);
  const state = stateOf(plain);
  const controls = buttons.flatMap(({ customId }) => {
    const [, kind, , number] = CONTROL_ID.exec(customId ?? '') ?? [];
    return kind === undefined ? [] : [{ kind, number: Number(number) }];
  });
  const hasPicture = attachments.length > 0;
  const drawn = new Set(controls.filter(({ kind }) => kind === 'vary').map(({ number }) => number)).size;
  return [
    {
      id,
      state,
      author: nameOf.get(user) ?? 'ada',
      prompt: asShown(prompt),
      alt: alts[0] ?? null,
      pictures: state === 'result' && hasPicture ? drawn : 0,
      hasPreview: state === 'painting' && hasPicture,
      buttons: buttons.flatMap(({ customId }) => {
        const button = customId === null ? null : toButton(customId);
        return button === null ? [] : [button];
      }),
      madeFrom: state === 'result' && plain !== WORDS.say('view.result.imagine') ? plain : null,
      isKept: null,
    },
  ];
}

function toButton(customId: string): Button | null {
  const [, kind, , number = '', strength] = CONTROL_ID.exec(customId) ?? [];
  if (kind === undefined) return null;
  const name = strength === 'subtle' ? 'subtle' : kind;
  return (number === '' ? name : `${name} ${number}`) as Button;
}

function stateOf(heading: string): Shown['state'] {
  if (heading === WORDS.say('view.queued') || heading === WORDS.say('view.queuedNext')) return 'queued';
  if (heading === WORDS.say('view.painting')) return 'painting';
  if (heading === WORDS.say('view.cancelled')) return 'cancelled';
  if (heading === WORDS.say('view.failed')) return 'failed';
  if (heading === WORDS.say('view.paused') || heading.startsWith('Kept, since')) return 'waiting';
  return 'result';
}

/** As Discord shows it. */
function asShown(text: string): string {
  return text.replaceAll(/\\([^0-9A-Za-z\s])/gu, '$1');
}
