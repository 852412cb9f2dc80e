/** Pressing and choosing: what the app is told of an element. */
import type { Payload } from './delivery.ts';
import type { Seen, SeenControl } from './seen.ts';

/** A control by its action id or by its words; of an overflow or a menu, the option too. */
export type Choice = { control: string; option?: string };

/** The action of an element, as the app is told of it. @throws {Error} when the person sees no such control */
export function actionOf({ controls }: Seen, choice: string | Choice): Payload {
  const { control: wanted, option } = typeof choice === 'string' ? { control: choice } : choice;
  const found = controls.find((each) => each.actionId === wanted || each.text === wanted || each.label === wanted);
  if (found === undefined) throw new Error(`There is no “${wanted}” here: ${controls.map(describe).join(', ')}`);
  const { actionId: action_id, blockId: block_id, kind: type, element } = found;
  if (type === 'button') {
    const { text, value, style } = element;
    return {
      type,
      action_id,
      block_id,
      text,
      ...(value === undefined ? {} : { value }),
      ...(style === undefined ? {} : { style }),
    };
  }
  const picked = found.options.find(({ value, text }) => value === option || text === option);
  if (picked === undefined)
    throw new Error(`“${wanted}” has no “${option}”: ${found.options.map(({ text }) => text).join(', ')}`);
  return {
    type,
    action_id,
    block_id,
    selected_option: { text: { type: 'plain_text', text: picked.text }, value: picked.value },
  };
}

const describe = ({ text, actionId }: SeenControl): string => `“${text}” (${actionId})`;
