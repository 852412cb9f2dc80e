// Events of the gateway, each handed to what answers it; nothing that one does wrong ends the program.

import {
  type Client,
  Events,
  GatewayDispatchEvents,
  type Guild,
  type Interaction,
  type Message,
  type PartialMessage,
} from 'discord.js';
import { AppError, type Locale, refusedView, toAppError, toLocale, type View } from '../../src/index.ts';
import { defer, fill } from './answers.ts';
import { MENU_ID } from './buttons.ts';
import { menuOf } from './commands.ts';
import { formSent, pressed } from './controls.ts';
import { autocomplete, deskCommand, isImagine, menuChosen } from './desk-commands.ts';
import type { DiscordMessages } from './discord-messages.ts';
import { confirmed, imagine, localeOf, missingView } from './imagine.ts';
import type { Parts } from './parts.ts';
import { type Place, placeOfInteraction, placeOfMessage, placeOfReaction, type ReactionEvent } from './places.ts';
import { toPlatformError } from './platform-error.ts';
import { PLATFORM } from './scope.ts';

export type EventParts = Parts & {
  readonly messages: DiscordMessages;
  /** Nothing new is taken; what was accepted is still told. */
  isClosing(): boolean;
  /** A server that the bot has just joined. */
  welcome(guild: Guild): Promise<void>;
};

/** Listens to a client that is not connected yet. */
export function listen(parts: EventParts, client: Client): void {
  const { log } = parts;
  const run = (what: string, work: () => Promise<void>): void => {
    work().catch((thrown: unknown) => log.error(`Discord: ${what}`, toAppError(thrown)));
  };
  client.on(Events.InteractionCreate, (interaction) =>
    run('an interaction', () =>
      log.withRequest(`${PLATFORM}:${interaction.id}`, () => onInteraction(parts, interaction)),
    ),
  );
  client.on(Events.MessageCreate, (message) => run('a message', () => onMessage(parts, message)));
  client.on(Events.GuildCreate, (guild) => run('a new server', () => parts.welcome(guild)));
  client.on(Events.GuildDelete, ({ id, available }) => available && log.info('Discord: removed from a server', { id }));
  // As the gateway tells them: with the member's roles, and whether or not the message is remembered here.
  client.ws.on(GatewayDispatchEvents.MessageReactionAdd, (event: ReactionEvent) =>
    run('a reaction', () => onReaction(parts, client, event)),
  );
  client.ws.on(GatewayDispatchEvents.MessageReactionRemove, (event: ReactionEvent) =>
    run('a reaction taken back', () => onReactionRemoved(parts, client, event)),
  );
}

async function onInteraction(parts: EventParts, interaction: Interaction): Promise<void> {
  if (interaction.isAutocomplete())
    return parts.isClosing() ? interaction.respond([]) : autocomplete(parts, interaction);
  if (parts.isClosing()) {
    const error = new AppError('JOB_CLOSING', 'Easel is closing. What was accepted is kept; try again in a minute.');
    if (await defer(interaction)) await fill(interaction, refusedView(error, toLocale(interaction.locale)));
    return;
  }
  try {
    await answer(parts, interaction);
  } catch (thrown) {
    await apologise(parts, interaction, thrown);
  }
}

async function answer(parts: EventParts, interaction: Interaction): Promise<void> {
  if (interaction.isChatInputCommand()) {
    return isImagine(interaction) ? imagine(parts, interaction) : deskCommand(parts, interaction);
  }
  if (interaction.isMessageContextMenuCommand()) {
    const menu = menuOf(interaction.commandName);
    if (menu !== null) return menuChosen(parts, interaction, menu);
  }
  if (interaction.isButton()) {
    if (!(await confirmed(parts, interaction))) await pressed(parts, interaction, interaction.customId);
    return;
  }
  if (interaction.isStringSelectMenu()) {
    const id = interaction.customId === MENU_ID ? interaction.values[0] : undefined;
    return pressed(parts, interaction, id ?? interaction.customId);
  }
  if (interaction.isModalSubmit()) return formSent(parts, interaction);
}

/** Something broke that should not: the person is told, whoever runs Easel finds it in the log. */
async function apologise(parts: EventParts, interaction: Interaction, thrown: unknown): Promise<void> {
  parts.log.error('Discord: an interaction', toAppError(thrown));
  if (!interaction.isRepliable()) return;
  const locale = await localeOf(parts, placeOfInteraction(interaction)).catch(
    (): Locale => toLocale(interaction.locale),
  );
  const view = refusedView(toAppError(thrown), locale);
  if (interaction.deferred || interaction.replied) {
    await parts.messages.privateReply(
      placeOfInteraction(interaction).asker.scope,
      placeOfInteraction(interaction).target,
      view,
    );
  } else if (await defer(interaction)) await fill(interaction, view);
}

async function onReaction(parts: EventParts, client: Client, event: ReactionEvent): Promise<void> {
  if (parts.isClosing() || !client.isReady() || event.user_id === client.user.id || event.member?.user.bot === true)
    return;
  const { emoji } = event;
  if (emoji.id !== null || emoji.name === null) return;
  const place = placeOfReaction(client, event);
  const message = { platform: PLATFORM, channel: event.channel_id, messageId: event.message_id };
  await parts.reactions.add(place.asker, { message, emoji: emoji.name, target: place.target });
}

async function onReactionRemoved(parts: EventParts, client: Client, event: ReactionEvent): Promise<void> {
  if (!client.isReady() || event.user_id === client.user.id) return;
  const { emoji } = event;
  if (emoji.id !== null || emoji.name === null) return;
  const place = placeOfReaction(client, event);
  const message = { platform: PLATFORM, channel: event.channel_id, messageId: event.message_id };
  await parts.reactions.takeBack(place.asker, { message, emoji: emoji.name });
}

/** A reply to a picture that mentions the bot (in a direct channel: any reply) with new words. */
async function onMessage(parts: EventParts, message: Message | PartialMessage): Promise<void> {
  const { client } = message;
  if (parts.isClosing() || !client.isReady() || message.partial || message.author.bot || message.system) return;
  const { reference } = message;
  if (reference?.messageId === undefined || !isForUs(message, client.user.id)) return;
  const text = message.content.replaceAll(new RegExp(`<@!?${client.user.id}>`, 'gu'), ' ').trim();
  const place = placeOfMessage(message);
  const own = { platform: PLATFORM, channel: message.channelId, messageId: message.id };
  const ref = { platform: PLATFORM, channel: reference.channelId, messageId: reference.messageId };
  const locale = await localeOf(parts, place);
  const missing = missingView(place, locale);
  const view =
    missing ??
    (await parts.actions.reply(
      { ...place.asker, target: place.target, requestKey: `${PLATFORM}:${message.id}` },
      ref,
      text,
    ));
  if (view !== null && view !== undefined) await tellAlone(parts, place, own, view);
}

function isForUs(message: Message, selfId: string): boolean {
  return message.guildId === null || message.mentions.users.has(selfId);
}

/** A message has no answer for one person's eyes: told by direct message, else a mark says that something was refused. */
async function tellAlone(
  { messages }: EventParts,
  { asker, target }: Place,
  ref: { platform: string; channel: string; messageId: string },
  view: View,
): Promise<void> {
  try {
    await messages.privateReply(asker.scope, target, view);
  } catch (thrown) {
    if (toPlatformError(thrown).code !== 'ADAPTER_DIRECT_CLOSED') throw thrown;
    await messages.warn(ref);
  }
}
