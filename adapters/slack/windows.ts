// Windows of Slack: forms that are sent, and answers shown in the window where they were asked.

import type { ViewResponseAction } from '@slack/bolt';
import {
  IMAGINE_FORM,
  isCommandName,
  readEditForm,
  readImagineForm,
  specOf,
  toAppError,
  type View,
  wordsFor,
  writeDeskAction,
} from '../../src/index.ts';
import { askingOf, localeFor, type SlackContext, type Spot } from './context.ts';
import { publishHome } from './home.ts';
import { type FieldState, type ModalOrigin, readModal, toAnswerModal } from './modal.ts';
import { type Press, tellTrouble } from './presses.ts';
import { answer, openForm, submit, type Wanted } from './requests.ts';
import { tell } from './tell.ts';

/** Shows an answer in the window it was asked in: the same one, or over App Home a new one. */
export async function showInModal(
  context: SlackContext,
  { spot, modalId, triggerId }: Press,
  view: View,
): Promise<void> {
  const { api, messages } = context;
  const modal = toAnswerModal(view, originOf(spot), null);
  const update = (id: string, now: typeof modal) =>
    api.run('views.update', (client) => client.views.update({ view_id: id, view: now }));
  let shownId = modalId;
  if (modalId === null) {
    const opened = await api.run('views.open', (client) => client.views.open({ trigger_id: triggerId, view: modal }));
    shownId = opened.view?.id ?? null;
  } else await update(modalId, modal);
  if (view.image === null || shownId === null) return;
  // A window opens within three seconds or not at all: its picture follows when Slack has taken it.
  const fileId = await messages.fileFor(spot.user, view.image);
  if (fileId !== null) await update(shownId, toAnswerModal(view, originOf(spot), null, fileId));
}

/** `/easel limits set` without anything more opens its form. @returns false when what was typed is to be answered */
export async function openDeskForm(
  context: SlackContext,
  spot: Spot,
  triggerId: string,
  key: string,
  typed: string,
): Promise<boolean> {
  const name = typed.trim().toLowerCase().split(/\s+/u).join(' ');
  if (!isCommandName(name) || specOf(name).forms?.[''] === undefined) return false;
  const asking = await askingOf(context, spot, key);
  const form = await context.desk.form(asking, writeDeskAction(name, true));
  // Refused: the same words said as text are refused with the same reason.
  if ('kind' in form) return false;
  await openForm(context, spot, triggerId, form, await localeFor(context, spot.user));
  return true;
}

export type SentForm = {
  readonly spot: Spot;
  /** Of this window: sending it again is the same request. */
  readonly windowKey: string;
  /** Of this sending: told again, it is dropped. */
  readonly sendingKey: string;
  readonly formId: string;
  readonly state: Readonly<Record<string, Readonly<Record<string, FieldState>>>>;
  readonly isClosing: boolean;
};

type Ack = (answer?: ViewResponseAction) => Promise<void>;

/** A window waits three seconds for what becomes of what was sent; what takes longer is told in a message. */
const WINDOW_WAITS_MS = 2_000;
/** The field that what is wrong with a prompt is shown at. */
const PROMPT_FIELD = 'prompt';

export async function submitForm(context: SlackContext, sent: SentForm, ack: Ack): Promise<void> {
  const { spot, formId, state, isClosing } = sent;
  if (isClosing) {
    const words = wordsFor(await localeFor(context, spot.user));
    return ack({
      response_action: 'errors',
      errors: { [Object.keys(state)[0] ?? PROMPT_FIELD]: words.sayCode('JOB_CLOSING') },
    });
  }
  const wanted = wantedOf(formId, sent);
  const patience = createPatience(context, ack);
  try {
    if (wanted !== null) await submitPicture(context, sent, wanted, patience);
    else await submitToDesk(context, sent, patience);
  } catch (thrown) {
    context.log.error('slack form failed', toAppError(thrown), { requestId: sent.sendingKey });
    await patience.answer();
    await tellTrouble(context, spot, thrown);
  }
}

function wantedOf(formId: string, { state }: SentForm): Wanted | null {
  const values = readModal(state);
  if (formId === IMAGINE_FORM) return readImagineForm(values);
  const edited = readEditForm(formId, values);
  return edited === null ? null : { text: edited.text, edits: edited.generationId };
}

/** A refusal stands in the window, at what was typed; nothing typed is lost. */
async function submitPicture(
  context: SlackContext,
  { spot, windowKey }: SentForm,
  wanted: Wanted,
  patience: Patience,
): Promise<void> {
  const submitted = await submit(context, spot, windowKey, wanted);
  const { outcome, locale } = submitted;
  if (outcome.kind === 'refused') {
    const problem = wordsFor(locale).sayError(outcome.error);
    if (await patience.answer({ response_action: 'errors', errors: { [PROMPT_FIELD]: problem } })) return;
  } else await patience.answer();
  await answer(context, spot, windowKey, wanted, submitted);
}

async function submitToDesk(context: SlackContext, sent: SentForm, patience: Patience): Promise<void> {
  const { spot, formId, state, sendingKey } = sent;
  const isFirst = await context.once(sendingKey, async () => {
    const asking = await askingOf(context, spot, sendingKey);
    const { view, problems } = await context.desk.submit(asking, formId, readModal(state));
    const shown = Object.fromEntries(Object.entries(problems).filter(([name]) => Object.hasOwn(state, name)));
    const told = await patience.answer(
      Object.keys(shown).length > 0
        ? { response_action: 'errors', errors: shown }
        : { response_action: 'update', view: toAnswerModal(view, originOf(spot), null) },
    );
    if (!told) await tell(context, spot, view);
    if (spot.channel === null) await publishHome(context, spot.user);
  });
  if (!isFirst) await patience.answer();
}

type Patience = {
  /** @returns false when the window has gone meanwhile: then what was to be shown in it is told otherwise */
  answer(response?: ViewResponseAction): Promise<boolean>;
};

function createPatience({ clock }: SlackContext, ack: Ack): Patience {
  let isAnswered = false;
  const waiting = new AbortController();
  const late = async (): Promise<void> => {
    await clock.sleep(WINDOW_WAITS_MS, waiting.signal);
    if (isAnswered) return;
    isAnswered = true;
    await ack();
  };
  late().catch(() => {});
  return {
    async answer(response) {
      if (isAnswered) return false;
      isAnswered = true;
      waiting.abort();
      await ack(response);
      return true;
    },
  };
}

function originOf({ channel, thread }: Spot): ModalOrigin {
  return { formId: '', channel, thread };
}
