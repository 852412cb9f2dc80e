/** What can be asked of a message by pointing at it: context menus, and replies with other words. */
import type { Asker, Asking } from '../studio/studio.ts';
import type { MessageRef } from './messages.ts';
import type { View } from './view.ts';

/** Views are told to the person alone; null: the message that comes says it. */
export type MessageActions = {
  /** "Vary this": one picture is varied at once, of a sheet it is asked which. */
  vary(asking: Asking, ref: MessageRef): Promise<View | null>;
  /** "Prompt and seed", as they can be typed again. */
  details(asker: Asker, ref: MessageRef): Promise<View>;
  /** "Delete"; a picture that is not drawn yet is cancelled. */
  remove(asker: Asker, ref: MessageRef): Promise<View>;
  /**
   * A reply that mentions the bot: its words change the prompt, which is drawn anew as a child. "darker" is added, "blue instead
   * of red" replaces, "/imagine …" or "= …" stands for the whole.
   *
   * @param text without the mention
   * @returns undefined when the message is not one of ours
   */
  reply(asking: Asking, ref: MessageRef, text: string): Promise<View | null | undefined>;
};
