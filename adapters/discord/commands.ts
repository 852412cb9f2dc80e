// Commands of Discord as data: /imagine, /easel with its subcommands, /easel-admin for admins, and the context menus.

import {
  type APIApplicationCommandBasicOption,
  type APIApplicationCommandOption,
  type APIApplicationCommandSubcommandOption,
  ApplicationCommandType,
  ApplicationIntegrationType,
  ChannelType,
  InteractionContextType,
  ApplicationCommandOptionType as OptionType,
  PermissionFlagsBits,
  type RESTPutAPIApplicationCommandsJSONBody,
  Locale as Tag,
} from 'discord.js';
import {
  COMMAND_NAMES,
  type CommandName,
  type Locale,
  type OptionSpec,
  specOf,
  type WordKey,
  wordsFor,
} from '../../src/index.ts';

export const IMAGINE = 'imagine';
export const EASEL = 'easel';
/** Discord hides whole commands, not subcommands: what is for admins is one of its own. */
export const EASEL_ADMIN = 'easel-admin';
export const MENUS = ['vary', 'details', 'remove'] as const;
export type Menu = (typeof MENUS)[number];

export const SEED_MAX = 2 ** 32 - 1;
const COUNT_MAX = 4;

/** Discord's tags of the languages Easel speaks besides its own. */
const TAGS: Readonly<Record<Exclude<Locale, 'en'>, readonly Tag[]>> = { zh: [Tag.ChineseCN, Tag.ChineseTW] };

const PLACES = {
  contexts: [InteractionContextType.Guild, InteractionContextType.BotDM, InteractionContextType.PrivateChannel],
  integration_types: [ApplicationIntegrationType.GuildInstall, ApplicationIntegrationType.UserInstall],
};

type Commands = RESTPutAPIApplicationCommandsJSONBody;
export type CommandBody = Commands[number];

export function commandBodies(): Commands {
  return [
    imagine(),
    {
      ...PLACES,
      type: ApplicationCommandType.ChatInput,
      name: EASEL,
      ...described('discord.easel'),
      options: subcommands('everyone'),
    },
    {
      type: ApplicationCommandType.ChatInput,
      name: EASEL_ADMIN,
      ...described('discord.easelAdmin'),
      contexts: [InteractionContextType.Guild],
      integration_types: [ApplicationIntegrationType.GuildInstall],
      default_member_permissions: PermissionFlagsBits.ManageGuild.toString(),
      options: subcommands('admins'),
    },
    ...MENUS.map((menu) => ({
      ...PLACES,
      type: ApplicationCommandType.Message as const,
      ...named(`discord.menu.${menu}`),
    })),
  ];
}

/** @returns null for a name that is none of our menus */
export function menuOf(name: string): Menu | null {
  return MENUS.find((menu) => wordsFor('en').say(`discord.menu.${menu}`) === name) ?? null;
}

function imagine(): CommandBody {
  const option = <Rest extends object>(name: ImagineOption, rest: Rest) => ({
    ...named(`discord.optionName.${name}`),
    ...described(`discord.imagineOption.${name}`),
    ...rest,
  });
  return {
    ...PLACES,
    type: ApplicationCommandType.ChatInput,
    ...named('discord.commandName.imagine'),
    ...described('discord.imagine'),
    options: [
      option('prompt', { type: OptionType.String as const, required: true, autocomplete: true as const }),
      option('count', { type: OptionType.Integer as const, min_value: 1, max_value: COUNT_MAX }),
      option('style', { type: OptionType.String as const, autocomplete: true as const }),
      option('aspect', { type: OptionType.String as const, autocomplete: true as const }),
      option('seed', { type: OptionType.Integer as const, min_value: 0, max_value: SEED_MAX }),
      option('model', { type: OptionType.String as const, autocomplete: true as const }),
      option('preset', { type: OptionType.String as const, autocomplete: true as const }),
      option('private', { type: OptionType.Boolean as const }),
    ],
  };
}

export type ImagineOption = 'prompt' | 'count' | 'style' | 'aspect' | 'seed' | 'model' | 'preset' | 'private';

/** Of one audience: single words, and groups of two. */
function subcommands(audience: 'everyone' | 'admins'): APIApplicationCommandOption[] {
  const singles: APIApplicationCommandSubcommandOption[] = [];
  const groups = new Map<string, APIApplicationCommandSubcommandOption[]>();
  for (const command of COMMAND_NAMES) {
    if (specOf(command).audience !== audience) continue;
    const [first = '', second] = command.split(' ');
    const name = second ?? first;
    const option: APIApplicationCommandSubcommandOption = {
      type: OptionType.Subcommand,
      name,
      ...described(`command.${command}`),
      options: optionsOf(command),
    };
    if (second === undefined) singles.push(option);
    else groups.set(first, [...(groups.get(first) ?? []), option]);
  }
  return [
    ...singles,
    ...[...groups].map(([name, options]) => ({
      type: OptionType.SubcommandGroup as const,
      name,
      ...described(`discord.group.${name}` as WordKey),
      options,
    })),
  ];
}

/** Those that must be given first, as Discord wants it. */
function optionsOf(command: CommandName): APIApplicationCommandBasicOption[] {
  return Object.entries(specOf(command).options)
    .toSorted(([, one], [, other]) => Number(other.required ?? false) - Number(one.required ?? false))
    .map(([name, spec]) => toOption(name, spec));
}

function toOption(name: string, spec: OptionSpec): APIApplicationCommandBasicOption {
  const base = {
    name,
    ...described(`option.${name}` as WordKey),
    ...(spec.required === true ? { required: true } : {}),
  };
  switch (spec.kind) {
    case 'number':
      return { ...base, type: OptionType.Integer };
    case 'toggle':
      return { ...base, type: OptionType.Boolean };
    case 'user':
      return { ...base, type: OptionType.User };
    case 'role':
      return { ...base, type: OptionType.Role };
    case 'channel':
      return {
        ...base,
        type: OptionType.Channel,
        channel_types: [
          ChannelType.GuildText,
          ChannelType.GuildAnnouncement,
          ChannelType.GuildForum,
          ChannelType.GuildVoice,
        ],
      };
    case 'choice':
      return {
        ...base,
        type: OptionType.String,
        choices: (spec.choices ?? []).map((value) => ({
          value,
          name: wordsFor('en').say(`choice.${value}` as WordKey),
          name_localizations: localised(`choice.${value}` as WordKey),
        })),
      };
    case 'word':
    case 'text':
      return { ...base, type: OptionType.String };
  }
}

function named(key: WordKey) {
  return { name: wordsFor('en').say(key), name_localizations: localised(key) };
}

function described(key: WordKey) {
  return { description: wordsFor('en').say(key), description_localizations: localised(key) };
}

function localised(key: WordKey): Partial<Record<Tag, string>> {
  return Object.fromEntries(
    Object.entries(TAGS).flatMap(([locale, tags]) =>
      tags.map((tag) => [tag, wordsFor(locale as Locale).say(key)] as const),
    ),
  );
}
