/** Somebody in the workspace, who does and sees what Slack's own client lets a person do and see. */
import { actionOf, type Choice } from './actions.ts';
import { checkBody } from './contract/check-body.ts';
import type { Courier, Delivery, Payload } from './delivery.ts';
import type { Emit } from './events.ts';
import { addMessage, type Content, checkContent } from './messages.ts';
import { directChannel } from './methods/conversations.ts';
import { addReaction, removeReaction } from './methods/people.ts';
import { escapeTyped } from './mrkdwn.ts';
import {
  commandPayload,
  messageActionPayload,
  messageBlockPayload,
  shortcutPayload,
  viewBlockPayload,
} from './payloads.ts';
import { createFormOf, type PersonForm } from './person-form.ts';
import { SlackRefusal } from './refusal.ts';
import { type Seen, type SeenMessage, seenBlocks, seenMessage } from './seen.ts';
import type { SlackChannel, SlackMessage, SlackUser, World } from './world.ts';

export type MessageAt = { channel: string; ts: string };
export type Where = { channel: string; threadTs?: string };
export type Person = {
  readonly id: string;
  readonly name: string;
  /** Types a slash command. @returns null when the client or Slack does not send it; `told` says why */
  command(command: string, text: string, where: Where): Delivery | null;
  /** Writes a message. `@app` in it calls the app. */
  say(text: string, where: Where): { ts: string; delivery: Delivery | null };
  messageShortcut(callbackId: string, message: MessageAt): Delivery;
  globalShortcut(callbackId: string): Delivery;
  /** Presses a button or chooses from a menu of a message that this person sees. */
  press(message: MessageAt, choice: string | Choice): Delivery;
  react(message: MessageAt, name: string): Delivery | null;
  takeBack(message: MessageAt, name: string): Delivery | null;
  /** Opens App Home; the app may publish it then. */
  openHome(): Delivery | null;
  home(): Seen | null;
  pressHome(choice: string | Choice): Delivery;
  /** The form on top; null: none is open. */
  form(): PersonForm | null;
  /** Messages of a channel or thread as this person sees them, ephemeral ones among them, oldest first. */
  look(where: Where): readonly SeenMessage[];
  /** The direct messages with the app. */
  direct(): readonly SeenMessage[];
  /** Ephemeral messages to this person, wherever. */
  ephemeral(): readonly SeenMessage[];
  /** What Slack itself says to this person: a command that does not exist, an app that does not answer. */
  readonly told: readonly string[];
  /** Starts the client again: ephemeral messages are gone. */
  reload(): void;
};

export type PersonContext = { world: World; courier: Courier; emit: Emit; violation(text: string): void };

