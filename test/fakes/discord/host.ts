/** What a test sets up and what admins do: people, servers, channels, roles, permissions; the bot invited and thrown out. */
import { ChannelType, GatewayDispatchEvents, GatewayIntentBits, type Locale } from 'discord-api-types/v10';
import type { Discord } from './discord.ts';
import { removeMessage } from './messages.ts';
import { toChannel, toGuildCreate, toGuildLeft, toMember, toRole, toUser } from './payloads.ts';
import { bitsOf, EVERYONE_PERMISSIONS, type Permission } from './permissions.ts';
import { createPerson, type Person } from './person.ts';
import { messagesOf, userOf, type WorldChannel, type WorldGuild, type WorldUser } from './world.ts';

/** The least that works, as the invite link asks for it. */
const INVITE_PERMISSIONS = 274_878_024_768n;

export type PermissionChange = { allow?: readonly Permission[]; deny?: readonly Permission[] };

export type GuildHandle = {
  readonly id: string;
  /** @returns its id */
  addChannel(name: string, options?: { type?: ChannelType; parentId?: string }): string;
  /** A thread of a channel, or a post of a forum. @returns its id, which is a channel's */
  addThread(channelId: string, name: string, owner: Person): string;
  archive(threadId: string): void;
  /** @returns its id */
  addRole(name: string, permissions?: readonly Permission[]): string;
  giveRole(person: Person, roleId: string): void;
  takeRole(person: Person, roleId: string): void;
  /** Says otherwise in this channel for a role, a person, the bot or `everyone`. */
  overwrite(channelId: string, who: string | Person | 'everyone' | 'bot', change: PermissionChange): void;
  join(person: Person): void;
  leave(person: Person): void;
  inviteBot(permissions?: bigint): void;
  kickBot(): void;
  deleteChannel(channelId: string): void;
  deleteMessage(messageId: string): void;
  setUploadLimit(bytes: number): void;
  /** The bot is told that the server is gone for a while, or is back. */
  setOutage(isUnavailable: boolean): void;
};

export type Host = {
  person(name: string, options?: { locale?: `${Locale}` }): Person;
  guild(name: string, members: readonly Person[], options?: { hasBot?: boolean; locale?: `${Locale}` }): GuildHandle;
};

export function createHost(discord: Discord): Host {
  const { world } = discord;
  return {
    person(name, { locale = 'en-US' } = {}) {
      const user: WorldUser = {
        id: world.newId(),
        username: name,
        globalName: name,
        isBot: false,
        locale,
        hasDmsClosed: false,
        hasInstalledApp: false,
      };
      world.users.set(user.id, user);
      return createPerson(discord, user);
    },
    guild(name, members, { hasBot = true, locale = 'en-US' } = {}) {
      const id = world.newId();
      const guild: WorldGuild = {
        id,
        name,
        ownerId: members[0]?.id ?? world.newId(),
        locale,
        roles: new Map([
          [id, { id, name: '@everyone', permissions: EVERYONE_PERMISSIONS, position: 0, isManaged: false }],
        ]),
        members: new Map(),
        uploadBytesMax: discord.uploadBytesMax,
        isUnavailable: false,
      };
      world.guilds.set(id, guild);
      const handle = createGuildHandle(discord, guild);
      for (const member of members) handle.join(member);
      if (hasBot) handle.inviteBot();
      return handle;
    },
  };
}

