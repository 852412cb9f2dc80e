/** Messages of channels: post, edit, delete, read, react. */
import { ChannelType, type RESTPostAPIChannelMessageJSONBody } from 'discord-api-types/v10';
import type { ProtocolAnswer } from '../../protocol/request.ts';
import { isEmoji } from '../components.ts';
import type { Discord } from '../discord.ts';
import { type Content, type Form, readForm } from '../message-form.ts';
import { toMessage } from '../message-payload.ts';
import { addReaction, changeMessage, createMessage, isOld, removeMessage, removeReaction } from '../messages.ts';
import { toUser } from '../payloads.ts';
import type { Permission } from '../permissions.ts';
import { Refusal, refuseForm } from '../refusal.ts';
import { bySnowflake } from '../snowflake.ts';
import { messagesOf, userOf, type WorldChannel, type WorldMessage } from '../world.ts';
import { type Call, channelOf, messageOf, NOTHING, need, type Route } from './route.ts';

const NONCE_LIFE_MS = 5 * 60_000;
/** Edits to messages that are older than an hour, an hour. */
const LATE_EDITS_MAX = 5;
const REACTIONS_MAX = 20;
const TEXT_CHANNELS: readonly ChannelType[] = [
  ChannelType.GuildText,
  ChannelType.GuildAnnouncement,
  ChannelType.GuildVoice,
  ChannelType.GuildStageVoice,
  ChannelType.DM,
  ChannelType.PublicThread,
  ChannelType.PrivateThread,
  ChannelType.AnnouncementThread,
];

type NewForm = Form & Pick<RESTPostAPIChannelMessageJSONBody, 'nonce' | 'enforce_nonce' | 'message_reference' | 'tts'>;

const show = (discord: Discord, message: WorldMessage): ProtocolAnswer => ({
  status: 200,
  body: toMessage(discord, message),
});

async function post(call: Call): Promise<ProtocolAnswer> {
  const { discord, files } = call;
  const { world } = discord;
  const form = call.body as NewForm;
  const { channel, guild } = channelOf(call);
  if (!TEXT_CHANNELS.includes(channel.type)) throw new Refusal(50_008);
  need(call, ...permissionsFor(channel, form, files.length));
  if (channel.isArchived) throw new Refusal(50_083);
  if (channel.recipientId !== null) refuseClosed(discord, channel.recipientId);
  const earlier = form.enforce_nonce === true ? sameNonce(discord, channel.id, form.nonce ?? null) : undefined;
  if (earlier !== undefined) return show(discord, earlier);
  const replied = repliedTo(call, form);
  const content = await readForm(discord, form, files, {
    before: null,
    channelId: channel.id,
    guildId: guild?.id ?? null,
    uploadBytesMax: guild?.uploadBytesMax ?? discord.uploadBytesMax,
    repliedUserId: replied?.authorId ?? null,
  });
  const message = createMessage(discord, {
    ...content,
    channelId: channel.id,
    authorId: world.bot.id,
    nonce: form.nonce ?? null,
    replyTo: replied?.id ?? null,
  });
  return show(discord, message);
}

function permissionsFor(channel: WorldChannel, form: Form, files: number): Permission[] {
  return [
    channel.ownerId === null ? 'SendMessages' : 'SendMessagesInThreads',
    ...(files > 0 ? (['AttachFiles'] as const) : []),
    ...((form.embeds ?? []).length > 0 ? (['EmbedLinks'] as const) : []),
  ];
}

/** @throws {Refusal} 50007 when the person takes none, 50278 when they share no server any more */
function refuseClosed({ world }: Discord, userId: string): void {
  const user = userOf(world, userId);
  if (user.hasDmsClosed) throw new Refusal(50_007);
  const isShared = [...world.guilds.values()].some(({ members }) => members.has(userId) && members.has(world.bot.id));
  if (!isShared && !user.hasInstalledApp) throw new Refusal(50_278);
}

function sameNonce({ world }: Discord, channelId: string, nonce: string | number | null): WorldMessage | undefined {
  if (nonce === null) return undefined;
  const sinceMs = world.clock.nowMs() - NONCE_LIFE_MS;
  return messagesOf(world, channelId).find(
    (message) => message.nonce === nonce && message.authorId === world.bot.id && message.createdAtMs > sinceMs,
  );
}

function repliedTo(call: Call, { message_reference: reference }: NewForm): WorldMessage | null {
  if (reference === undefined || reference === null) return null;
  need(call, 'ReadMessageHistory');
  const { channel } = channelOf(call);
  const replied = call.discord.world.messages.get(reference.message_id ?? '');
  if (replied !== undefined && replied.channelId === channel.id && replied.onlyFor === null) return replied;
  if (reference.fail_if_not_exists === false) return null;
  throw new Refusal(50_035, ['message_reference: Unknown message']);
}

