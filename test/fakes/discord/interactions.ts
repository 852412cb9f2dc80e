/** Interactions: what a person did in the client, told to the bot, which has three seconds to answer and a token for fifteen minutes. */
import { randomBytes } from 'node:crypto';
import {
  type APIApplicationCommandOptionChoice,
  type APIAuthorizingIntegrationOwnersMap,
  type APIInteraction,
  type APIModalInteractionResponseCallbackData,
  ApplicationIntegrationType,
  ChannelType,
  GatewayDispatchEvents,
  InteractionContextType,
  type InteractionType,
} from 'discord-api-types/v10';
import type { Discord } from './discord.ts';
import { toMessage } from './message-payload.ts';
import { toChannel, toMember, toUser } from './payloads.ts';
import { bitsOf, channelPermissions, guildPermissions, hasPermission } from './permissions.ts';
import { rulingChannel, type WorldChannel, type WorldGuild, type WorldMessage, type WorldUser } from './world.ts';

export const ACKNOWLEDGE_WITHIN_MS = 3_000;
export const TOKEN_LIFE_MS = 15 * 60_000;

/** What the client shows once the bot has answered, or has not. */
export type Acknowledgement =
  | { kind: 'message'; message: WorldMessage }
  /** "… is thinking" */
  | { kind: 'deferred'; message: WorldMessage; isEphemeral: boolean }
  /** The message with the component stays, changed or not. */
  | { kind: 'update' }
  | { kind: 'modal'; modal: Modal }
  | { kind: 'choices'; choices: readonly APIApplicationCommandOptionChoice[] }
  /** "The application did not respond" */
  | { kind: 'none' };

export type Modal = APIModalInteractionResponseCallbackData & {
  /** The interaction that it was opened by. */
  interactionId: string;
};

export type WorldInteraction = {
  readonly id: string;
  readonly token: string;
  readonly type: InteractionType;
  readonly userId: string;
  readonly channelId: string;
  readonly guildId: string | null;
  /** The message with the component. */
  readonly messageId: string | null;
  /** Of a command: its name. */
  readonly command: string | null;
  /** Of a form: what opened it. */
  readonly openedById: string | null;
  readonly owners: APIAuthorizingIntegrationOwnersMap;
  readonly createdAtMs: number;
  readonly uploadBytesMax: number;
  state: 'waiting' | 'answered' | 'late';
  acknowledgedAfterMs: number | null;
  /** Whether the first answer was only a promise of one. */
  isDeferred: boolean;
  /** `@original`; null: there is none yet. */
  responseId: string | null;
  followUps: number;
  acknowledge(acknowledgement: Acknowledgement): void;
  readonly acknowledged: Promise<Acknowledgement>;
};

export type Invocation = {
  type: InteractionType;
  user: WorldUser;
  channel: WorldChannel;
  message?: WorldMessage;
  command?: string;
  openedById?: string;
  /** Of an app in the person's account, used where the bot is no member. */
  uploadBytesMax?: number;
  data: APIInteraction extends { data?: infer D } ? D | object : object;
};

/** Tells the bot what a person did, and starts its three seconds. */
export function invoke(discord: Discord, invocation: Invocation): WorldInteraction {
  const { world } = discord;
  const { type, user, channel } = invocation;
  const guild = world.guilds.get(channel.guildId ?? '') ?? null;
  let acknowledge: (acknowledgement: Acknowledgement) => void = () => {};
  const acknowledged = new Promise<Acknowledgement>((resolve) => {
    acknowledge = resolve;
  });
  const interaction: WorldInteraction = {
    id: world.newId(),
    token: randomBytes(48).toString('base64url'),
    type,
    userId: user.id,
    channelId: channel.id,
    guildId: guild?.id ?? null,
    messageId: invocation.message?.id ?? null,
    command: invocation.command ?? null,
    openedById: invocation.openedById ?? null,
    owners: ownersOf(discord, user, guild),
    createdAtMs: world.clock.nowMs(),
    uploadBytesMax: invocation.uploadBytesMax ?? guild?.uploadBytesMax ?? discord.uploadBytesMax,
    state: 'waiting',
    acknowledgedAfterMs: null,
    isDeferred: false,
    responseId: null,
    followUps: 0,
    acknowledge(acknowledgement) {
      interaction.acknowledgedAfterMs = world.clock.nowMs() - interaction.createdAtMs;
      acknowledge(acknowledgement);
    },
    acknowledged,
  };
  discord.interactions.set(interaction.id, interaction);
  world.clock.after(discord.acknowledgeWithinMs, () => {
    if (interaction.state !== 'waiting') return;
    interaction.state = 'late';
    acknowledge({ kind: 'none' });
  });
  discord.gateway.dispatch(GatewayDispatchEvents.InteractionCreate, toInteraction(discord, interaction, invocation), {
    guildId: guild?.id ?? null,
    intent: null,
  });
  return interaction;
}

