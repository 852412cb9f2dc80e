// /easel and /easel-admin, autocompletion, and the context menus of messages.

import {
  type AutocompleteInteraction,
  type ChatInputCommandInteraction,
  type CommandInteractionOption,
  type Message,
  type MessageContextMenuCommandInteraction,
  ApplicationCommandOptionType as OptionType,
} from 'discord.js';
import {
  answerView,
  type EaselCommand,
  opensForm,
  readControlId,
  refusedView,
  toAppError,
  toCommand,
  wordsFor,
} from '../../src/index.ts';
import { defer, fill, showForm, takeAway } from './answers.ts';
import { IMAGINE, type Menu } from './commands.ts';
import { askingOf, isForm } from './controls.ts';
import { localeOf, missingView } from './imagine.ts';
import type { Parts } from './parts.ts';
import { placeOfInteraction } from './places.ts';
import { PLATFORM } from './scope.ts';

export async function deskCommand(parts: Parts, interaction: ChatInputCommandInteraction): Promise<void> {
  const { asker } = placeOfInteraction(interaction);
  const command = readCommand(interaction);
  if ('name' in command && opensForm(command)) {
    const [form, locale] = await Promise.all([
      parts.desk.form(asker, command),
      localeOf(parts, placeOfInteraction(interaction)),
    ]);
    if (isForm(form)) await showForm(interaction, form, locale);
    else if (await defer(interaction)) await fill(interaction, form);
    return;
  }
  if (!(await defer(interaction))) return;
  if ('name' in command) return fill(interaction, await parts.desk.run(asker, command));
  await fill(interaction, refusedView(command.error, await localeOf(parts, placeOfInteraction(interaction))));
}

function readCommand({
  options,
}: ChatInputCommandInteraction): EaselCommand | { error: ReturnType<typeof toAppError> } {
  const name = [options.getSubcommandGroup(false), options.getSubcommand(false)]
    .filter((word) => word !== null)
    .join(' ');
  try {
    return toCommand(name, Object.fromEntries(leaves(options.data).map(({ name: option, value }) => [option, value])));
  } catch (thrown) {
    const error = toAppError(thrown);
    if (error.audience !== 'user') throw error;
    return { error };
  }
}

/** Options of a subcommand lie inside it. */
function leaves(options: readonly CommandInteractionOption[]): readonly CommandInteractionOption[] {
  return options.flatMap((option) =>
    option.type === OptionType.Subcommand || option.type === OptionType.SubcommandGroup
      ? leaves(option.options ?? [])
      : [option],
  );
}

export async function autocomplete({ completion }: Parts, interaction: AutocompleteInteraction): Promise<void> {
  const { name, value } = interaction.options.getFocused(true);
  const person = { platform: PLATFORM, user: interaction.user.id };
  const words = await completion.complete(name, String(value), person);
  await interaction.respond(words.map((word) => ({ name: word.slice(0, 100), value: word.slice(0, 100) })));
}

export function isImagine(interaction: { commandName: string }): boolean {
  return interaction.commandName === IMAGINE;
}

/** A button of the message names its generation: one that was told by a token alone is known by nothing else. */
function generationIn(components: Message['components']): string | null {
  const text = JSON.stringify(components.map((row) => row.toJSON()));
  const ids = [...text.matchAll(/"custom_id":"([^"]+)"/gu)].map(([, id = '']) => readControlId(id));
  return ids.find((control) => control !== null)?.generationId ?? null;
}

export async function menuChosen(
  parts: Parts,
  interaction: MessageContextMenuCommandInteraction,
  menu: Menu,
): Promise<void> {
  if (!(await defer(interaction))) return;
  const place = placeOfInteraction(interaction);
  const { id: messageId, channelId: channel, author, components } = interaction.targetMessage;
  const isOwn = author.id === interaction.client.user.id;
  const ref = { platform: PLATFORM, channel, messageId, generationId: isOwn ? generationIn(components) : null };
  if (menu === 'details') return fill(interaction, await parts.actions.details(place.asker, ref));
  if (menu === 'remove') return fill(interaction, await parts.actions.remove(place.asker, ref));
  const locale = await localeOf(parts, place);
  const missing = missingView(place, locale);
  if (missing !== null) return fill(interaction, missing);
  if (place.byTokenOnly) await fill(interaction, answerView(wordsFor(locale).say('discord.byToken'), locale));
  const view = await parts.actions.vary(askingOf(place, interaction), ref);
  if (view !== null) return fill(interaction, view);
  if (!place.byTokenOnly) await takeAway(interaction);
}