function createGuildHandle(discord: Discord, guild: WorldGuild): GuildHandle {
  const { world, gateway } = discord;
  const ofGuild = (intent: GatewayIntentBits) => ({ guildId: guild.id, intent });
  const isBotIn = () => guild.members.has(world.bot.id);
  const channelOf = (id: string): WorldChannel => {
    const channel = world.channels.get(id);
    if (channel?.guildId !== guild.id) throw new Error(`There is no channel ${id} in ${guild.name}.`);
    return channel;
  };
  const tellChannel = (
    event:
      | GatewayDispatchEvents.ChannelCreate
      | GatewayDispatchEvents.ChannelUpdate
      | GatewayDispatchEvents.ChannelDelete,
    channel: WorldChannel,
  ) => {
    if (isBotIn()) gateway.dispatch(event, toChannel(world, channel) as never, ofGuild(GatewayIntentBits.Guilds));
  };

  function add(name: string, type: ChannelType, parentId: string | null, ownerId: string | null): WorldChannel {
    const channel: WorldChannel = {
      id: world.newId(),
      type,
      guildId: guild.id,
      parentId,
      name,
      overwrites: [],
      recipientId: null,
      ownerId,
      isArchived: false,
      isNsfw: false,
      createdAtMs: world.clock.nowMs(),
    };
    world.channels.set(channel.id, channel);
    return channel;
  }

  function changeRoles(person: Person, change: (roles: Set<string>) => void): void {
    const member = guild.members.get(person.id);
    if (member === undefined) throw new Error(`${person.name} is no member of ${guild.name}.`);
    change(member.roles);
    const { deaf: _d, mute: _m, ...said } = toMember(member, userOf(world, person.id));
    const audience = ofGuild(GatewayIntentBits.GuildMembers);
    gateway.dispatch(GatewayDispatchEvents.GuildMemberUpdate, { ...said, guild_id: guild.id }, audience);
  }

  return {
    id: guild.id,
    addChannel(name, { type = ChannelType.GuildText, parentId } = {}) {
      const channel = add(name, type, parentId ?? null, null);
      tellChannel(GatewayDispatchEvents.ChannelCreate, channel);
      return channel.id;
    },
    addThread(channelId, name, owner) {
      channelOf(channelId);
      const thread = add(name, ChannelType.PublicThread, channelId, owner.id);
      if (isBotIn()) {
        const said = { ...toChannel(world, thread), newly_created: true };
        gateway.dispatch(GatewayDispatchEvents.ThreadCreate, said as never, ofGuild(GatewayIntentBits.Guilds));
      }
      return thread.id;
    },
    archive(threadId) {
      const thread = channelOf(threadId);
      thread.isArchived = true;
      gateway.dispatch(
        GatewayDispatchEvents.ThreadUpdate,
        toChannel(world, thread) as never,
        ofGuild(GatewayIntentBits.Guilds),
      );
    },
    addRole(name, permissions = []) {
      const role = {
        id: world.newId(),
        name,
        permissions: bitsOf(permissions),
        position: guild.roles.size,
        isManaged: false,
      };
      guild.roles.set(role.id, role);
      const said = { guild_id: guild.id, role: toRole(role, world.bot.id) };
      if (isBotIn()) gateway.dispatch(GatewayDispatchEvents.GuildRoleCreate, said, ofGuild(GatewayIntentBits.Guilds));
      return role.id;
    },
    giveRole: (person, roleId) => changeRoles(person, (roles) => roles.add(roleId)),
    takeRole: (person, roleId) => changeRoles(person, (roles) => roles.delete(roleId)),
    overwrite(channelId, who, { allow = [], deny = [] }) {
      const channel = channelOf(channelId);
      const id = typeof who !== 'string' ? who.id : who === 'everyone' ? guild.id : who === 'bot' ? world.bot.id : who;
      channel.overwrites = channel.overwrites.filter((overwrite) => overwrite.id !== id);
      const type = guild.roles.has(id) ? 'role' : 'member';
      channel.overwrites.push({ id, type, allow: bitsOf(allow), deny: bitsOf(deny) });
      tellChannel(GatewayDispatchEvents.ChannelUpdate, channel);
    },
    join(person) {
      const member = { userId: person.id, roles: new Set<string>(), nick: null, joinedAtMs: world.clock.nowMs() };
      guild.members.set(person.id, member);
      const said = { ...toMember(member, userOf(world, person.id)), guild_id: guild.id };
      gateway.dispatch(GatewayDispatchEvents.GuildMemberAdd, said, ofGuild(GatewayIntentBits.GuildMembers));
    },
    leave(person) {
      guild.members.delete(person.id);
      const said = { guild_id: guild.id, user: toUser(userOf(world, person.id)) };
      gateway.dispatch(GatewayDispatchEvents.GuildMemberRemove, said, ofGuild(GatewayIntentBits.GuildMembers));
    },
    inviteBot(permissions = INVITE_PERMISSIONS) {
      const role = {
        id: world.newId(),
        name: world.bot.username,
        permissions,
        position: guild.roles.size,
        isManaged: true,
      };
      guild.roles.set(role.id, role);
      const joinedAtMs = world.clock.nowMs();
      guild.members.set(world.bot.id, { userId: world.bot.id, roles: new Set([role.id]), nick: null, joinedAtMs });
      gateway.dispatch(
        GatewayDispatchEvents.GuildCreate,
        toGuildCreate(world, guild),
        ofGuild(GatewayIntentBits.Guilds),
      );
    },
    kickBot() {
      guild.members.delete(world.bot.id);
      for (const [id, role] of guild.roles) if (role.isManaged) guild.roles.delete(id);
      gateway.dispatch(GatewayDispatchEvents.GuildDelete, toGuildLeft(guild.id), ofGuild(GatewayIntentBits.Guilds));
    },
    deleteChannel(channelId) {
      const channel = channelOf(channelId);
      const threads = [...world.channels.values()].filter(
        (each) => each.parentId === channelId && each.ownerId !== null,
      );
      for (const gone of [...threads, channel]) {
        for (const { id } of messagesOf(world, gone.id)) world.messages.delete(id);
        world.channels.delete(gone.id);
      }
      if (channel.ownerId === null) return tellChannel(GatewayDispatchEvents.ChannelDelete, channel);
      const { id, type, parentId } = channel;
      const said = { id, type: type as ChannelType.PublicThread, guild_id: guild.id, parent_id: parentId ?? '' };
      gateway.dispatch(GatewayDispatchEvents.ThreadDelete, said, ofGuild(GatewayIntentBits.Guilds));
    },
    deleteMessage(messageId) {
      const message = world.messages.get(messageId);
      if (message === undefined) throw new Error(`There is no message ${messageId}.`);
      removeMessage(discord, message);
    },
    setUploadLimit(bytes) {
      guild.uploadBytesMax = bytes;
    },
    setOutage(isUnavailable) {
      guild.isUnavailable = isUnavailable;
      const audience = ofGuild(GatewayIntentBits.Guilds);
      if (isUnavailable)
        gateway.dispatch(GatewayDispatchEvents.GuildDelete, { id: guild.id, unavailable: true }, audience);
      else gateway.dispatch(GatewayDispatchEvents.GuildCreate, toGuildCreate(world, guild), audience);
    },
  };
}
