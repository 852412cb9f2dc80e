/** What a client sends of a slash command: only options the bot registered, each of its kind, and nothing it would not let through. */
import {
  type APIApplicationCommand,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ApplicationIntegrationType,
  ChannelType,
  InteractionContextType,
} from 'discord-api-types/v10';
import type { Discord } from './discord.ts';
import { toMember, toRole, toUser } from './payloads.ts';
import { channelPermissions, guildPermissions } from './permissions.ts';
import { userOf, type WorldChannel, type WorldUser } from './world.ts';

export type CommandOptions = Readonly<Record<string, string | number | boolean>>;

type Option = {
  type: ApplicationCommandOptionType;
  name: string;
  required?: boolean;
  autocomplete?: boolean;
  options?: Option[];
  choices?: { name: string; value: string | number }[];
  min_value?: number;
  max_value?: number;
  min_length?: number;
  max_length?: number;
};

export function toCommandData(
  discord: Discord,
  user: WorldUser,
  channel: WorldChannel,
  path: string,
  options: CommandOptions,
  focused: string | null,
): { data: object; command: APIApplicationCommand } {
  const [name = '', ...rest] = path.split(' ');
  const command = offered(discord, user, channel, name);
  let definitions = (command.options ?? []) as Option[];
  const steps: Option[] = [];
  for (const step of rest) {
    const found = definitions.find((option) => option.name === step);
    if (found === undefined) throw new Error(`/${path} is no command.`);
    steps.push(found);
    definitions = found.options ?? [];
  }
  if (definitions.some(isSubcommand)) throw new Error(`/${path} needs a sub-command.`);
  const missing = definitions.filter((each) => each.required === true && options[each.name] === undefined);
  if (missing.length > 0 && focused === null) throw new Error(`/${path} needs ${missing.map((each) => each.name)}.`);
  const written: object[] = Object.entries(options).map(([key, value]) => {
    const definition = definitions.find((each) => each.name === key);
    if (definition === undefined) throw new Error(`/${path} has no option ${key}.`);
    if (focused === null) checkValue(definition, value);
    const isFocused = key === focused;
    if (isFocused && definition.autocomplete !== true)
      throw new Error(`/${path} ${key} offers nothing while it is typed.`);
    return { name: key, type: definition.type, value, ...(isFocused ? { focused: true } : {}) };
  });
  const nested = steps.reduceRight<object[]>(
    (inner, step) => [{ name: step.name, type: step.type, options: inner }],
    written,
  );
  return {
    command,
    data: {
      id: command.id,
      name: command.name,
      type: command.type,
      ...(nested.length === 0 ? {} : { options: nested }),
      ...resolvedOf(discord, channel, definitions, options),
    },
  };
}

/** The command, if this person is offered it here. */
function offered({ world }: Discord, user: WorldUser, channel: WorldChannel, name: string): APIApplicationCommand {
  const command = [...world.commands.values()].find(
    (each) => each.type === ApplicationCommandType.ChatInput && each.name === name,
  );
  if (command === undefined) throw new Error(`There is no command /${name}.`);
  const guild = world.guilds.get(channel.guildId ?? '');
  const isMember = guild?.members.has(world.bot.id) === true;
  const kinds = command.integration_types ?? [ApplicationIntegrationType.GuildInstall];
  const isInstalled =
    (kinds.includes(ApplicationIntegrationType.GuildInstall) && (isMember || channel.type === ChannelType.DM)) ||
    (kinds.includes(ApplicationIntegrationType.UserInstall) && user.hasInstalledApp);
  const context =
    guild !== undefined
      ? InteractionContextType.Guild
      : channel.type === ChannelType.DM
        ? InteractionContextType.BotDM
        : InteractionContextType.PrivateChannel;
  if (!isInstalled || command.contexts?.includes(context) === false) throw new Error(`/${name} is not offered here.`);
  const needed = command.default_member_permissions;
  if (guild !== undefined && needed !== null) {
    const bits = guildPermissions(guild, user.id);
    if ((bits & BigInt(needed)) !== BigInt(needed) || (needed === '0' && guild.ownerId !== user.id))
      throw new Error(`/${name} is not offered to ${user.username}.`);
  }
  return command;
}

function isSubcommand({ type }: Option): boolean {
  return type === ApplicationCommandOptionType.Subcommand || type === ApplicationCommandOptionType.SubcommandGroup;
}

/** @throws {Error} for what a client would not send */
function checkValue(option: Option, value: string | number | boolean): void {
  const kinds: Partial<Record<ApplicationCommandOptionType, string>> = {
    [ApplicationCommandOptionType.Boolean]: 'boolean',
    [ApplicationCommandOptionType.Integer]: 'number',
    [ApplicationCommandOptionType.Number]: 'number',
  };
  if (typeof value !== (kinds[option.type] ?? 'string')) throw new Error(`${option.name} is no ${typeof value}.`);
  if (option.choices !== undefined && !option.choices.some((choice) => choice.value === value))
    throw new Error(`${option.name} offers no ${value}.`);
  const size = typeof value === 'string' ? value.length : Number(value);
  const [min, max] =
    typeof value === 'string'
      ? [option.min_length ?? 0, option.max_length ?? 6_000]
      : [option.min_value ?? Number.NEGATIVE_INFINITY, option.max_value ?? Number.POSITIVE_INFINITY];
  if (size < min || size > max) throw new Error(`${option.name} must be between ${min} and ${max}.`);
  if (option.type === ApplicationCommandOptionType.Integer && !Number.isInteger(value))
    throw new Error(`${option.name} is no whole number.`);
}

/** People, roles and channels that options name, spelled out. */
function resolvedOf(
  { world }: Discord,
  channel: WorldChannel,
  definitions: readonly Option[],
  options: CommandOptions,
): object {
  const idsOf = (type: ApplicationCommandOptionType) =>
    definitions
      .filter((each) => each.type === type && options[each.name] !== undefined)
      .map((each) => String(options[each.name]));
  const guild = world.guilds.get(channel.guildId ?? '');
  const userIds = idsOf(ApplicationCommandOptionType.User);
  const roleIds = idsOf(ApplicationCommandOptionType.Role);
  const channelIds = idsOf(ApplicationCommandOptionType.Channel);
  if (userIds.length + roleIds.length + channelIds.length === 0) return {};
  const members = userIds.flatMap((id) => {
    const member = guild?.members.get(id);
    if (guild === undefined || member === undefined) return [];
    const { user: _, deaf: _d, mute: _m, ...said } = toMember(member, userOf(world, id));
    return [[id, { ...said, permissions: String(guildPermissions(guild, id)) }] as const];
  });
  const roles = roleIds.flatMap((id) => {
    const role = guild?.roles.get(id);
    return role === undefined ? [] : [[id, toRole(role, world.bot.id)] as const];
  });
  const channels = channelIds.flatMap((id) => {
    const found = world.channels.get(id);
    if (found === undefined || guild === undefined) return [];
    const permissions = String(channelPermissions(guild, found, world.bot.id));
    return [[id, { id, name: found.name, type: found.type, permissions, parent_id: found.parentId }] as const];
  });
  return {
    resolved: {
      ...(userIds.length === 0
        ? {}
        : { users: Object.fromEntries(userIds.map((id) => [id, toUser(userOf(world, id))])) }),
      ...(members.length === 0 ? {} : { members: Object.fromEntries(members) }),
      ...(roles.length === 0 ? {} : { roles: Object.fromEntries(roles) }),
      ...(channels.length === 0 ? {} : { channels: Object.fromEntries(channels) }),
    },
  };
}
