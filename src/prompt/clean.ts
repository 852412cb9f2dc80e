// Text as people paste it -> text that is safe to show, log the length of and split.

import { AppError } from '../errors.ts';

/** Marks that only steer the direction of text: kept, they would let a prompt rearrange the message it is shown in. */
const DIRECTION_MARKS = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;
/** Characters without a width or a meaning in a prompt (the joiners U+200C and U+200D carry emoji and some scripts). */
const INVISIBLE = /[\u00AD\u180E\u200B\u2060-\u2064\u206A-\u206F\uFEFF\uFFF9-\uFFFB]/gu;
const CONTROL = /[\p{Cc}\p{Cs}\uFFFE\uFFFF]/u;

/**
 * Makes one line of a prompt: composed characters, single spaces, no direction marks.
 *
 * @throws {AppError} `INPUT_PROMPT_TOO_LONG`, `INPUT_CONTROL_CHARACTER`
 */
export function cleanText(text: string, charactersMax: number): string {
  // The cheap check comes first: a megabyte is refused without being normalised.
  const characters = text.length > 2 * charactersMax ? text.length : [...text].length;
  if (characters > charactersMax) {
    throw new AppError(
      'INPUT_PROMPT_TOO_LONG',
      `The prompt is too long: it has ${characters.toLocaleString('en')} characters and ${charactersMax.toLocaleString('en')} is the most. Shorten it.`,
      { details: { characters, charactersMax } },
    );
  }
  const line = text.replace(DIRECTION_MARKS, '').replace(INVISIBLE, '').normalize('NFC').replace(/\s+/gu, ' ').trim();
  const control = CONTROL.exec(line)?.[0];
  if (control !== undefined) {
    const name = `U+${control.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
    throw new AppError(
      'INPUT_CONTROL_CHARACTER',
      `The prompt holds a control character (${name}), which cannot be drawn. Take it out, or type the prompt again.`,
      { details: { character: name } },
    );
  }
  return line;
}
