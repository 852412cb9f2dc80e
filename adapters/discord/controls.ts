// Buttons, choices and forms: controls of pictures, and what the desk offers.

import {
  type ButtonInteraction,
  MessageFlags,
  type ModalSubmitInteraction,
  type StringSelectMenuInteraction,
} from 'discord.js';
import {
  AppError,
  type Asking,
  type ControlAction,
  editForm,
  type Form,
  outcomeView,
  readControlId,
  readDeskAction,
  readEditForm,
  refusedView,
  type View,
  wordsFor,
} from '../../src/index.ts';
import { defer, deferUpdate, fill, showForm, whisper } from './answers.ts';
import { localeOf, missingView, submit } from './imagine.ts';
import { readModal } from './modals.ts';
import type { Parts } from './parts.ts';
import { type Place, placeOfInteraction } from './places.ts';
import { PLATFORM } from './scope.ts';

type Pressed = ButtonInteraction | StringSelectMenuInteraction;

/** What draws, and so needs a channel to show it in. */
const DRAWS: readonly ControlAction['kind'][] = ['reroll', 'redraw', 'vary', 'upscale'];

/** @param id of the button, or of what was chosen in a menu */
export async function pressed(parts: Parts, interaction: Pressed, id: string): Promise<void> {
  const control = readControlId(id);
  if (control?.kind === 'edit') return openEdit(parts, interaction, control.generationId);
  if (control !== null) return press(parts, interaction, control);
  const action = readDeskAction(id);
  if (action?.opensForm === true) return openDeskForm(parts, interaction, id);
  if (action !== null) return pressDesk(parts, interaction, id);
  if (!(await defer(interaction))) return;
  const locale = await localeOf(parts, placeOfInteraction(interaction));
  const error = new AppError('INPUT_USAGE', wordsFor('en').say('discord.notNow'));
  await fill(interaction, { ...refusedView(error, locale), lines: [wordsFor(locale).say('discord.notNow')] });
}

async function press(parts: Parts, interaction: Pressed, action: ControlAction): Promise<void> {
  if (!(await deferUpdate(interaction))) return;
  const place = placeOfInteraction(interaction);
  const locale = await localeOf(parts, place);
  const missing = DRAWS.includes(action.kind) ? missingView(place, locale) : null;
  if (missing !== null) return whisper(interaction, missing);
  const view = outcomeView(await parts.studio.press(askingOf(place, interaction), action), locale);
  if (view !== null) await whisper(interaction, view);
}

export function askingOf({ asker, target }: Place, { id }: { id: string }): Asking {
  return { ...asker, target, requestKey: `${PLATFORM}:${id}` };
}

/** The prompt is read once before the form, which must be the first answer. */
async function openEdit(parts: Parts, interaction: Pressed, generationId: string): Promise<void> {
  const place = placeOfInteraction(interaction);
  const [found, locale] = await Promise.all([parts.studio.show(place.asker, generationId), localeOf(parts, place)]);
  if (found.kind === 'found') {
    await showForm(interaction, editForm(found.value, locale), locale);
    return;
  }
  if (await defer(interaction)) await fill(interaction, refusedView(found.error, locale));
}

async function openDeskForm(parts: Parts, interaction: Pressed, id: string): Promise<void> {
  const place = placeOfInteraction(interaction);
  const [form, locale] = await Promise.all([parts.desk.form(place.asker, id), localeOf(parts, place)]);
  if (isForm(form)) await showForm(interaction, form, locale);
  else if (await defer(interaction)) await fill(interaction, form);
}

/** An answer of ours that only this person sees turns into the next one; below anything else a new one comes. */
async function pressDesk({ desk }: Parts, interaction: Pressed, id: string): Promise<void> {
  const isOwnAnswer = interaction.message.flags.has(MessageFlags.Ephemeral);
  if (!(await (isOwnAnswer ? deferUpdate(interaction) : defer(interaction)))) return;
  await fill(interaction, await desk.press(placeOfInteraction(interaction).asker, id));
}

export async function formSent(parts: Parts, interaction: ModalSubmitInteraction): Promise<void> {
  const values = readModal(interaction);
  const edit = readEditForm(interaction.customId, values);
  const isOwnAnswer = interaction.isFromMessage() && interaction.message.flags.has(MessageFlags.Ephemeral);
  if (!(await (edit === null && isOwnAnswer ? deferUpdate(interaction) : defer(interaction)))) return;
  if (edit === null) {
    const { view } = await parts.desk.submit(placeOfInteraction(interaction).asker, interaction.customId, values);
    return fill(interaction, view);
  }
  const asked = { text: edit.text, preset: null, private: null, parentId: edit.generationId };
  await submit(parts, interaction, asked, [], false);
}

export function isForm(answer: Form | View): answer is Form {
  return 'submit' in answer;
}
