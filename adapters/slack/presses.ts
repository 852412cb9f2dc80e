// Buttons, menus and message shortcuts: what was pressed is in the id, so it works after restarts and months later.

import {
  answerView,
  type ControlAction,
  editForm,
  type MessageRef,
  readControlId,
  readDeskAction,
  refusedView,
  type View,
  wordsFor,
} from '../../src/index.ts';
import { askingOf, localeFor, type SlackContext, type Spot } from './context.ts';
import { CONFIRM_ACTION, confirmRequest, openForm, openImagineForm, tellOutcome } from './requests.ts';
import { PLATFORM } from './scope.ts';
import { tell } from './tell.ts';

/** Something pressed: in a message, in App Home or in a modal. */
export type Press = {
  readonly spot: Spot;
  readonly actionId: string;
  /** Of the button, or of what was chosen. */
  readonly value: string;
  readonly triggerId: string;
  /** The same press again has the same key. */
  readonly key: string;
  /** The modal it was pressed in: answered there. */
  readonly modalId: string | null;
};

/** How a press is answered: in a message to the person, or in the window it was pressed in. */
export type Show = (view: View) => Promise<void>;

export const DRAW_ACTION = 'easel-draw';

/** @returns false for what is none of ours */
export async function press(context: SlackContext, pressed: Press, show: Show): Promise<boolean> {
  const { spot, actionId, value, triggerId } = pressed;
  if (actionId === CONFIRM_ACTION) {
    await confirmRequest(context, spot, value);
    return true;
  }
  if (actionId === DRAW_ACTION) {
    await openImagineForm(context, spot, triggerId);
    return true;
  }
  const control = readControlId(value);
  if (control !== null) {
    await pressControl(context, pressed, control);
    return true;
  }
  const asked = readDeskAction(value);
  if (asked === null) return false;
  const asking = await askingOf(context, spot, pressed.key);
  if (!asked.opensForm) {
    await show(await context.desk.press(asking, value));
    return true;
  }
  const form = await context.desk.form(asking, value);
  if ('kind' in form) await show(form);
  else {
    const locale = await localeFor(context, spot.user);
    await openForm(context, spot, triggerId, form, locale, pressed.modalId === null ? 'open' : 'push');
  }
  return true;
}

async function pressControl(context: SlackContext, pressed: Press, action: ControlAction): Promise<void> {
  const { studio } = context;
  const { spot, triggerId, key } = pressed;
  const [asking, locale] = await Promise.all([askingOf(context, spot, key), localeFor(context, spot.user)]);
  if (action.kind === 'edit') {
    const found = await studio.show(asking, action.generationId);
    if (found.kind === 'refused') return tell(context, spot, refusedView(found.error, locale));
    return openForm(context, spot, triggerId, editForm(found.value, locale), locale);
  }
  const refusal = DRAWING.includes(action.kind) ? context.messages.uploadRefusal() : null;
  if (refusal !== null) return tell(context, spot, refusedView(refusal, locale));
  await tellOutcome(context, spot, await studio.press(asking, action), locale);
}

/** What would end in a picture that has to be sent. */
const DRAWING: readonly ControlAction['kind'][] = ['reroll', 'redraw', 'vary', 'upscale'];

export type Shortcut = {
  readonly callbackId: string;
  readonly spot: Spot;
  readonly message: MessageRef;
  readonly triggerId: string;
  readonly key: string;
};

/** A shortcut of a message's menu. */
export async function messageShortcut(context: SlackContext, shortcut: Shortcut): Promise<void> {
  const { messageActions } = context;
  const { spot, message, key } = shortcut;
  if (shortcut.callbackId === 'easel_imagine') return openImagineForm(context, spot, shortcut.triggerId);
  const asking = await askingOf(context, spot, key);
  const answer = await answerTo();
  if (answer !== null) await tell(context, spot, answer);

  async function answerTo(): Promise<View | null> {
    switch (shortcut.callbackId) {
      case 'easel_vary':
        return messageActions.vary(asking, message);
      case 'easel_details':
        return messageActions.details(asking, message);
      case 'easel_remove':
        return messageActions.remove(asking, message);
      default:
        return null;
    }
  }
}

/** When something broke on the way to an answer: said, with nothing of what broke. */
export async function tellTrouble(context: SlackContext, spot: Spot, thrown: unknown): Promise<void> {
  const locale = await localeFor(context, spot.user);
  const words = wordsFor(locale);
  const line = thrown instanceof Error && 'code' in thrown ? words.sayCode(String(thrown.code)) : words.sayCode(null);
  await tell(context, spot, { ...answerView(line, locale), kind: 'refused' });
}

export function messageRef(channel: string, messageId: string): MessageRef {
  return { platform: PLATFORM, channel, messageId };
}
