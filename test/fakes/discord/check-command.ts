/** What Discord refuses in a command though its published schema lets it pass. */
import { AvailableLocalesEnumSchema } from 'discord-api-spec/zod';
import {
  ApplicationCommandOptionType,
  ApplicationCommandType,
  type RESTPutAPIApplicationCommandsJSONBody,
} from 'discord-api-types/v10';
import * as z from 'zod/mini';

type Command = RESTPutAPIApplicationCommandsJSONBody[number];
type Words = {
  name: string;
  name_localizations?: Partial<Record<string, string | null>> | null | undefined;
  description?: string | undefined;
  description_localizations?: Partial<Record<string, string | null>> | null | undefined;
};
type Option = Words & {
  type: ApplicationCommandOptionType;
  required?: boolean;
  autocomplete?: boolean;
  choices?: { name: string; value: unknown; name_localizations?: Words['name_localizations'] }[];
  options?: Option[];
  min_value?: number;
  max_value?: number;
  min_length?: number;
  max_length?: number;
};

/** @see https://discord.com/developers/docs/interactions/application-commands#application-command-object-application-command-naming */
const NAME = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u;
const COUNTS_MAX = {
  [ApplicationCommandType.ChatInput]: 100,
  [ApplicationCommandType.User]: 15,
  [ApplicationCommandType.Message]: 15,
};
const CHARACTERS_MAX = 8_000;
const CHOICE_NAME_MAX = 100;

export function problemsOfCommands(commands: readonly Command[]): readonly string[] {
  const problems = commands.flatMap((command, at) => problemsOfCommand(command, `${at}`));
  const keys = commands.map(({ name, type = ApplicationCommandType.ChatInput }) => `${type} ${name}`);
  if (new Set(keys).size !== keys.length) problems.push('body: Application command names must be unique');
  for (const [type, max] of Object.entries(COUNTS_MAX)) {
    const count = commands.filter(
      (command) => String(command.type ?? ApplicationCommandType.ChatInput) === type,
    ).length;
    if (count > max) problems.push(`body: at most ${max} commands of type ${type}`);
  }
  return problems;
}

function problemsOfCommand(command: Command, path: string): string[] {
  const options = ('options' in command ? (command.options ?? []) : []) as readonly Option[];
  const isSlash = (command.type ?? ApplicationCommandType.ChatInput) === ApplicationCommandType.ChatInput;
  const words = command as Words;
  const problems = isSlash
    ? [...problemsOfWords(words, path), ...problemsOfOptions(options, path, 0)]
    : [...problemsOfLocales(words.name_localizations, path)];
  if (!isSlash && (words.description ?? '') !== '') problems.push(`${path}.description: only slash commands have one`);
  if (!isSlash && options.length > 0) problems.push(`${path}.options: only slash commands have them`);
  if (charactersOf({ ...words, options: [...options] }) > CHARACTERS_MAX)
    problems.push(`${path}: Command exceeds maximum size (${CHARACTERS_MAX})`);
  return problems;
}

function problemsOfWords(words: Words, path: string): string[] {
  const problems: string[] = [];
  for (const name of [words.name, ...Object.values(words.name_localizations ?? {})]) {
    if (name === null || name === undefined) continue;
    if (!NAME.test(name) || name !== name.toLowerCase())
      problems.push(`${path}.name: Command name is invalid: ${name}`);
  }
  const description = words.description ?? '';
  if (description.length < 1) problems.push(`${path}.description: This field is required`);
  for (const [at, text] of Object.entries(words.description_localizations ?? {}))
    if ((text ?? '').length > 100)
      problems.push(`${path}.description_localizations.${at}: Must be 100 or fewer in length`);
  return [
    ...problems,
    ...problemsOfLocales(words.name_localizations, path),
    ...problemsOfLocales(words.description_localizations, path),
  ];
}

function problemsOfLocales(localizations: Words['name_localizations'], path: string): string[] {
  return Object.keys(localizations ?? {})
    .filter((locale) => !z.safeParse(AvailableLocalesEnumSchema, locale).success)
    .map((locale) => `${path}: unknown locale ${locale}`);
}

function problemsOfOptions(options: readonly Option[], path: string, depth: number): string[] {
  const problems: string[] = [];
  const isGroup = ({ type }: Option) => type === ApplicationCommandOptionType.SubcommandGroup;
  const isSubcommand = (option: Option) => isGroup(option) || option.type === ApplicationCommandOptionType.Subcommand;
  if (options.length > 25) problems.push(`${path}.options: Must be 25 or fewer in length`);
  if (new Set(options.map(({ name }) => name)).size !== options.length)
    problems.push(`${path}.options: Option names must be unique`);
  if (options.some(isSubcommand) && !options.every(isSubcommand))
    problems.push(
      `${path}.options: Sub-command and sub-command group option types are mutually exclusive to all other types`,
    );
  if (depth > 0 && options.some(isGroup)) problems.push(`${path}.options: a group may not be nested`);
  const firstOptional = options.findIndex((option) => !isSubcommand(option) && option.required !== true);
  if (firstOptional >= 0 && options.slice(firstOptional).some(({ required }) => required === true))
    problems.push(`${path}.options: Required options must be placed before non-required options`);
  for (const [at, option] of options.entries()) {
    const here = `${path}.options.${at}`;
    problems.push(...problemsOfWords(option, here));
    if (isSubcommand(option)) problems.push(...problemsOfOptions(option.options ?? [], here, depth + 1));
    else if (option.options !== undefined) problems.push(`${here}.options: only sub-commands have them`);
    problems.push(...problemsOfValues(option, here));
  }
  return problems;
}

function problemsOfValues(option: Option, path: string): string[] {
  const problems: string[] = [];
  const choices = option.choices ?? [];
  if (option.autocomplete === true && choices.length > 0)
    problems.push(`${path}: autocomplete and choices exclude each other`);
  if (new Set(choices.map(({ name }) => name)).size !== choices.length)
    problems.push(`${path}.choices: names must be unique`);
  for (const choice of choices) {
    if (choice.name.length < 1 || choice.name.length > CHOICE_NAME_MAX)
      problems.push(`${path}.choices: ${choice.name}`);
    problems.push(...problemsOfLocales(choice.name_localizations, path));
  }
  if ((option.min_value ?? Number.NEGATIVE_INFINITY) > (option.max_value ?? Number.POSITIVE_INFINITY))
    problems.push(`${path}: min_value is above max_value`);
  if ((option.min_length ?? 0) > (option.max_length ?? Number.POSITIVE_INFINITY))
    problems.push(`${path}: min_length is above max_length`);
  return problems;
}

/** Names, descriptions and values count, each by its longest localisation. */
function charactersOf(words: Words & { options?: Option[]; choices?: Option['choices'] }): number {
  const longest = (text: string, localizations: Words['name_localizations']) =>
    Math.max(text.length, ...Object.values(localizations ?? {}).map((each) => each?.length ?? 0));
  const own =
    longest(words.name, words.name_localizations) + longest(words.description ?? '', words.description_localizations);
  const ofChoices = (words.choices ?? []).reduce(
    (sum, { name, value, name_localizations }) => sum + longest(name, name_localizations) + String(value).length,
    0,
  );
  return own + ofChoices + (words.options ?? []).reduce((sum, option) => sum + charactersOf(option), 0);
}
