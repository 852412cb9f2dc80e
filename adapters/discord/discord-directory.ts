// Names of people, roles and channels, from what the gateway told and, for people, from Discord.

import { type Client, RESTJSONErrorCodes as Code, type Guild, type GuildMember } from 'discord.js';
import type { Directory, Named } from '../../src/index.ts';
import { isDiscordCode, toPlatformError } from './platform-error.ts';

const LISTED_MAX = 100;
const SEARCHED_MAX = 10;
const NOBODY_THERE: readonly number[] = [Code.UnknownMember, Code.UnknownUser];

export function createDiscordDirectory(client: () => Client<true> | null): Directory {
  const guildOf = (tenant: string): Guild | null => client()?.guilds.cache.get(tenant) ?? null;

  return {
    async nameOf(tenant, kind, id) {
      const guild = guildOf(tenant);
      if (guild === null) return null;
      if (kind === 'user') {
        const member = await memberOf(guild, id);
        return member === null ? null : `@${member.displayName}`;
      }
      if (kind === 'role') {
        const role = guild.roles.cache.get(id);
        return role === undefined ? null : `@${role.name.replace(/^@/u, '')}`;
      }
      const channel = guild.channels.cache.get(id);
      return channel === undefined ? null : `#${channel.name}`;
    },
    async find(tenant, kind, name) {
      const guild = guildOf(tenant);
      if (guild === null) return null;
      const wanted = name.toLowerCase();
      if (kind !== 'user') return only(namesOf(guild, kind), wanted);
      const found = await guild.members.search({ query: name, limit: SEARCHED_MAX }).catch((thrown: unknown) => {
        throw toPlatformError(thrown);
      });
      const named = [...found.values()].flatMap((member) =>
        [member.displayName, member.user.username].map((each) => ({ id: member.id, name: each })),
      );
      return only(named, wanted);
    },
    async rolesOf(tenant, user) {
      const guild = guildOf(tenant);
      const member = guild === null ? null : await memberOf(guild, user);
      return member === null ? [] : [...member.roles.cache.keys()];
    },
    async list(tenant, kind) {
      const guild = guildOf(tenant);
      // Who is in a server is not told without a privileged intent; Discord's own select lists them.
      return guild === null || kind === 'user' ? [] : namesOf(guild, kind).slice(0, LISTED_MAX);
    },
  };
}

function namesOf(guild: Guild, kind: 'role' | 'channel'): readonly Named[] {
  return kind === 'role'
    ? guild.roles.cache.filter(({ id }) => id !== guild.id).map(({ id, name }) => ({ id, name }))
    : guild.channels.cache.filter((channel) => !channel.isThread()).map(({ id, name }) => ({ id, name }));
}

/** @returns null when nobody, or more than one, is called so */
function only(all: readonly Named[], wanted: string): Named | null {
  const found = all.filter(({ name }) => name.toLowerCase() === wanted);
  const ids = new Set(found.map(({ id }) => id));
  return ids.size === 1 ? (found[0] ?? null) : null;
}

async function memberOf(guild: Guild, user: string): Promise<GuildMember | null> {
  try {
    return await guild.members.fetch(user);
  } catch (thrown) {
    if (isDiscordCode(thrown, ...NOBODY_THERE)) return null;
    throw toPlatformError(thrown);
  }
}
