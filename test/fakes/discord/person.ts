/** Somebody with a Discord client: does what a client lets them do, and sees what it shows. */
import {
  type APIApplicationCommandOptionChoice,
  ApplicationCommandType,
  ChannelType,
  ComponentType,
  InteractionType,
} from 'discord-api-types/v10';
import { type CommandOptions, toCommandData } from './command-data.ts';
import { everyComponent, type RawComponent } from './components.ts';
import type { Discord } from './discord.ts';
import { type Acknowledgement, invoke, type Modal, type WorldInteraction } from './interactions.ts';
import { toMessage } from './message-payload.ts';
import { addReaction, createMessage, removeMessage, removeReaction } from './messages.ts';
import { type ModalValues, toModalData } from './modal-data.ts';
import { toMember, toUser } from './payloads.ts';
import { channelPermissions, hasPermission, type Permission } from './permissions.ts';
import { type SeenMessage, toSeen } from './seen.ts';
import {
  directChannel,
  messagesOf,
  rulingChannel,
  userOf,
  type WorldChannel,
  type WorldMessage,
  type WorldUser,
} from './world.ts';

export type Person = {
  readonly id: string;
  readonly name: string;
  /** What this person's client has done so far, oldest first: how long each waited is in it. */
  readonly interactions: readonly WorldInteraction[];
  /** `imagine`, or `easel limits` for a sub-command. */
  slash(channelId: string, command: string, options?: CommandOptions): Promise<Acknowledgement>;
  /** What is offered while this option is typed. */
  complete(
    channelId: string,
    command: string,
    options: CommandOptions,
    focused: string,
  ): Promise<readonly APIApplicationCommandOptionChoice[]>;
  press(messageId: string, customId: string): Promise<Acknowledgement>;
  choose(messageId: string, customId: string, values: readonly string[]): Promise<Acknowledgement>;
  /** Fills in a form and sends it; what is not said stays as it came. */
  submit(modal: Modal, values: ModalValues): Promise<Acknowledgement>;
  /** A command of the menu of a message. */
  menu(messageId: string, command: string): Promise<Acknowledgement>;
  react(messageId: string, emoji: string): void;
  takeBack(messageId: string, emoji: string): void;
  /** Writes a message; a reply pings its author, as clients do unless told otherwise. @returns its id */
  say(channelId: string, text: string, options?: { replyTo?: string; isPing?: boolean }): string;
  deleteOwn(messageId: string): void;
  /** Messages of a channel as this person sees them, oldest first, with those for them alone. */
  see(channelId: string): readonly SeenMessage[];
  /** The channel of direct messages with the bot. */
  directChannel(): string;
  /** Direct messages of the bot, oldest first. */
  inbox(): readonly SeenMessage[];
  setDmsClosed(isClosed: boolean): void;
  /** Adds the app to this account: its commands are then offered everywhere. */
  installApp(): void;
};

