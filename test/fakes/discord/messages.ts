/** What happens to messages, whoever does it: the bot by a request, a person in the client. Everyone who may hear of it does. */
import {
  ChannelType,
  GatewayDispatchEvents,
  GatewayIntentBits,
  type GatewayMessageReactionAddDispatchData,
  MessageFlags,
  ReactionType,
} from 'discord-api-types/v10';
import type { Discord } from './discord.ts';
import type { Audience } from './gateway.ts';
import { toMessage } from './message-payload.ts';
import { toMember } from './payloads.ts';
import { channelPermissions, hasPermission } from './permissions.ts';
import { rulingChannel, userOf, type WorldMessage } from './world.ts';

const HOUR_MS = 3_600_000;

export type NewMessage = Pick<WorldMessage, 'channelId' | 'authorId' | 'content'> & Partial<WorldMessage>;

export function createMessage(discord: Discord, given: NewMessage): WorldMessage {
  const { world } = discord;
  const message: WorldMessage = {
    id: world.newId(),
    embeds: [],
    components: [],
    attachments: [],
    flags: 0,
    createdAtMs: world.clock.nowMs(),
    editedAtMs: null,
    nonce: null,
    replyTo: null,
    reactions: new Map(),
    onlyFor: null,
    interactionId: null,
    mentions: [],
    mentionsEveryone: false,
    lateEdits: 0,
    ...given,
  };
  world.messages.set(message.id, message);
  tell(discord, message, 'created');
  return message;
}

export function changeMessage(discord: Discord, message: WorldMessage, change: Partial<WorldMessage>): WorldMessage {
  const nowMs = discord.world.clock.nowMs();
  Object.assign(message, change, { editedAtMs: nowMs });
  // What waited for its answer is a message only now.
  message.flags &= ~MessageFlags.Loading;
  if (isOld(discord, message)) message.lateEdits += 1;
  tell(discord, message, 'changed');
  return message;
}

export function isOld({ world }: Discord, { createdAtMs }: WorldMessage): boolean {
  return world.clock.nowMs() - createdAtMs > HOUR_MS;
}

export function removeMessage(discord: Discord, message: WorldMessage): void {
  discord.world.messages.delete(message.id);
  if (message.onlyFor !== null) return;
  const channel = discord.world.channels.get(message.channelId);
  const guild = channel?.guildId ?? null;
  discord.gateway.dispatch(
    GatewayDispatchEvents.MessageDelete,
    { id: message.id, channel_id: message.channelId, ...(guild === null ? {} : { guild_id: guild }) },
    audienceOf(discord, message.channelId, 'messages'),
  );
}

export function addReaction(discord: Discord, message: WorldMessage, emoji: string, userId: string): void {
  const users = message.reactions.get(emoji) ?? new Set();
  if (users.has(userId)) return;
  message.reactions.set(emoji, users.add(userId));
  const event = reactionEvent(discord, message, emoji, userId);
  const guild = discord.world.guilds.get(event.guild_id ?? '');
  const member = guild?.members.get(userId);
  const added: GatewayMessageReactionAddDispatchData = {
    ...event,
    message_author_id: message.authorId,
    ...(member === undefined ? {} : { member: toMember(member, userOf(discord.world, userId)) }),
  };
  discord.gateway.dispatch(
    GatewayDispatchEvents.MessageReactionAdd,
    added,
    audienceOf(discord, message.channelId, 'reactions'),
  );
}

export function removeReaction(discord: Discord, message: WorldMessage, emoji: string, userId: string): void {
  const users = message.reactions.get(emoji);
  if (users?.delete(userId) !== true) return;
  if (users.size === 0) message.reactions.delete(emoji);
  discord.gateway.dispatch(
    GatewayDispatchEvents.MessageReactionRemove,
    reactionEvent(discord, message, emoji, userId),
    audienceOf(discord, message.channelId, 'reactions'),
  );
}

function reactionEvent({ world }: Discord, message: WorldMessage, emoji: string, userId: string) {
  const guildId = world.channels.get(message.channelId)?.guildId ?? null;
  return {
    user_id: userId,
    channel_id: message.channelId,
    message_id: message.id,
    ...(guildId === null ? {} : { guild_id: guildId }),
    emoji: { id: null, name: emoji },
    burst: false,
    type: ReactionType.Normal,
    burst_colors: [],
  };
}

/** The bot hears of a channel if it sees it and asked for such news. */
export function audienceOf({ world }: Discord, channelId: string, kind: 'messages' | 'reactions'): Audience {
  const channel = world.channels.get(channelId);
  const isDirect = channel === undefined || channel.type === ChannelType.DM;
  const guild = world.guilds.get(channel?.guildId ?? '');
  const bits =
    channel === undefined || guild === undefined
      ? 0n
      : channelPermissions(guild, rulingChannel(world, channel), world.bot.id);
  const intents = {
    messages: isDirect ? GatewayIntentBits.DirectMessages : GatewayIntentBits.GuildMessages,
    reactions: isDirect ? GatewayIntentBits.DirectMessageReactions : GatewayIntentBits.GuildMessageReactions,
  };
  return {
    guildId: guild?.id ?? null,
    intent: intents[kind],
    isHidden: !isDirect && !hasPermission(bits, 'ViewChannel'),
  };
}

function tell(discord: Discord, message: WorldMessage, what: 'created' | 'changed'): void {
  // What one person alone sees is no news for the gateway, and neither is an answer that is still awaited.
  if (message.onlyFor !== null || (message.flags & MessageFlags.Loading) !== 0) return;
  const event = what === 'created' ? GatewayDispatchEvents.MessageCreate : GatewayDispatchEvents.MessageUpdate;
  discord.gateway.dispatch(
    event,
    (canReadContent) => toMessage(discord, message, { canReadContent, forGateway: true }),
    audienceOf(discord, message.channelId, 'messages'),
  );
}
