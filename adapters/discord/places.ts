// Who asks from where, in the core's words: of interactions, messages and reactions.

import {
  type APIGuildMember,
  ApplicationIntegrationType,
  type BaseInteraction,
  type Client,
  type GuildBasedChannel,
  InteractionContextType,
  type Message,
  PermissionFlagsBits,
  PermissionsBitField,
} from 'discord.js';
import type { Asker, JsonObject, Scope } from '../../src/index.ts';
import { PLATFORM } from './scope.ts';
import { type Target, tokenUntil, writeTarget } from './target.ts';

export type Place = {
  readonly asker: Asker;
  readonly target: JsonObject;
  /** What the bot may do there; null: it need not ask, since it is a direct channel or only the token reaches it. */
  readonly rights: PermissionsBitField | null;
  readonly isThread: boolean;
  /** See `Target`. */
  readonly byTokenOnly: boolean;
};

/** A direct channel belongs to no server: nobody else may know of what is drawn there. */
export function directTenant(user: string): string {
  return `@me:${user}`;
}

export function placeOfInteraction(interaction: BaseInteraction): Place {
  const { client, user, guildId, channel } = interaction;
  const channelId = interaction.channelId ?? '';
  const isMember = guildId !== null && client.guilds.cache.has(guildId);
  const isOwnDirect = guildId === null && isBotDirect(interaction);
  const byTokenOnly = !isMember && !isOwnDirect;
  const thread = channel?.isThread() === true ? channel : null;
  const token = 'token' in interaction && typeof interaction.token === 'string' ? interaction.token : null;
  const target: Partial<Target> = {
    thread: thread?.id ?? null,
    token,
    tokenUntilMs: tokenUntil(interaction.createdTimestamp),
    byTokenOnly,
    isDirect: guildId === null,
  };
  const may = (right: bigint) => Promise.resolve(interaction.memberPermissions?.has(right) === true);
  return {
    asker: {
      scope: {
        platform: PLATFORM,
        tenant: guildId ?? directTenant(user.id),
        channel: thread?.parentId ?? channelId,
        user: user.id,
        roles: rolesOf(interaction.member),
      },
      mayModerate: () => may(PermissionFlagsBits.ManageMessages),
      mayAdminister: () => may(PermissionFlagsBits.ManageGuild),
      locale: interaction.locale,
    },
    target: writeTarget(target),
    rights: isMember ? interaction.appPermissions : null,
    isThread: thread !== null,
    byTokenOnly,
  };
}

/** Asked of Discord now; nobody administers what is no server. */
export async function administers(client: Client<true> | null, guildId: string, user: string): Promise<boolean> {
  const guild = client?.guilds.cache.get(guildId);
  if (guild === undefined) return false;
  const member = await guild.members.fetch({ user, force: true });
  return member.permissions.has(PermissionFlagsBits.ManageGuild);
}

/** The channel between the bot and this person, and no other direct channel. */
function isBotDirect({ context, authorizingIntegrationOwners }: BaseInteraction): boolean {
  if (context !== null) return context === InteractionContextType.BotDM;
  return authorizingIntegrationOwners[ApplicationIntegrationType.GuildInstall] !== undefined;
}

function rolesOf(member: BaseInteraction['member']): string[] {
  if (member === null) return [];
  return Array.isArray(member.roles) ? [...member.roles] : [...member.roles.cache.keys()];
}

export function placeOfMessage(message: Message): Place {
  const { client, author, guildId, channel } = message;
  const thread = channel.isThread() ? channel : null;
  const held = guildId === null ? null : rightsOf(client, channel.id);
  const may = async (right: bigint): Promise<boolean> =>
    !channel.isDMBased() && message.member !== null && channel.permissionsFor(message.member).has(right);
  return {
    asker: {
      scope: {
        platform: PLATFORM,
        tenant: guildId ?? directTenant(author.id),
        channel: thread?.parentId ?? channel.id,
        user: author.id,
        roles: message.member === null ? [] : [...message.member.roles.cache.keys()],
      },
      mayModerate: () => may(PermissionFlagsBits.ManageMessages),
      mayAdminister: () => may(PermissionFlagsBits.ManageGuild),
      locale: message.guild?.preferredLocale ?? null,
    },
    target: writeTarget({ thread: thread?.id ?? null, isDirect: guildId === null }),
    rights: held,
    isThread: thread !== null,
    byTokenOnly: false,
  };
}

export type ReactionEvent = {
  readonly user_id: string;
  readonly channel_id: string;
  readonly message_id: string;
  readonly guild_id?: string;
  readonly member?: APIGuildMember;
  readonly emoji: { readonly id: string | null; readonly name: string | null };
};

export function placeOfReaction(client: Client<true>, event: ReactionEvent): Place {
  const { user_id: user, channel_id: channelId, guild_id: guildId } = event;
  const channel = client.channels.cache.get(channelId);
  const thread = channel?.isThread() === true ? channel : null;
  const scope: Scope = {
    platform: PLATFORM,
    tenant: guildId ?? directTenant(user),
    channel: thread?.parentId ?? channelId,
    user,
    roles: event.member?.roles ?? [],
  };
  const may = async (right: bigint): Promise<boolean> => {
    if (guildId === undefined || channel === undefined || channel.isDMBased()) return false;
    // Asked anew: what was known of this person may be old.
    const member = await client.guilds.cache.get(guildId)?.members.fetch({ user, force: true });
    return member !== undefined && channel.permissionsFor(member).has(right);
  };
  return {
    asker: {
      scope,
      mayModerate: () => may(PermissionFlagsBits.ManageMessages),
      mayAdminister: () => may(PermissionFlagsBits.ManageGuild),
      locale: guildId === undefined ? null : (client.guilds.cache.get(guildId)?.preferredLocale ?? null),
    },
    target: writeTarget({ thread: thread?.id ?? null, isDirect: guildId === undefined }),
    rights: guildId === undefined ? null : rightsOf(client, channelId),
    isThread: thread !== null,
    byTokenOnly: false,
  };
}

/** What the bot may do in a channel, from what the gateway told; nothing in one that it cannot see. */
export function rightsOf(client: Client<true>, channelId: string): PermissionsBitField {
  const channel = client.channels.cache.get(channelId);
  if (channel === undefined || channel.isDMBased()) return new PermissionsBitField();
  return (channel as GuildBasedChannel).permissionsFor(client.user.id) ?? new PermissionsBitField();
}
