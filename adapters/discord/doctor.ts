// What `easel doctor` says of Discord: the token, the scopes in each server, the permissions in each channel.

import {
  type APIApplication,
  type APIGuildChannel,
  type APIGuildMember,
  type APIOverwrite,
  type APIRole,
  ChannelType,
  RESTJSONErrorCodes as Code,
  OverwriteType,
  PermissionFlagsBits,
  PermissionsBitField,
  REST,
  type RESTAPIPartialCurrentUserGuild,
  Routes,
} from 'discord.js';
import { type Config, wordsFor } from '../../src/index.ts';
import { restOptions } from './client.ts';
import { inviteLink, missingRights, sayRights } from './permissions.ts';
import { isBadToken, isDiscordCode, toPlatformError } from './platform-error.ts';

export type DiscordCheck = { readonly name: string; readonly ok: boolean; readonly message: string };

/** Where pictures can be asked for. */
const DRAWN_IN: readonly ChannelType[] = [ChannelType.GuildText, ChannelType.GuildAnnouncement, ChannelType.GuildForum];
const GUILDS_MAX = 20;
const CHANNELS_SAID_MAX = 5;

/** Asks Discord with the token of the configuration; connects to no gateway, so that it costs no connection. */
export async function checkDiscord(discord: NonNullable<Config['discord']>): Promise<readonly DiscordCheck[]> {
  const rest = new REST(restOptions({ apiUrl: discord.apiUrl, userAgent: 'Easel doctor' })).setToken(discord.token);
  try {
    const application = (await rest.get(Routes.currentApplication())) as APIApplication;
    const { id: botId } = (await rest.get(Routes.user())) as { id: string };
    const guilds = (await rest.get(Routes.userGuilds())) as RESTAPIPartialCurrentUserGuild[];
    const token = { name: 'discord token', ok: true, message: `${application.name}, in ${guilds.length} servers` };
    if (guilds.length === 0) {
      return [token, { name: 'discord servers', ok: false, message: `in none yet: ${inviteLink(application.id)}` }];
    }
    const checks: DiscordCheck[] = [token];
    for (const guild of guilds.slice(0, GUILDS_MAX)) {
      checks.push(await checkScopes(rest, application.id, guild), await checkChannels(rest, botId, guild));
    }
    return checks;
  } catch (thrown) {
    const message = isBadToken(thrown)
      ? 'Discord does not know DISCORD_TOKEN: copy the token of the Bot page anew'
      : `Discord cannot be asked (${toPlatformError(thrown).message})`;
    return [{ name: 'discord token', ok: false, message }];
  }
}

/** Without `applications.commands` there are no commands in that server. */
async function checkScopes(
  rest: REST,
  applicationId: string,
  { id, name }: RESTAPIPartialCurrentUserGuild,
): Promise<DiscordCheck> {
  try {
    await rest.get(Routes.applicationGuildCommands(applicationId, id));
    return { name: `discord scopes in ${name}`, ok: true, message: 'bot, applications.commands' };
  } catch (thrown) {
    if (!isDiscordCode(thrown, Code.MissingAccess)) throw thrown;
    const message = `applications.commands is missing: invite it again with ${inviteLink(applicationId)}`;
    return { name: `discord scopes in ${name}`, ok: false, message };
  }
}

async function checkChannels(
  rest: REST,
  botId: string,
  { id: guildId, name }: RESTAPIPartialCurrentUserGuild,
): Promise<DiscordCheck> {
  const [channels, roles, member] = await Promise.all([
    rest.get(Routes.guildChannels(guildId)) as Promise<APIGuildChannel[]>,
    rest.get(Routes.guildRoles(guildId)) as Promise<APIRole[]>,
    rest.get(Routes.guildMember(guildId, botId)) as Promise<APIGuildMember>,
  ]);
  const words = wordsFor('en');
  const drawnIn = channels.filter(({ type }) => DRAWN_IN.includes(type));
  const lacking = drawnIn.flatMap((channel) => {
    const held = rightsIn(guildId, botId, member, roles, overwritesOf(channel));
    const missing = missingRights(held, channel.type === ChannelType.GuildForum);
    return missing.length === 0 ? [] : [`#${channel.name} (${sayRights(missing, words)})`];
  });
  const more = lacking.length > CHANNELS_SAID_MAX ? ` and ${lacking.length - CHANNELS_SAID_MAX} more` : '';
  const message =
    lacking.length === 0
      ? `all that are needed, in ${drawnIn.length} channels`
      : `missing in ${lacking.slice(0, CHANNELS_SAID_MAX).join(', ')}${more}`;
  return { name: `discord permissions in ${name}`, ok: lacking.length === 0, message };
}

function overwritesOf(channel: APIGuildChannel): readonly APIOverwrite[] {
  return channel.permission_overwrites ?? [];
}

/** As Discord computes them. @see https://discord.com/developers/docs/topics/permissions#permission-overwrites */
function rightsIn(
  guildId: string,
  userId: string,
  member: APIGuildMember,
  roles: readonly APIRole[],
  overwrites: readonly APIOverwrite[],
): PermissionsBitField {
  const held = roles.filter(({ id }) => id === guildId || member.roles.includes(id));
  let rights = held.reduce((all, { permissions }) => all | BigInt(permissions), 0n);
  if ((rights & PermissionFlagsBits.Administrator) !== 0n) return new PermissionsBitField(PermissionsBitField.All);
  const apply = (chosen: readonly APIOverwrite[]): void => {
    const deny = chosen.reduce((all, overwrite) => all | BigInt(overwrite.deny), 0n);
    const allow = chosen.reduce((all, overwrite) => all | BigInt(overwrite.allow), 0n);
    rights = (rights & ~deny) | allow;
  };
  apply(overwrites.filter(({ id }) => id === guildId));
  apply(
    overwrites.filter(({ id, type }) => type === OverwriteType.Role && id !== guildId && member.roles.includes(id)),
  );
  apply(overwrites.filter(({ id, type }) => type === OverwriteType.Member && id === userId));
  return new PermissionsBitField(rights);
}