/** Whether the bot is in this server itself, or only in the person's account. */
function ownersOf({ world }: Discord, user: WorldUser, guild: WorldGuild | null): APIAuthorizingIntegrationOwnersMap {
  const isMember = guild?.members.has(world.bot.id) === true;
  return {
    ...(isMember ? { [ApplicationIntegrationType.GuildInstall]: guild.id } : {}),
    ...(guild === null && !user.hasInstalledApp ? { [ApplicationIntegrationType.GuildInstall]: '0' } : {}),
    ...(user.hasInstalledApp ? { [ApplicationIntegrationType.UserInstall]: user.id } : {}),
  };
}

/** Whether only the token works here: the bot is no member, a person brought the app along. */
export function isByTokenOnly({ world }: Discord, { guildId, channelId }: WorldInteraction): boolean {
  if (guildId !== null) return world.guilds.get(guildId)?.members.has(world.bot.id) !== true;
  return world.channels.get(channelId)?.type === ChannelType.GroupDM;
}

function toInteraction(
  discord: Discord,
  interaction: WorldInteraction,
  { user, channel, message, data }: Invocation,
): APIInteraction {
  const { world } = discord;
  const guild = world.guilds.get(channel.guildId ?? '');
  const ruling = rulingChannel(world, channel);
  const bitsIn = (userId: string) => (guild === undefined ? 0n : channelPermissions(guild, ruling, userId));
  const isMember = guild?.members.has(world.bot.id) === true;
  const member = guild?.members.get(user.id);
  const appBits =
    guild === undefined ? DIRECT_PERMISSIONS : isMember ? bitsIn(world.bot.id) : bitsIn(user.id) & OUTSIDER_PERMISSIONS;
  return {
    id: interaction.id,
    application_id: world.application.id,
    type: interaction.type,
    token: interaction.token,
    version: 1,
    data,
    channel_id: channel.id,
    channel: channelFor(discord, channel, bitsIn(user.id)),
    app_permissions: String(appBits),
    locale: user.locale,
    entitlements: [],
    entitlement_sku_ids: [],
    authorizing_integration_owners: interaction.owners,
    context:
      guild !== undefined
        ? InteractionContextType.Guild
        : channel.type === ChannelType.DM
          ? InteractionContextType.BotDM
          : InteractionContextType.PrivateChannel,
    attachment_size_limit: interaction.uploadBytesMax,
    ...(guild === undefined || member === undefined
      ? { user: toUser(user) }
      : {
          guild_id: guild.id,
          guild: { id: guild.id, locale: guild.locale, features: [] },
          guild_locale: guild.locale,
          member: { ...toMember(member, user), permissions: String(bitsIn(user.id)) },
        }),
    // The message with the component comes with its words: the person handed it over.
    ...(message === undefined ? {} : { message: toMessage(discord, message, { canReadContent: true }) }),
  } as unknown as APIInteraction;
}

function channelFor({ world }: Discord, channel: WorldChannel, bits: bigint) {
  return { ...toChannel(world, channel), ...(channel.guildId === null ? {} : { permissions: String(bits) }) };
}

/** What an app may do in a direct message, and where it was only brought along. */
const DIRECT_PERMISSIONS = bitsOf(['ViewChannel', 'SendMessages', 'EmbedLinks', 'AttachFiles', 'ReadMessageHistory']);
const OUTSIDER_PERMISSIONS = bitsOf(['ViewChannel', 'SendMessages', 'EmbedLinks', 'AttachFiles', 'UseExternalApps']);

/** "Use External Apps" denied: what a brought-along app answers is seen by its person alone. */
export function mustBeEphemeral(discord: Discord, interaction: WorldInteraction): boolean {
  const { world } = discord;
  const guild = world.guilds.get(interaction.guildId ?? '');
  const channel = world.channels.get(interaction.channelId);
  if (guild === undefined || channel === undefined || !isByTokenOnly(discord, interaction)) return false;
  const bits = channelPermissions(guild, rulingChannel(world, channel), interaction.userId);
  return !hasPermission(bits, 'UseExternalApps') || guildPermissions(guild, interaction.userId) === 0n;
}
