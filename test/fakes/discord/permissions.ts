/** Who may do what where, computed as Discord does: the server's roles, then what the channel says otherwise. */
import { PermissionFlagsBits } from 'discord-api-types/v10';
import type { WorldChannel, WorldGuild } from './world.ts';

export type Permission = keyof typeof PermissionFlagsBits;

export const ALL_PERMISSIONS = Object.values(PermissionFlagsBits).reduce((all, one) => all | one, 0n);

/** What everybody may do in a new server, as Discord sets it. */
export const EVERYONE_PERMISSIONS = bitsOf([
  'ViewChannel',
  'SendMessages',
  'SendMessagesInThreads',
  'CreatePublicThreads',
  'EmbedLinks',
  'AttachFiles',
  'AddReactions',
  'UseExternalEmojis',
  'ReadMessageHistory',
  'UseApplicationCommands',
  'UseExternalApps',
  'ChangeNickname',
]);

export function bitsOf(permissions: readonly Permission[]): bigint {
  return permissions.reduce((bits, permission) => bits | PermissionFlagsBits[permission], 0n);
}

export function guildPermissions(guild: WorldGuild, userId: string): bigint {
  const member = guild.members.get(userId);
  if (member === undefined) return 0n;
  if (guild.ownerId === userId) return ALL_PERMISSIONS;
  const roles = [guild.id, ...member.roles].map((id) => guild.roles.get(id)?.permissions ?? 0n);
  const bits = roles.reduce((all, one) => all | one, 0n);
  return (bits & PermissionFlagsBits.Administrator) === 0n ? bits : ALL_PERMISSIONS;
}

/** @param channel a channel of this server; a thread is judged by the channel that it hangs on */
export function channelPermissions(guild: WorldGuild, channel: WorldChannel, userId: string): bigint {
  const member = guild.members.get(userId);
  let bits = guildPermissions(guild, userId);
  if (member === undefined || bits === ALL_PERMISSIONS) return bits;
  const overwriteOf = (id: string) => channel.overwrites.find((overwrite) => overwrite.id === id);
  const everyone = overwriteOf(guild.id);
  if (everyone !== undefined) bits = (bits & ~everyone.deny) | everyone.allow;
  const ofRoles = [...member.roles].map(overwriteOf);
  const deny = ofRoles.reduce((all, one) => all | (one?.deny ?? 0n), 0n);
  const allow = ofRoles.reduce((all, one) => all | (one?.allow ?? 0n), 0n);
  bits = (bits & ~deny) | allow;
  const own = overwriteOf(userId);
  if (own !== undefined) bits = (bits & ~own.deny) | own.allow;
  // Without seeing a channel nothing in it can be done.
  return (bits & PermissionFlagsBits.ViewChannel) === 0n ? 0n : bits;
}

export function hasPermission(bits: bigint, permission: Permission): boolean {
  return (bits & PermissionFlagsBits[permission]) !== 0n;
}