async function edit(call: Call): Promise<ProtocolAnswer> {
  const { discord, files } = call;
  const message = messageOf(call);
  const { channel, guild } = channelOf(call);
  if (message.authorId !== discord.world.bot.id) throw new Refusal(50_005);
  if (channel.isArchived) throw new Refusal(50_083);
  if (files.length > 0) need(call, 'AttachFiles');
  if (isOld(discord, message) && message.lateEdits >= LATE_EDITS_MAX) return tooManyLateEdits();
  const content: Content = await readForm(discord, call.body as Form, files, {
    before: message,
    channelId: channel.id,
    guildId: guild?.id ?? null,
    uploadBytesMax: guild?.uploadBytesMax ?? discord.uploadBytesMax,
    repliedUserId: null,
  });
  return show(discord, changeMessage(discord, message, content));
}

function tooManyLateEdits(): ProtocolAnswer {
  return {
    status: 429,
    body: {
      message: 'Maximum number of edits to messages older than 1 hour reached. Try again later.',
      code: 30_046,
      retry_after: 60,
      global: false,
    },
    headers: { 'retry-after': '60', 'x-ratelimit-scope': 'user' },
  };
}

function list(call: Call): ProtocolAnswer {
  const { discord, request } = call;
  const { channel, guild } = channelOf(call);
  const limit = Number(request.query.get('limit') ?? '50');
  if (!(limit >= 1 && limit <= 100)) refuseForm(['limit: int value should be between 1 and 100.']);
  const [before, after] = [request.query.get('before'), request.query.get('after')];
  const isIn = ({ id }: WorldMessage) =>
    (before === null || BigInt(id) < BigInt(before)) && (after === null || BigInt(id) > BigInt(after));
  const all = messagesOf(discord.world, channel.id)
    .filter((message) => message.onlyFor === null && isIn(message))
    .sort(bySnowflake);
  const page = after === null ? all.slice(-limit) : all.slice(0, limit);
  const mayRead = guild === null || mayReadHistory(call);
  return { status: 200, body: mayRead ? page.reverse().map((message) => toMessage(discord, message)) : [] };
}

function mayReadHistory(call: Call): boolean {
  try {
    need(call, 'ReadMessageHistory');
    return true;
  } catch {
    return false;
  }
}

function emojiOf({ params }: Call): string {
  const emoji = params['emoji'] ?? '';
  if (!isEmoji(emoji)) throw new Refusal(10_014);
  return emoji;
}

export const MESSAGE_ROUTES: readonly Route[] = [
  {
    on: 'POST /channels/:channel/messages',
    body: 'MessageCreateRequestSchema',
    answer: 'MessageResponseSchema',
    handle: post,
  },
  {
    on: 'PATCH /channels/:channel/messages/:message',
    body: 'MessageEditRequestPartialSchema',
    answer: 'MessageResponseSchema',
    handle: edit,
  },
  {
    on: 'GET /channels/:channel/messages',
    query: ['limit', 'before', 'after', 'around'],
    answer: 'MessageResponseSchema',
    isAnswerList: true,
    handle: list,
  },
  {
    on: 'GET /channels/:channel/messages/:message',
    answer: 'MessageResponseSchema',
    handle(call) {
      need(call, 'ReadMessageHistory');
      return show(call.discord, messageOf(call));
    },
  },
  {
    on: 'DELETE /channels/:channel/messages/:message',
    handle(call) {
      const message = messageOf(call);
      if (message.authorId !== call.discord.world.bot.id) need(call, 'ManageMessages');
      removeMessage(call.discord, message);
      return NOTHING;
    },
  },
  {
    on: 'PUT /channels/:channel/messages/:message/reactions/:emoji/@me',
    handle(call) {
      const message = messageOf(call);
      const emoji = emojiOf(call);
      need(call, 'ReadMessageHistory', ...(message.reactions.has(emoji) ? [] : (['AddReactions'] as const)));
      if (!message.reactions.has(emoji) && message.reactions.size >= REACTIONS_MAX) throw new Refusal(30_010);
      addReaction(call.discord, message, emoji, call.discord.world.bot.id);
      return NOTHING;
    },
  },
  {
    on: 'DELETE /channels/:channel/messages/:message/reactions/:emoji/:user',
    handle(call) {
      const message = messageOf(call);
      const user = call.params['user'] ?? '';
      if (user !== '@me') need(call, 'ManageMessages');
      removeReaction(call.discord, message, emojiOf(call), user === '@me' ? call.discord.world.bot.id : user);
      return NOTHING;
    },
  },
  {
    on: 'GET /channels/:channel/messages/:message/reactions/:emoji',
    query: ['limit', 'after', 'type'],
    answer: 'UserResponseSchema',
    isAnswerList: true,
    handle(call) {
      need(call, 'ReadMessageHistory');
      const users = messageOf(call).reactions.get(emojiOf(call)) ?? [];
      return { status: 200, body: [...users].map((id) => toUser(userOf(call.discord.world, id))) };
    },
  },
  {
    on: 'POST /channels/:channel/typing',
    handle(call) {
      need(call, 'SendMessages');
      return NOTHING;
    },
  },
];
