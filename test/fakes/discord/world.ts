/** What is true on a Discord of one bot: people, servers, channels, messages, commands. Changed by the bot's requests and by people. */
import type {
  APIApplicationCommand,
  APIEmbed,
  APIMessageTopLevelComponent,
  ChannelType,
  Locale,
} from 'discord-api-types/v10';
import type { ProtocolClock } from '../protocol/clock.ts';
import { createSnowflakes, type MakeSnowflake } from './snowflake.ts';

export type WorldUser = {
  id: string;
  username: string;
  globalName: string | null;
  isBot: boolean;
  locale: `${Locale}`;
  /** Takes no direct messages from members of shared servers. */
  hasDmsClosed: boolean;
  /** Added the app to their own account. */
  hasInstalledApp: boolean;
};

export type WorldRole = { id: string; name: string; permissions: bigint; position: number; isManaged: boolean };
export type WorldMember = { userId: string; roles: Set<string>; nick: string | null; joinedAtMs: number };
export type Overwrite = { id: string; type: 'role' | 'member'; allow: bigint; deny: bigint };

export type WorldGuild = {
  id: string;
  name: string;
  ownerId: string;
  locale: `${Locale}`;
  roles: Map<string, WorldRole>;
  members: Map<string, WorldMember>;
  /** 10 MiB unless members boost it. */
  uploadBytesMax: number;
  /** In an outage: the bot knows of it but not what is in it. */
  isUnavailable: boolean;
};

export type WorldChannel = {
  id: string;
  type: ChannelType;
  guildId: string | null;
  /** The category of a channel, the channel of a thread. */
  parentId: string | null;
  name: string;
  overwrites: Overwrite[];
  /** Of a direct message: the person. */
  recipientId: string | null;
  /** Of a thread. */
  ownerId: string | null;
  isArchived: boolean;
  isNsfw: boolean;
  createdAtMs: number;
};

export type WorldAttachment = {
  id: string;
  name: string;
  mediaType: string;
  bytes: Buffer;
  description: string | null;
  widthPx: number | null;
  heightPx: number | null;
};

export type WorldMessage = {
  id: string;
  channelId: string;
  authorId: string;
  content: string;
  embeds: APIEmbed[];
  components: APIMessageTopLevelComponent[];
  attachments: WorldAttachment[];
  flags: number;
  createdAtMs: number;
  editedAtMs: number | null;
  nonce: string | number | null;
  /** The message it replies to. */
  replyTo: string | null;
  /** Emoji -> who. */
  reactions: Map<string, Set<string>>;
  /** Who alone sees it; null: everyone in the channel. */
  onlyFor: string | null;
  /** The interaction that it answers. */
  interactionId: string | null;
  /** Who is named, and so hears of it. */
  mentions: string[];
  mentionsEveryone: boolean;
  /** Edits since it was an hour old. */
  lateEdits: number;
};

export type World = {
  readonly clock: ProtocolClock;
  readonly newId: MakeSnowflake;
  readonly application: { id: string; name: string };
  readonly bot: WorldUser;
  readonly users: Map<string, WorldUser>;
  readonly guilds: Map<string, WorldGuild>;
  readonly channels: Map<string, WorldChannel>;
  readonly messages: Map<string, WorldMessage>;
  readonly commands: Map<string, APIApplicationCommand>;
};

export type WorldOptions = { clock: ProtocolClock; botName: string };

export function createWorld({ clock, botName }: WorldOptions): World {
  const newId = createSnowflakes(clock.nowMs);
  const id = newId();
  const bot: WorldUser = {
    id,
    username: botName,
    globalName: null,
    isBot: true,
    locale: 'en-US',
    hasDmsClosed: false,
    hasInstalledApp: false,
  };
  return {
    clock,
    newId,
    application: { id, name: botName },
    bot,
    users: new Map([[id, bot]]),
    guilds: new Map(),
    channels: new Map(),
    messages: new Map(),
    commands: new Map(),
  };
}

/** Messages of a channel, oldest first. */
export function messagesOf(world: World, channelId: string): WorldMessage[] {
  return [...world.messages.values()].filter((message) => message.channelId === channelId);
}

/** The channel whose rules count: a thread has those of the channel it hangs on. */
export function rulingChannel(world: World, channel: WorldChannel): WorldChannel {
  const isThread = channel.ownerId !== null;
  return isThread && channel.parentId !== null ? (world.channels.get(channel.parentId) ?? channel) : channel;
}

/** The direct message channel with this person, made when it is first needed. */
export function directChannel(world: World, userId: string, type: ChannelType.DM): WorldChannel {
  const known = [...world.channels.values()].find(({ recipientId }) => recipientId === userId);
  if (known !== undefined) return known;
  const channel: WorldChannel = {
    id: world.newId(),
    type,
    guildId: null,
    parentId: null,
    name: '',
    overwrites: [],
    recipientId: userId,
    ownerId: null,
    isArchived: false,
    isNsfw: false,
    createdAtMs: world.clock.nowMs(),
  };
  world.channels.set(channel.id, channel);
  return channel;
}

export function userOf(world: World, id: string): WorldUser {
  const user = world.users.get(id);
  if (user === undefined) throw new Error(`There is no user ${id}.`);
  return user;
}
