/** Forms as a person fills them in: what is asked, what is in it, what a client does not let through. */
import { textOf } from './seen.ts';
import type { BlockJson, SlackView } from './world.ts';

type Element = Readonly<Record<string, unknown>> & { type: string; action_id: string };

export type FormField = {
  label: string;
  blockId: string;
  actionId: string;
  kind: string;
  isOptional: boolean;
  options: readonly { text: string; value: string }[];
};

/** By label or block id: text, the value or the words of an option, or several. */
export type FormValues = Readonly<Record<string, string | readonly string[]>>;
export type ViewState = Record<string, Record<string, unknown>>;

export function fieldsOf({ json }: SlackView): readonly FormField[] {
  return inputsOf(json.blocks).map(({ block, element }) => ({
    label: textOf(block['label']) || textOf(element['placeholder']),
    blockId: block.block_id ?? '',
    actionId: element.action_id,
    kind: element.type,
    isOptional: block.type !== 'input' || block['optional'] === true,
    options: optionsOf(element).map((option) => ({ text: textOf(option.text), value: option.value })),
  }));
}

/** What is in the form before anybody writes: initial values. */
export function initialState({ json }: SlackView): ViewState {
  return stateOf(json.blocks, (element) => {
    const initial = Object.entries(element).find(([name]) => name.startsWith('initial_'))?.[1];
    return initial ?? null;
  });
}

/** @throws {Error} when there is no such field, or it takes no such value */
export function fillIn(view: SlackView, state: ViewState, values: FormValues): ViewState {
  const filled: ViewState = structuredClone(state);
  for (const [name, value] of Object.entries(values)) {
    const field = fieldsOf(view).find(({ label, blockId }) => label === name || blockId === name);
    if (field === undefined)
      throw new Error(
        `The form has no field “${name}”: ${fieldsOf(view)
          .map(({ label }) => label)
          .join(', ')}`,
      );
    const found = inputsOf(view.json.blocks).find(({ block }) => block.block_id === field.blockId);
    if (found === undefined) throw new Error('unreachable');
    filled[field.blockId] = { [field.actionId]: valueState(found.element, chosen(found.element, value)) };
  }
  return filled;
}

/** What keeps a client from sending the form: required fields, lengths, numbers. */
export function refusedByClient(view: SlackView, state: ViewState): string | null {
  for (const { block, element } of inputsOf(view.json.blocks)) {
    const label = textOf(block['label']);
    const given = state[block.block_id ?? '']?.[element.action_id] as Record<string, unknown> | undefined;
    const value = Object.entries(given ?? {}).find(([name]) => name !== 'type')?.[1] ?? null;
    const isEmpty = value === null || value === '' || (Array.isArray(value) && value.length === 0);
    if (isEmpty && block.type === 'input' && block['optional'] !== true) return `${label}: required`;
    if (typeof value !== 'string') continue;
    const { min_length = 0, max_length = 3_000 } = element as { min_length?: number; max_length?: number };
    if (!isEmpty && (value.length < min_length || value.length > max_length))
      return `${label}: ${min_length} to ${max_length} characters`;
    if (element.type === 'number_input' && !isEmpty && !isNumberFor(element, value))
      return `${label}: not such a number`;
  }
  return null;
}

function isNumberFor(element: Element, text: string): boolean {
  const number = Number(text);
  const min = Number(element['min_value'] ?? Number.NEGATIVE_INFINITY);
  const max = Number(element['max_value'] ?? Number.POSITIVE_INFINITY);
  const isWhole = element['is_decimal_allowed'] === true || Number.isInteger(number);
  return Number.isFinite(number) && isWhole && number >= min && number <= max;
}

function inputsOf(blocks: readonly BlockJson[]): readonly { block: BlockJson; element: Element }[] {
  return blocks.flatMap((block) =>
    [block['element'], block['accessory'], block['elements']]
      .flat()
      .filter((each): each is Element => typeof each === 'object' && each !== null && isInput(each as Element))
      .map((element) => ({ block, element })),
  );
}

const isInput = ({ type }: Element): boolean =>
  /_select$|_input$|^(?:checkboxes|radio_buttons|datepicker|timepicker|datetimepicker)$/u.test(type);

function stateOf(blocks: readonly BlockJson[], read: (element: Element) => unknown): ViewState {
  const state: ViewState = {};
  for (const { block, element } of inputsOf(blocks)) {
    const id = block.block_id ?? '';
    state[id] = { ...state[id], [element.action_id]: valueState(element, read(element)) };
  }
  return state;
}

const MANY = ['checkboxes'];

function valueState({ type }: Element, value: unknown): Record<string, unknown> {
  if (type.startsWith('multi_') || MANY.includes(type)) return { type, [manyKey(type)]: value ?? [] };
  if (type === 'static_select' || type === 'external_select' || type === 'radio_buttons')
    return { type, selected_option: value };
  if (type.endsWith('_select')) return { type, [`selected_${type.replace('s_select', '')}`]: value };
  return { type, value };
}

function manyKey(type: string): string {
  return type === 'checkboxes' || /static|external/u.test(type)
    ? 'selected_options'
    : `selected_${type.replace('multi_', '').replace('_select', '')}`;
}

type Option = { text: unknown; value: string };

function optionsOf(element: Element): readonly Option[] {
  const groups = (element['option_groups'] as { options: Option[] }[] | undefined) ?? [];
  return (element['options'] as Option[] | undefined) ?? groups.flatMap(({ options }) => options);
}

function chosen(element: Element, value: string | readonly string[]): unknown {
  const options = optionsOf(element);
  if (options.length === 0) return value;
  const pick = (wanted: string): Option => {
    const found = options.find((option) => option.value === wanted || textOf(option.text) === wanted);
    if (found === undefined) throw new Error(`There is no “${wanted}” to choose.`);
    return found;
  };
  return typeof value === 'string' ? pick(value) : value.map(pick);
}
