/** One operation of the API: what it takes, what it answers, and what it does. */
import type { ProtocolAnswer, ProtocolRequest, UploadedFile } from '../../protocol/request.ts';
import type { SchemaName } from '../closed-schemas.ts';
import type { Discord } from '../discord.ts';
import type { Permission } from '../permissions.ts';
import { channelPermissions, hasPermission } from '../permissions.ts';
import { Refusal } from '../refusal.ts';
import { rulingChannel, type WorldChannel, type WorldGuild, type WorldMessage } from '../world.ts';

export type Call = {
  readonly discord: Discord;
  readonly request: ProtocolRequest;
  readonly params: { readonly [name: string]: string | undefined };
  /** Checked against the schema. */
  readonly body: unknown;
  readonly files: readonly UploadedFile[];
};

export type Route = {
  /** `PATCH /channels/:channel/messages/:message` */
  on: string;
  /** The schema of the body, or those that it may follow; `[name]`: a list of such; none: there is no body. */
  body?: SchemaName | readonly SchemaName[];
  isList?: boolean;
  /** The schema of the answer with status 200, or those of what it may be. */
  answer?: SchemaName | readonly SchemaName[];
  isAnswerList?: boolean;
  /** Names that the query may have. */
  query?: readonly string[];
  /** Works by a token in the path and not by the bot's. */
  isOpen?: boolean;
  handle(call: Call): ProtocolAnswer | Promise<ProtocolAnswer>;
};

export const NOTHING: ProtocolAnswer = { status: 204 };

/** The channel of a request, if the bot may see it. @throws {Refusal} 10003, 50001 */
export function channelOf({ discord, params }: Call): { channel: WorldChannel; guild: WorldGuild | null } {
  const { world } = discord;
  const channel = world.channels.get(params['channel'] ?? '');
  if (channel === undefined) throw new Refusal(10_003);
  if (channel.guildId === null) return { channel, guild: null };
  const guild = world.guilds.get(channel.guildId);
  if (guild === undefined) throw new Refusal(10_003);
  if (!hasPermission(channelPermissions(guild, rulingChannel(world, channel), world.bot.id), 'ViewChannel'))
    throw new Refusal(50_001);
  return { channel, guild };
}

/** @throws {Refusal} 50013 for the first that is missing; in direct messages a bot may do all of it */
export function need(call: Call, ...permissions: readonly Permission[]): void {
  const { world } = call.discord;
  const { channel, guild } = channelOf(call);
  if (guild === null) return;
  const bits = channelPermissions(guild, rulingChannel(world, channel), world.bot.id);
  if (permissions.some((permission) => !hasPermission(bits, permission))) throw new Refusal(50_013);
}

/** A message of the channel that the bot may see. @throws {Refusal} 10008 */
export function messageOf(call: Call): WorldMessage {
  const { channel } = channelOf(call);
  const message = call.discord.world.messages.get(call.params['message'] ?? '');
  // What only one person sees is no message of the channel.
  if (message === undefined || message.channelId !== channel.id || message.onlyFor !== null) throw new Refusal(10_008);
  return message;
}
