/** A message as Discord writes it, to whoever asks: its words are kept from bots that were not spoken to. */
import {
  type APIAttachment,
  type APIMessage,
  type APIMessageInteractionMetadata,
  ChannelType,
  InteractionType,
  MessageFlags,
  MessageReferenceType,
  MessageType,
} from 'discord-api-types/v10';
import type { Discord } from './discord.ts';
import { toMember, toUser } from './payloads.ts';
import type { WorldAttachment, WorldMessage } from './world.ts';
import { userOf } from './world.ts';

export type MessageForm = {
  /** Whether the privileged intent "message content" is granted. */
  canReadContent?: boolean;
  /** The gateway adds the server and the author's membership. */
  forGateway?: boolean;
  /** A message that is quoted does not quote another. */
  isQuoted?: boolean;
};

export function toMessage(discord: Discord, message: WorldMessage, form: MessageForm = {}): APIMessage {
  const { world } = discord;
  const channel = world.channels.get(message.channelId);
  const guildId = channel?.guildId ?? null;
  const author = userOf(world, message.authorId);
  const isReadable =
    form.canReadContent === true ||
    author.id === world.bot.id ||
    channel?.type === ChannelType.DM ||
    message.mentions.includes(world.bot.id);
  const member = guildId === null ? undefined : world.guilds.get(guildId)?.members.get(author.id);
  const interaction = message.interactionId === null ? undefined : discord.interactions.get(message.interactionId);
  const reply = message.replyTo === null ? undefined : world.messages.get(message.replyTo);
  return {
    type: message.replyTo !== null ? MessageType.Reply : interaction?.command ? commandType(interaction.type) : 0,
    id: message.id,
    channel_id: message.channelId,
    author: toUser(author),
    content: isReadable ? message.content : '',
    embeds: isReadable ? message.embeds : [],
    components: isReadable ? message.components : [],
    attachments: isReadable ? message.attachments.map((each) => toAttachment(discord, message, each)) : [],
    timestamp: new Date(message.createdAtMs).toISOString(),
    edited_timestamp: message.editedAtMs === null ? null : new Date(message.editedAtMs).toISOString(),
    flags: message.flags,
    tts: false,
    pinned: false,
    mention_everyone: message.mentionsEveryone,
    mentions: message.mentions.map((id) => toUser(userOf(world, id))),
    mention_roles: [],
    ...(message.nonce === null ? {} : { nonce: message.nonce }),
    ...(author.isBot ? { application_id: world.application.id } : {}),
    ...(interaction === undefined
      ? {}
      : { webhook_id: world.application.id, interaction_metadata: metadataOf(discord, interaction.id) }),
    ...(message.reactions.size === 0 ? {} : { reactions: toReactions(discord, message) }),
    ...(message.replyTo === null
      ? {}
      : {
          message_reference: {
            type: MessageReferenceType.Default,
            channel_id: message.channelId,
            message_id: message.replyTo,
            ...(guildId === null ? {} : { guild_id: guildId }),
          },
        }),
    ...(message.replyTo === null || form.isQuoted === true
      ? {}
      : { referenced_message: reply === undefined ? null : toMessage(discord, reply, { ...form, isQuoted: true }) }),
    ...(form.forGateway === true && channel !== undefined ? { channel_type: channel.type } : {}),
    ...(form.forGateway === true && guildId !== null
      ? {
          guild_id: guildId,
          ...(member === undefined ? {} : { member: withoutUser(toMember(member, author)) }),
        }
      : {}),
  } as APIMessage;
}

function commandType(type: InteractionType): MessageType {
  return type === InteractionType.ApplicationCommand ? MessageType.ChatInputCommand : MessageType.Default;
}

/** How a message came about: by which interaction of whom. */
function metadataOf(discord: Discord, interactionId: string): APIMessageInteractionMetadata | undefined {
  const interaction = discord.interactions.get(interactionId);
  if (interaction === undefined) return undefined;
  const base = {
    id: interaction.id,
    user: toUser(userOf(discord.world, interaction.userId)),
    authorizing_integration_owners: interaction.owners,
  };
  if (interaction.type === InteractionType.MessageComponent)
    return { ...base, type: interaction.type, interacted_message_id: interaction.messageId ?? '0' };
  if (interaction.type === InteractionType.ModalSubmit) {
    const opener = interaction.openedById === null ? undefined : metadataOf(discord, interaction.openedById);
    if (opener === undefined || opener.type === InteractionType.ModalSubmit) return undefined;
    return { ...base, type: interaction.type, triggering_interaction_metadata: opener };
  }
  return { ...base, type: InteractionType.ApplicationCommand };
}

export function toAttachment(discord: Discord, message: WorldMessage, attachment: WorldAttachment): APIAttachment {
  const url = discord.cdn.urlOf(message.channelId, attachment);
  return {
    id: attachment.id,
    filename: attachment.name,
    size: attachment.bytes.length,
    url,
    proxy_url: url,
    content_type: attachment.mediaType,
    ...(attachment.description === null ? {} : { description: attachment.description }),
    ...(attachment.widthPx === null ? {} : { width: attachment.widthPx }),
    ...(attachment.heightPx === null ? {} : { height: attachment.heightPx }),
    ...((message.flags & MessageFlags.Ephemeral) === 0 ? {} : { ephemeral: true }),
  };
}

function toReactions({ world }: Discord, message: WorldMessage) {
  return [...message.reactions].map(([name, users]) => ({
    emoji: { id: null, name },
    count: users.size,
    count_details: { burst: 0, normal: users.size },
    burst_colors: [],
    me_burst: false,
    me: users.has(world.bot.id),
  }));
}

export function withoutUser<T extends { user: unknown }>({ user: _, ...rest }: T): Omit<T, 'user'> {
  return rest;
}
