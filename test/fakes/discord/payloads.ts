/** The world as Discord writes it: users, members, servers, channels, for HTTP and the gateway alike. */
import {
  type APIChannel,
  type APIDMChannel,
  type APIGuild,
  type APIGuildMember,
  type APIRole,
  type APIUser,
  ChannelType,
  type GatewayGuildCreateDispatchData,
  type GatewayGuildDeleteDispatchData,
  OverwriteType,
} from 'discord-api-types/v10';
import type { World, WorldChannel, WorldGuild, WorldMember, WorldRole, WorldUser } from './world.ts';
import { messagesOf, userOf } from './world.ts';

/** Numbers where the types have flags of which none is set. */
const NO_FLAGS: number = 0;

export function toUser(user: WorldUser) {
  return {
    id: user.id,
    username: user.username,
    discriminator: user.isBot ? '0001' : '0',
    global_name: user.globalName,
    avatar: null,
    ...(user.isBot ? { bot: true } : {}),
    public_flags: NO_FLAGS,
    flags: NO_FLAGS,
    primary_guild: null,
  } satisfies APIUser;
}

/** What a bot is told of itself. */
export function toOwnUser(bot: WorldUser) {
  return { ...toUser(bot), mfa_enabled: false, locale: bot.locale, verified: true, email: null } satisfies APIUser;
}

export function toMember(member: WorldMember, user: WorldUser) {
  return {
    user: toUser(user),
    nick: member.nick,
    avatar: null,
    banner: null,
    roles: [...member.roles],
    joined_at: new Date(member.joinedAtMs).toISOString(),
    premium_since: null,
    deaf: false,
    mute: false,
    flags: NO_FLAGS,
    pending: false,
    communication_disabled_until: null,
  } satisfies APIGuildMember;
}

export function toRole(role: WorldRole, botId: string) {
  return {
    id: role.id,
    name: role.name,
    color: 0,
    colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
    hoist: false,
    icon: null,
    unicode_emoji: null,
    position: role.position,
    permissions: String(role.permissions),
    managed: role.isManaged,
    mentionable: false,
    flags: NO_FLAGS,
    ...(role.isManaged ? { tags: { bot_id: botId } } : {}),
  } satisfies APIRole;
}

export function toGuild(world: World, guild: WorldGuild) {
  return {
    id: guild.id,
    name: guild.name,
    icon: null,
    description: null,
    home_header: null,
    splash: null,
    discovery_splash: null,
    features: [],
    banner: null,
    owner_id: guild.ownerId,
    application_id: null,
    region: 'deprecated',
    afk_channel_id: null,
    afk_timeout: 300 as const,
    system_channel_id: null,
    system_channel_flags: NO_FLAGS,
    widget_enabled: false,
    widget_channel_id: null,
    verification_level: 0,
    roles: [...guild.roles.values()].map((role) => toRole(role, world.bot.id)),
    default_message_notifications: 0,
    mfa_level: 0,
    explicit_content_filter: 0,
    max_presences: null,
    max_members: 500_000,
    max_stage_video_channel_users: 50,
    max_video_channel_users: 25,
    vanity_url_code: null,
    premium_tier: 0,
    premium_subscription_count: 0,
    preferred_locale: guild.locale as APIGuild['preferred_locale'],
    rules_channel_id: null,
    safety_alerts_channel_id: null,
    public_updates_channel_id: null,
    premium_progress_bar_enabled: false,
    nsfw: false,
    nsfw_level: 0,
    emojis: [],
    stickers: [],
    incidents_data: null,
    hub_type: null,
  };
}

/** What HTTP says of a server; the gateway's says a little more. */
export function toGuildWithCounts(world: World, guild: WorldGuild) {
  const { hub_type: _, ...rest } = toGuild(world, guild);
  return {
    ...rest,
    approximate_member_count: guild.members.size,
    approximate_presence_count: guild.members.size,
  };
}

export function toGuildCreate(world: World, guild: WorldGuild): GatewayGuildCreateDispatchData {
  const own = guild.members.get(world.bot.id);
  const channels = [...world.channels.values()].filter(({ guildId }) => guildId === guild.id);
  const written = (isThread: boolean) =>
    channels.filter(({ ownerId }) => (ownerId !== null) === isThread).map((channel) => toChannel(world, channel));
  return {
    ...toGuild(world, guild),
    joined_at: new Date(own?.joinedAtMs ?? 0).toISOString(),
    large: false,
    unavailable: false,
    member_count: guild.members.size,
    voice_states: [],
    // Without the privileged intent a bot is told of itself alone.
    members: own === undefined ? [] : [toMember(own, world.bot)],
    channels: written(false) as GatewayGuildCreateDispatchData['channels'],
    threads: written(true) as GatewayGuildCreateDispatchData['threads'],
    presences: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
  };
}

export function toChannel(world: World, channel: WorldChannel): APIChannel {
  const lastMessageId = messagesOf(world, channel.id).at(-1)?.id ?? null;
  const base = { id: channel.id, type: channel.type, flags: 0, last_message_id: lastMessageId };
  if (channel.type === ChannelType.DM) {
    const recipients = channel.recipientId === null ? [] : [toUser(userOf(world, channel.recipientId))];
    return { ...base, type: ChannelType.DM, recipients } as APIDMChannel;
  }
  const inGuild = { ...base, guild_id: channel.guildId, name: channel.name, parent_id: channel.parentId };
  if (channel.ownerId !== null) {
    const atMs = new Date(channel.createdAtMs).toISOString();
    return {
      ...inGuild,
      owner_id: channel.ownerId,
      message_count: messagesOf(world, channel.id).length,
      total_message_sent: messagesOf(world, channel.id).length,
      member_count: 1,
      rate_limit_per_user: 0,
      thread_metadata: {
        archived: channel.isArchived,
        archive_timestamp: atMs,
        auto_archive_duration: 1440,
        locked: false,
        create_timestamp: atMs,
      },
    } as APIChannel;
  }
  return {
    ...inGuild,
    position: 0,
    nsfw: channel.isNsfw,
    topic: null,
    rate_limit_per_user: 0,
    permission_overwrites: channel.overwrites.map(({ id, type, allow, deny }) => ({
      id,
      type: type === 'role' ? OverwriteType.Role : OverwriteType.Member,
      allow: String(allow),
      deny: String(deny),
    })),
    ...(channel.type === ChannelType.GuildForum ? { available_tags: [], default_forum_layout: 0 } : {}),
  } as APIChannel;
}

/** That the bot is in a server no more: `unavailable` would say that the server is only away. */
export function toGuildLeft(id: string): GatewayGuildDeleteDispatchData {
  return { id } as GatewayGuildDeleteDispatchData;
}