export function createPerson(context: PersonContext, user: SlackUser): Person {
  const { world, courier, emit, violation } = context;
  const { app } = world;
  const told: string[] = [];
  const tell = (text: string): null => {
    told.push(text);
    return null;
  };
  const forms = createFormOf(context, user, tell);

  function channelOf(id: string): SlackChannel {
    const channel = world.channels.get(id);
    if (channel === undefined || !channel.members.has(user.id)) throw new Error(`${user.name} is not in ${id}.`);
    return channel;
  }
  const sees = (message: SlackMessage): boolean =>
    (message.ephemeralTo === null || message.ephemeralTo === user.id) &&
    world.channels.get(message.channel)?.members.has(user.id) === true;
  const seenWhere = (isIt: (message: SlackMessage) => boolean): readonly SeenMessage[] =>
    world.messages.filter((message) => sees(message) && isIt(message)).map((message) => seenMessage(world, message));

  function messageOf({ channel, ts }: MessageAt): SlackMessage {
    const message = world.messages.find((each) => each.channel === channel && each.ts === ts && sees(each));
    if (message === undefined) throw new Error(`${user.name} sees no message ${ts} in ${channel}.`);
    return message;
  }

  function interact(payload: Payload): Delivery {
    if (!app.isInteractive) throw new Error('Interactivity is off in the manifest.');
    return courier.deliver('interactive', payload, false, ({ isAcknowledged }) => {
      if (!isAcknowledged) tell('This app is not responding.');
    });
  }

  function command(name: string, text: string, { channel: id, threadTs }: Where): Delivery | null {
    const channel = channelOf(id);
    if (threadTs !== undefined) return tell(`${name} is not supported in threads. Sorry!`);
    if (!app.commands.has(name) || user.teamId !== world.team.id) return tell(`${name} is not a valid command.`);
    if (channel.isArchived) return tell('You cannot write in an archived channel.');
    const sent = app.commands.get(name)?.isEscaped === true ? escapeTyped(world, text, true) : text;
    const payload = commandPayload(world, user, channel, name, sent);
    const delivery = courier.deliver('slash_commands', payload, true, ({ isAcknowledged, answer }) => {
      if (isAcknowledged) return showAnswer(answer, channel.id);
      const isLate = delivery.attempts.at(-1)?.outcome === 'timeout';
      tell(`${name} failed with the error "${isLate ? 'operation_timeout' : 'dispatch_failed'}"`);
    });
    return delivery;
  }

  /** What the acknowledgement of a command says is shown at once. */
  function showAnswer(answer: Payload, channel: string): void {
    if (Object.keys(answer).length === 0) return;
    try {
      checkBody('Respond', answer);
      const { response_type, ...content } = answer as Content & { response_type?: string };
      checkContent(world, content);
      const ephemeralTo = response_type === 'in_channel' ? null : user.id;
      addMessage(world, { ...content, channel, user: app.botUserId, ephemeralTo });
    } catch (error) {
      if (!(error instanceof SlackRefusal)) throw error;
      violation(`the answer to a command: ${error.code} ${JSON.stringify(error.extra['errors'] ?? answer)}`);
    }
  }

  function say(text: string, { channel: id, threadTs }: Where): { ts: string; delivery: Delivery | null } {
    const channel = channelOf(id);
    if (channel.isArchived) throw new Error('Nobody writes in an archived channel.');
    const sent = escapeTyped(world, text).replaceAll('@app', `<@${app.botUserId}>`);
    const { ts } = addMessage(world, { channel: id, user: user.id, text: sent, threadTs: threadTs ?? null });
    const event = {
      user: user.id,
      text: sent,
      ts,
      channel: id,
      event_ts: ts,
      team: user.teamId,
      user_team: user.teamId,
      source_team: user.teamId,
      ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
      blocks: [{ type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text }] }] }],
    };
    const kind = { public: 'channels', private: 'groups', im: 'im' }[channel.kind];
    const type = { public: 'channel', private: 'group', im: 'im' }[channel.kind];
    const plain = emit({ type: 'message', channel_type: type, ...event }, `message.${kind}`);
    if (!sent.includes(`<@${app.botUserId}>`) || channel.kind === 'im') return { ts, delivery: plain };
    if (!channel.members.has(app.botUserId)) tell(`${app.name} is not in this channel.`);
    return { ts, delivery: emit({ type: 'app_mention', ...event }) };
  }

  return {
    id: user.id,
    name: user.name,
    told,
    command,
    say,
    messageShortcut(callbackId, at) {
      requireShortcut(world, callbackId, 'message');
      return interact(messageActionPayload(world, user, messageOf(at), callbackId));
    },
    globalShortcut(callbackId) {
      requireShortcut(world, callbackId, 'global');
      return interact(shortcutPayload(world, user, callbackId));
    },
    press(at, choice) {
      const message = messageOf(at);
      const action = actionOf(seenMessage(world, message), choice);
      return interact(messageBlockPayload(world, user, message, action));
    },
    react({ channel, ts }, name) {
      return reactWith(
        () => messageOf({ channel, ts }),
        addReaction,
        context,
        { channel, timestamp: ts, name },
        user.id,
      );
    },
    takeBack({ channel, ts }, name) {
      return reactWith(
        () => messageOf({ channel, ts }),
        removeReaction,
        context,
        { channel, timestamp: ts, name },
        user.id,
      );
    },
    openHome() {
      if (!app.hasHomeTab) throw new Error('App Home is off in the manifest.');
      const channel = directChannel(world, user.id).id;
      return emit({ type: 'app_home_opened', user: user.id, channel, tab: 'home', event_ts: world.ids.nextTs() });
    },
    home() {
      const view = world.homes.get(user.id);
      return view === undefined ? null : seenBlocks(world, view.json.blocks);
    },
    pressHome(choice) {
      const view = world.homes.get(user.id);
      if (view === undefined) throw new Error('App Home is empty.');
      const action = actionOf(seenBlocks(world, view.json.blocks), choice);
      return interact(viewBlockPayload(world, user, view, {}, action));
    },
    form: forms,
    look({ channel, threadTs = null }) {
      channelOf(channel);
      return seenWhere(
        (message) =>
          message.channel === channel &&
          (threadTs === null ? message.threadTs === null : message.threadTs === threadTs || message.ts === threadTs),
      );
    },
    direct: () => seenWhere(({ channel }) => world.channels.get(channel)?.kind === 'im'),
    ephemeral: () => seenWhere(({ ephemeralTo }) => ephemeralTo === user.id),
    reload() {
      for (const message of world.messages.filter(({ ephemeralTo }) => ephemeralTo === user.id))
        world.messages.splice(world.messages.indexOf(message), 1);
    },
  };
}

function requireShortcut({ app }: World, callbackId: string, kind: 'message' | 'global'): void {
  if (!app.shortcuts.some((each) => each.callbackId === callbackId && each.kind === kind))
    throw new Error(`The manifest has no ${kind} shortcut “${callbackId}”.`);
}

/** @returns what the app was told of it */
function reactWith(
  look: () => SlackMessage,
  act: typeof addReaction,
  { world, emit }: PersonContext,
  reaction: Parameters<typeof addReaction>[1],
  user: string,
): Delivery | null {
  if (look().ephemeralTo !== null) throw new Error('Nobody reacts to an ephemeral message.');
  let delivery: Delivery | null = null;
  const tell: Emit = (event) => {
    delivery = emit(event);
    return delivery;
  };
  act({ world, emit: tell }, reaction, user);
  return delivery;
}
