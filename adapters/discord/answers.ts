// Answers to an interaction, seen by one person: deferred at once, filled in when there is something to say.

import {
  type APIEmbed,
  RESTJSONErrorCodes as Code,
  type MessageComponentInteraction,
  MessageFlags,
  type ModalSubmitInteraction,
  type RepliableInteraction,
  Routes,
} from 'discord.js';
import type { Form, Locale, View } from '../../src/index.ts';
import { wordsFor } from '../../src/index.ts';
import { toModal } from './modals.ts';
import { isDiscordCode, toPlatformError } from './platform-error.ts';
import { render } from './render.ts';

/** Discord has given up on it, or has been answered: by another try of ours, or because it told us twice. */
const TOO_LATE: readonly number[] = [Code.UnknownInteraction, Code.InteractionHasAlreadyBeenAcknowledged];

/**
 * Says "thinking" to the one who asked.
 *
 * @returns false when it is too late: then nothing may be done for it, since the person was told that it failed
 */
export async function defer(interaction: RepliableInteraction): Promise<boolean> {
  return acknowledge(() => interaction.deferReply({ flags: MessageFlags.Ephemeral }));
}

/** The same where the message that was pressed stays as it is, or is told anew. */
export async function deferUpdate(interaction: MessageComponentInteraction | ModalSubmitInteraction): Promise<boolean> {
  return acknowledge(() => interaction.deferUpdate());
}

/** Shows a form, which has to be the first answer. */
export async function showForm(
  interaction: Exclude<RepliableInteraction, ModalSubmitInteraction>,
  form: Form,
  locale: Locale,
): Promise<boolean> {
  return acknowledge(() => interaction.showModal(toModal(form, wordsFor(locale))));
}

async function acknowledge(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (thrown) {
    if (isDiscordCode(thrown, ...TOO_LATE)) return false;
    throw toPlatformError(thrown);
  }
}

/** Fills a deferred answer in, or changes the message that a deferred update is about. */
export async function fill(interaction: RepliableInteraction, view: View, card: APIEmbed | null = null): Promise<void> {
  const { body, files } = withCard(view, card);
  await tell(() =>
    interaction.client.rest.patch(Routes.webhookMessage(interaction.applicationId, interaction.token), {
      auth: false,
      body,
      files,
    }),
  );
}

/** One more answer for this person's eyes only. */
export async function whisper(
  interaction: RepliableInteraction,
  view: View,
  card: APIEmbed | null = null,
): Promise<void> {
  const { body, files } = withCard(view, card);
  await tell(() =>
    interaction.client.rest.post(Routes.webhook(interaction.applicationId, interaction.token), {
      auth: false,
      body: { ...body, flags: body.flags | MessageFlags.Ephemeral },
      files,
    }),
  );
}

/** Takes a deferred answer away: what was asked for is there for everyone to see. */
export async function takeAway(interaction: RepliableInteraction): Promise<void> {
  await tell(() =>
    interaction.client.rest.delete(Routes.webhookMessage(interaction.applicationId, interaction.token), {
      auth: false,
    }),
  );
}

function withCard(view: View, card: APIEmbed | null) {
  const { body, files } = render(view);
  if (card === null) return { body, files };
  return { body: { ...body, embeds: [card], flags: body.flags & ~MessageFlags.SuppressEmbeds }, files };
}

async function tell(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    throw toPlatformError(thrown);
  }
}