export function createPerson(discord: Discord, user: WorldUser): Person {
  const { world } = discord;
  const interactions: WorldInteraction[] = [];
  const directMessages = () => directChannel(world, user.id, ChannelType.DM);

  function channelOf(id: string, ...needed: readonly Permission[]): WorldChannel {
    const channel = world.channels.get(id);
    if (channel === undefined) throw new Error(`There is no channel ${id}.`);
    const guild = world.guilds.get(channel.guildId ?? '');
    if (guild === undefined) return channel;
    const bits = channelPermissions(guild, rulingChannel(world, channel), user.id);
    for (const permission of ['ViewChannel', ...needed] as const)
      if (!hasPermission(bits, permission))
        throw new Error(`${user.username} has no ${permission} in #${channel.name}.`);
    return channel;
  }
  function messageOf(id: string): { message: WorldMessage; channel: WorldChannel } {
    const message = world.messages.get(id);
    if (message === undefined || !isVisible(message)) throw new Error(`${user.username} sees no message ${id}.`);
    return { message, channel: channelOf(message.channelId) };
  }
  const isVisible = ({ onlyFor }: WorldMessage) => onlyFor === null || onlyFor === user.id;
  const started = (interaction: WorldInteraction) => {
    interactions.push(interaction);
    return interaction.acknowledged;
  };

  function command(
    channelId: string,
    name: string,
    options: CommandOptions,
    focused: string | null,
  ): Promise<Acknowledgement> {
    const channel = channelOf(channelId);
    const { data, command: found } = toCommandData(discord, user, channel, name, options, focused);
    const type = focused === null ? InteractionType.ApplicationCommand : InteractionType.ApplicationCommandAutocomplete;
    return started(invoke(discord, { type, user, channel, command: found.name, data }));
  }

  function component(messageId: string, customId: string, values: readonly string[] | null): Promise<Acknowledgement> {
    const { message, channel } = messageOf(messageId);
    const all = everyComponent(message.components as unknown as RawComponent[]);
    const found = all.find(({ custom_id: id }) => id === customId);
    if (found === undefined) throw new Error(`There is no component ${customId} in message ${messageId}.`);
    if (found.disabled === true) throw new Error(`The component ${customId} is disabled.`);
    if ((found.type === ComponentType.Button) !== (values === null)) throw new Error(`${customId} is of another kind.`);
    const data = { custom_id: customId, component_type: found.type, id: found.id };
    const chosen = values === null ? {} : { values, ...resolved(discord, found, channel, values) };
    const opener = { type: InteractionType.MessageComponent, user, channel, message };
    return started(invoke(discord, { ...opener, data: { ...data, ...chosen } }));
  }

  return {
    id: user.id,
    name: user.username,
    interactions,
    slash: async (channelId, name, options = {}) => command(channelId, name, options, null),
    async complete(channelId, name, options, focused) {
      const acknowledgement = await command(channelId, name, options, focused);
      return acknowledgement.kind === 'choices' ? acknowledgement.choices : [];
    },
    press: async (messageId, customId) => component(messageId, customId, null),
    choose: async (messageId, customId, values) => component(messageId, customId, values),
    async submit(modal, values) {
      const opener = discord.interactions.get(modal.interactionId);
      if (opener === undefined) throw new Error('Nothing opened this form.');
      const message = world.messages.get(opener.messageId ?? '');
      const channel = channelOf(opener.channelId);
      const data = toModalData(modal, values);
      const type = InteractionType.ModalSubmit;
      return started(
        invoke(discord, {
          type,
          user,
          channel,
          openedById: opener.id,
          data,
          ...(message === undefined ? {} : { message }),
        }),
      );
    },
    async menu(messageId, name) {
      const { message, channel } = messageOf(messageId);
      const found = [...world.commands.values()].find(
        (each) => each.type === ApplicationCommandType.Message && each.name === name,
      );
      if (found === undefined) throw new Error(`There is no “${name}” in the menu of a message.`);
      const target = { ...toMessage(discord, message, { canReadContent: true }) };
      const data = {
        id: found.id,
        name: found.name,
        type: found.type,
        target_id: message.id,
        resolved: { messages: { [message.id]: target } },
      };
      return started(invoke(discord, { type: InteractionType.ApplicationCommand, user, channel, command: name, data }));
    },
    react(messageId, emoji) {
      const { message } = messageOf(messageId);
      channelOf(
        message.channelId,
        'ReadMessageHistory',
        ...(message.reactions.has(emoji) ? [] : (['AddReactions'] as const)),
      );
      if (message.onlyFor !== null) throw new Error('Nobody can react to what only one person sees.');
      addReaction(discord, message, emoji, user.id);
    },
    takeBack: (messageId, emoji) => removeReaction(discord, messageOf(messageId).message, emoji, user.id),
    say(channelId, text, { replyTo, isPing = true } = {}) {
      const channel = channelOf(channelId);
      channelOf(channelId, channel.ownerId === null ? 'SendMessages' : 'SendMessagesInThreads');
      const replied = replyTo === undefined ? null : messageOf(replyTo).message;
      const named = [...text.matchAll(/<@!?(\d+)>/gu)]
        .map((match) => match[1] ?? '')
        .filter((id) => world.users.has(id));
      const mentions = [...named, ...(replied !== null && isPing ? [replied.authorId] : [])];
      const written = { channelId, authorId: user.id, content: text, mentions: [...new Set(mentions)] };
      return createMessage(discord, { ...written, replyTo: replied?.id ?? null }).id;
    },
    deleteOwn(messageId) {
      const { message } = messageOf(messageId);
      if (message.authorId !== user.id) throw new Error(`Message ${messageId} is somebody else's.`);
      removeMessage(discord, message);
    },
    see: (channelId) =>
      messagesOf(world, channelOf(channelId).id)
        .filter(isVisible)
        .map((message) => toSeen(discord, message, user.id)),
    directChannel: () => directMessages().id,
    inbox: () =>
      messagesOf(world, directMessages().id)
        .filter((message) => message.authorId === world.bot.id && isVisible(message))
        .map((message) => toSeen(discord, message, user.id)),
    setDmsClosed(isClosed) {
      user.hasDmsClosed = isClosed;
    },
    installApp() {
      user.hasInstalledApp = true;
    },
  };
}

/** Who or what was chosen in a menu of people, roles or channels, spelled out. */
function resolved(
  { world }: Discord,
  { type }: RawComponent,
  channel: WorldChannel,
  values: readonly string[],
): object {
  const guild = world.guilds.get(channel.guildId ?? '');
  if (type !== ComponentType.UserSelect && type !== ComponentType.MentionableSelect) return {};
  const ids = values.filter((id) => world.users.has(id));
  const users = Object.fromEntries(ids.map((id) => [id, toUser(userOf(world, id))]));
  const members = ids.flatMap((id) => {
    const member = guild?.members.get(id);
    if (guild === undefined || member === undefined) return [];
    const { user: _, deaf: _d, mute: _m, ...said } = toMember(member, userOf(world, id));
    return [[id, { ...said, permissions: String(channelPermissions(guild, channel, id)) }] as const];
  });
  return { resolved: { users, members: Object.fromEntries(members) } };
}
