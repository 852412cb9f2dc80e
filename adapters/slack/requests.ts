// Requests for pictures: by command, by mention, by form, and confirmed ones.

import { z } from 'zod';
import {
  AppError,
  answerView,
  confirmView,
  type Form,
  type GivenFlag,
  imagineForm,
  type Locale,
  type Outcome,
  outcomeView,
  refusedView,
  wordsFor,
} from '../../src/index.ts';
import { toMessage } from './blocks.ts';
import { askingOf, localeFor, type SlackContext, type Spot } from './context.ts';
import { toModal } from './modal.ts';
import { PLATFORM } from './scope.ts';
import { tell, whisper, withConfirm } from './tell.ts';

/** What somebody asked to be drawn. */
export type Wanted = {
  readonly text: string;
  readonly given?: readonly GivenFlag[] | undefined;
  readonly private?: boolean | undefined;
  /** The generation whose words these are meant to replace. */
  readonly edits?: string | undefined;
};

export const CONFIRM_ACTION = 'easel-confirm';
const VALUE_MAX = 2_000;

const confirmSchema = z.object({
  text: z.string().max(VALUE_MAX),
  given: z.array(z.object({ name: z.string().max(40), value: z.string().max(200) })).optional(),
  private: z.boolean().optional(),
  edits: z
    .string()
    .regex(/^[0-9a-f-]{8,40}$/u)
    .optional(),
  key: z.string().max(300),
});

/** What became of a request, before anybody is told. */
export type Submitted = { readonly outcome: Outcome; readonly locale: Locale; readonly mayPost: boolean };

/** @param key the same key is the same request */
export async function submit(
  context: SlackContext,
  spot: Spot,
  key: string,
  wanted: Wanted,
  confirmed = false,
): Promise<Submitted> {
  const { studio, messages, places } = context;
  const [asking, locale] = await Promise.all([askingOf(context, spot, key), localeFor(context, spot.user)]);
  const refusal = messages.uploadRefusal();
  if (refusal !== null)
    return { outcome: { kind: 'refused', error: refusal, generation: null }, locale, mayPost: true };
  const mayPost = await places.mayPost(asking.scope.channel, spot.user);
  // Where the bot is not, the picture goes to the person.
  const isPrivate = mayPost ? wanted.private : true;
  const submitted = {
    ...asking,
    text: wanted.text,
    confirmed,
    ...(wanted.given === undefined ? {} : { given: wanted.given }),
    ...(isPrivate === undefined ? {} : { private: isPrivate }),
  };
  const outcome =
    wanted.edits === undefined ? await studio.submit(submitted) : await studio.edit(submitted, wanted.edits);
  return { outcome, locale, mayPost };
}

/** Tells what is not told by the message that comes. */
export async function answer(
  context: SlackContext,
  spot: Spot,
  key: string,
  wanted: Wanted,
  { outcome, locale, mayPost }: Submitted,
): Promise<void> {
  if (outcome.kind === 'confirm') return askFirst(context, spot, key, wanted, outcome, locale);
  if (outcome.kind === 'accepted' && !outcome.created) return;
  if (outcome.kind === 'accepted' && !mayPost) {
    return tell(context, spot, answerView(wordsFor(locale).say('slack.outside'), locale));
  }
  await tellOutcome(context, spot, outcome, locale);
}

export async function request(
  context: SlackContext,
  spot: Spot,
  key: string,
  wanted: Wanted,
  confirmed = false,
): Promise<void> {
  await answer(context, spot, key, wanted, await submit(context, spot, key, wanted, confirmed));
}

/** What an outcome says to who asked; many are said by the message that comes. */
export async function tellOutcome(context: SlackContext, spot: Spot, outcome: Outcome, locale: Locale): Promise<void> {
  const view = outcomeView(outcome, locale);
  if (view !== null) await tell(context, spot, view);
}

async function askFirst(
  context: SlackContext,
  spot: Spot,
  key: string,
  wanted: Wanted,
  outcome: Extract<Outcome, { kind: 'confirm' }>,
  locale: Locale,
): Promise<void> {
  const view = confirmView(outcome.prompts, outcome.pictures, locale);
  const value = JSON.stringify({ ...wanted, key });
  if (value.length > VALUE_MAX) {
    const characters = [...wanted.text].length;
    const error = new AppError(
      'INPUT_PROMPT_TOO_LONG',
      'This prompt with braces is too long for me to ask about first. Shorten it.',
      { details: { characters, charactersMax: Math.floor(VALUE_MAX / 2) } },
    );
    return tell(context, spot, refusedView(error, locale));
  }
  const rendered = withConfirm(toMessage(view, { fileId: null, author: null }), view, CONFIRM_ACTION, value);
  await whisper(context, spot, rendered, view);
}

/** "Draw them" was pressed. Pressing it twice is one request: its key comes from the question's. */
export async function confirmRequest(context: SlackContext, spot: Spot, value: string): Promise<void> {
  const read = confirmSchema.safeParse(readJson(value));
  if (!read.success) {
    const locale = await localeFor(context, spot.user);
    return tell(context, spot, answerView(wordsFor(locale).say('slack.tooOld'), locale));
  }
  const { key, ...wanted } = read.data;
  await request(context, spot, `${key}:confirmed`, wanted, true);
}

/** Opens the form for who typed nothing; a trigger lives three seconds, so nothing slow comes before. */
export async function openImagineForm(
  context: SlackContext,
  spot: Spot,
  triggerId: string,
  prompt = '',
): Promise<void> {
  const { studio, styles } = context;
  const [settings, locale] = await Promise.all([
    studio.settings({ platform: PLATFORM, user: spot.user }),
    localeFor(context, spot.user),
  ]);
  await openForm(context, spot, triggerId, imagineForm({ prompt, settings, styles }, locale), locale);
}

export async function openForm(
  context: SlackContext,
  spot: Spot,
  triggerId: string,
  form: Form,
  locale: Locale,
  how: 'open' | 'push' = 'open',
): Promise<void> {
  const { api, directory, identity } = context;
  const needsRoles = form.fields.some((field) => field.kind === 'pick' && field.of === 'role');
  const roles = needsRoles ? ((await directory.list?.((await identity()).team, 'role')) ?? []) : [];
  const origin = { formId: form.id, channel: spot.channel, thread: spot.thread };
  const view = toModal(form, origin, locale, roles);
  if (how === 'push') await api.run('views.push', (client) => client.views.push({ trigger_id: triggerId, view }));
  else await api.run('views.open', (client) => client.views.open({ trigger_id: triggerId, view }));
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
