// /imagine, and a request that has been confirmed.

import type { ButtonInteraction, ChatInputCommandInteraction, RepliableInteraction } from 'discord.js';
import {
  AppError,
  answerView,
  type GivenFlag,
  type Locale,
  type Outcome,
  outcomeView,
  refusedView,
  type SubmitRequest,
  toLocale,
  type View,
  wordsFor,
} from '../../src/index.ts';
import { defer, deferUpdate, fill, takeAway } from './answers.ts';
import type { Parts } from './parts.ts';
import { missingRights, sayRights } from './permissions.ts';
import { type Place, placeOfInteraction } from './places.ts';
import { type AskedRequest, confirmCard, confirmId, readConfirmCard, readConfirmId, withGiven } from './requests.ts';
import { PLATFORM } from './scope.ts';

const ASKS_PRIVATE = /(?:^|\s)(?:--|[\u2012-\u2015\u2212])private\b/iu;
const MENTION_WORDS = /\s+/u;

export async function imagine(parts: Parts, interaction: ChatInputCommandInteraction): Promise<void> {
  if (!(await defer(interaction))) return;
  const { options } = interaction;
  const text = options.getString('prompt', true);
  const given = givenOf(interaction);
  const request: AskedRequest = {
    text,
    preset: options.getString('preset'),
    private: options.getBoolean('private'),
    parentId: null,
  };
  await submit(parts, interaction, request, given, false);
}

/** @returns whether the button was one of these */
export async function confirmed(parts: Parts, interaction: ButtonInteraction): Promise<boolean> {
  const asked = readConfirmId(interaction.customId);
  if (asked === null) return false;
  if (!(await deferUpdate(interaction))) return true;
  const text = readConfirmCard(
    interaction.message.embeds.map(({ description }) => ({ ...(description === null ? {} : { description }) })),
  );
  if (text === null) {
    const locale = await localeOf(parts, placeOfInteraction(interaction));
    await fill(interaction, refused('INPUT_USAGE', 'discord.confirmGone', locale));
    return true;
  }
  await submit(parts, interaction, { ...asked, text }, [], true);
  return true;
}

/** Deferred already. */
export async function submit(
  parts: Parts,
  interaction: RepliableInteraction,
  asked: AskedRequest,
  given: readonly GivenFlag[],
  isConfirmed: boolean,
): Promise<void> {
  const { studio } = parts;
  const place = placeOfInteraction(interaction);
  const locale = await localeOf(parts, place);
  const settings = await studio.settings(place.asker.scope);
  const isPrivate =
    asked.private === true || ASKS_PRIVATE.test(asked.text) || (asked.private ?? settings.private) === true;
  const missing = isPrivate ? null : missingView(place, locale);
  if (missing !== null) return fill(interaction, missing);
  // Said before anything is accepted: the first follow-up of a deferred answer would take its place.
  if (place.byTokenOnly && !isPrivate)
    await fill(interaction, answerView(wordsFor(locale).say('discord.byToken'), locale));
  const request: SubmitRequest = {
    ...place.asker,
    requestKey: `${PLATFORM}:${interaction.id}`,
    target: place.target,
    text: asked.text,
    given,
    confirmed: isConfirmed,
    ...(asked.private === null ? {} : { private: asked.private }),
    ...(asked.preset === null ? {} : { preset: asked.preset }),
  };
  const outcome = asked.parentId === null ? await studio.submit(request) : await studio.edit(request, asked.parentId);
  if (outcome.kind === 'confirm')
    return fill(interaction, confirmView(outcome, asked, locale), confirmCard(withGiven(asked.text, given)));
  const view = outcomeView(outcome, locale);
  if (view !== null) return fill(interaction, view);
  if (!place.byTokenOnly) await takeAway(interaction);
}

function confirmView(outcome: Extract<Outcome, { kind: 'confirm' }>, asked: AskedRequest, locale: Locale): View {
  const view = outcomeView(outcome, locale);
  const label = wordsFor(locale).say('discord.draw');
  const action = { id: confirmId(asked), label, style: 'main', opensForm: false } as const;
  return { ...(view ?? answerView(label, locale)), actions: [action] };
}

/** What the bot lacks in this channel, before anything is drawn for it. @returns null: nothing */
export function missingView({ rights, isThread }: Place, locale: Locale): View | null {
  const missing = rights === null ? [] : missingRights(rights, isThread);
  if (missing.length === 0) return null;
  const permissions = sayRights(missing, wordsFor(locale));
  const error = new AppError('ADAPTER_PERMISSION', wordsFor('en').say('error.ADAPTER_PERMISSION', { permissions }), {
    details: { permissions },
  });
  return refusedView(error, locale);
}

export async function localeOf({ studio }: Pick<Parts, 'studio'>, { asker }: Place): Promise<Locale> {
  const { language } = await studio.settings(asker.scope);
  return language ?? toLocale(asker.locale);
}

function refused(code: 'INPUT_USAGE', key: 'discord.confirmGone' | 'discord.notNow', locale: Locale): View {
  return { ...refusedView(new AppError(code, ''), locale), lines: [wordsFor(locale).say(key)] };
}

function givenOf({ options }: ChatInputCommandInteraction): readonly GivenFlag[] {
  const all = [
    { name: 'n', value: options.getInteger('count') },
    { name: 'style', value: options.getString('style') },
    { name: 'ar', value: options.getString('aspect') },
    { name: 'seed', value: options.getInteger('seed') },
    { name: 'model', value: options.getString('model') },
  ];
  return all.flatMap(({ name, value }) =>
    value === null ? [] : [{ name, value: `${value}`.split(MENTION_WORDS).join(' ') }],
  );
}
