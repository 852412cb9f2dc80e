/** The stories' stage on Slack: Easel in a process of its own, through the real Bolt, on a protocol server with two people. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { EN } from '../../../src/conversation/words/en.ts';
import type { Button, Player, Shown, Stage } from '../../contracts/stories.ts';
import { type EaselPlan, type EaselProcess, openEasel } from '../../fakes/easel-process.ts';
import { eventually } from '../../fakes/protocol/eventually.ts';
import type { SlackManifest } from '../../fakes/slack/app.ts';
import type { Person } from '../../fakes/slack/person.ts';
import type { SeenMessage } from '../../fakes/slack/seen.ts';
import { type SlackServer, type SlackServerOptions, startSlackServer } from '../../fakes/slack/slack-server.ts';
import type { SlackChannel } from '../../fakes/slack/world.ts';

/** The manifest that a host pastes: what it does not name, the server does not do. */
export const MANIFEST: SlackManifest = parse(
  readFileSync(new URL('../../../adapters/slack/manifest.yaml', import.meta.url), 'utf8'),
);

export type SlackStage = Stage & {
  readonly ada: SlackPlayer;
  readonly bob: SlackPlayer;
  readonly slack: SlackServer;
  readonly easel: EaselProcess;
  readonly general: SlackChannel;
};

export type SlackPlayer = Player & { readonly person: Person };

export type StagePlan = {
  readonly server?: Partial<SlackServerOptions>;
  readonly easel?: Partial<EaselPlan>;
};

/** Stories are told faster than people talk: Slack's numbers have tests of their own. */
const TIER_FACTOR = 10;

export async function openSlackStage({ server = {}, easel = {} }: StagePlan = {}): Promise<SlackStage> {
  const slack = await startSlackServer({
    manifest: MANIFEST,
    tierFactor: TIER_FACTOR,
    fileLooks: 1,
    ...server,
  });
  const people = [slack.addPerson('ada'), slack.addPerson('bob'), slack.addPerson('boss', { role: 'admin' })] as const;
  const general = slack.addChannel(
    'general',
    people.map(({ id }) => id),
  );
  const program = await openEasel({
    worker: 'fake',
    web: false,
    ...easel,
    environment: {
      SLACK_BOT_TOKEN: slack.app.botToken,
      SLACK_APP_TOKEN: slack.app.appToken,
      SLACK_API_URL: slack.apiUrl,
      ...easel.environment,
    },
  });
  const [ada, bob, admin] = people;
  return {
    ada: createPlayer(slack, ada, general.id),
    bob: createPlayer(slack, bob, general.id),
    admin: createPlayer(slack, admin, general.id),
    slack,
    easel: program,
    general,
    hold: () => program.say('hold'),
    release: () => program.say('release'),
    async restart() {
      await program.kill();
      await program.startAgain();
    },
    async close() {
      await program.close();
      await slack.close();
      // Requests that Slack would refuse, and what else no app should do.
      if (slack.record.violations.length > 0) throw new Error(slack.record.violations.join('\n'));
    },
  };
}

const REACTIONS: Readonly<Record<string, string>> = {
  '🔁': 'repeat',
  '1️⃣': 'one',
  '2️⃣': 'two',
  '3️⃣': 'three',
  '4️⃣': 'four',
  '⬆️': 'arrow_up',
  '❌': 'x',
  '✉️': 'envelope',
  '⭐': 'star',
};

export function createPlayer(slack: SlackServer, person: Person, channel: string): SlackPlayer {
  const refOf = ({ id }: Shown) => {
    const [where = '', ts = ''] = id.split(' ');
    return { channel: where, ts };
  };
  const seen = (): readonly SeenMessage[] =>
    [...person.look({ channel }), ...person.direct()].filter(
      ({ author, isEphemeral }) => author === slack.app.botUserId && !isEphemeral,
    );
  const messageOf = ({ id }: Shown): SeenMessage => {
    const found = seen().find((message) => idOf(message) === id);
    if (found === undefined) throw new Error(`${person.name} sees no message ${id}.`);
    return found;
  };
  const press = (message: Shown, button: Button): void => {
    const [wanted] = controlsOf(messageOf(message)).filter(({ name }) => name === button);
    if (wanted === undefined) throw new Error(`There is no “${button}” at ${message.id}.`);
    person.press(refOf(message), wanted.choice);
  };
  return {
    person,
    async imagine(text) {
      person.command('/imagine', text, { channel });
    },
    async press(message, button) {
      press(message, button);
    },
    async edit(message, text) {
      press(message, 'edit');
      await eventually('the form', () => person.form() !== null);
      person.form()?.submit({ [EN.draw.prompt]: text });
    },
    async react(message, emoji) {
      person.react(refOf(message), nameOf(emoji));
    },
    async takeBack(message, emoji) {
      person.takeBack(refOf(message), nameOf(emoji));
    },
    look: async () => seen().flatMap((message) => toShown(message)),
    told: async () => [...person.told, ...person.ephemeral().map(({ text }) => text)],
    async ask(text) {
      person.command('/easel', text, { channel });
    },
    async confirm() {
      const question = person
        .ephemeral()
        .findLast(({ controls }) => controls.some(({ actionId }) => actionId === CONFIRM));
      if (question === undefined) throw new Error('Nothing was asked.');
      person.press({ channel: question.channel, ts: question.ts }, CONFIRM);
    },
    received: async () => person.direct().filter(({ pictures }) => pictures.length > 0).length,
  };
}

const CONFIRM = 'easel-confirm';

function nameOf(emoji: string): string {
  const name = REACTIONS[emoji];
  if (name === undefined) throw new Error(`Slack has no name for ${emoji}.`);
  return name;
}

function idOf({ channel, ts }: SeenMessage): string {
  return `${channel} ${ts}`;
}

type Offered = { name: Button; choice: { control: string; option?: string } };

/** Buttons, and what is in the menu beside them. */
function controlsOf({ controls }: SeenMessage): readonly Offered[] {
  return controls.flatMap(({ actionId, value, options }) =>
    options.length === 0
      ? toButton(value ?? '').map((name) => ({ name, choice: { control: actionId } }))
      : options.flatMap((option) =>
          toButton(option.value).map((name) => ({ name, choice: { control: actionId, option: option.value } })),
        ),
  );
}

/** From the id of a control, such as `easel:vary:0199…:2:subtle`. */
function toButton(id: string): readonly Button[] {
  const [prefix, kind = '', , picture = '', strength] = id.split(':');
  if (prefix !== 'easel') return [];
  const name = strength === 'subtle' ? 'subtle' : kind;
  return [(picture === '' ? name : `${name} ${picture}`) as Button];
}

const { view } = EN;

/** A message of a generation, read as a person reads it: first the words, then what is said of them. */
function toShown(message: SeenMessage): readonly Shown[] {
  const [prompt = '', facts = ''] = message.text.split('\n');
  const [heading = '', author = ''] = facts.split(' · ');
  const buttons = controlsOf(message).map(({ name }) => name);
  const isOurs = (name: string): name is Shown['author'] => name === 'ada' || name === 'bob';
  if (!isOurs(author)) return [];
  const state = stateOf(heading);
  return [
    {
      id: idOf(message),
      state,
      author,
      prompt,
      alt: message.pictures[0]?.altText ?? null,
      pictures: state === 'result' ? buttons.filter((name) => name.startsWith('vary ')).length : 0,
      hasPreview: state !== 'result' && message.pictures.some(({ bytes }) => bytes.length > 0),
      buttons,
      madeFrom: state === 'result' && heading !== view.result.imagine ? heading : null,
      isKept: null,
    },
  ];
}

function stateOf(heading: string): Shown['state'] {
  if (heading === view.queued || heading === view.queuedNext) return 'queued';
  if (heading === view.painting) return 'painting';
  if (heading === view.failed) return 'failed';
  if (heading === view.cancelled) return 'cancelled';
  return heading.startsWith('Kept') ? 'waiting' : 'result';
}
