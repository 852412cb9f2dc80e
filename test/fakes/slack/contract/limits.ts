/** What Slack's types cannot say: how long and how many. https://docs.slack.dev/reference/block-kit */
import type { Problem } from '../refusal.ts';
import type { BlockJson, ViewJson } from '../world.ts';

type Json = Readonly<Record<string, unknown>>;
/** The longest text of a field, or of the text object in it. */
type TextLimits = Readonly<Record<string, number>>;
type ListLimits = Readonly<Record<string, readonly [number, number]>>;

const TEXT_LIMITS: Readonly<Record<string, TextLimits>> = {
  header: { text: 150 },
  section: { text: 3_000 },
  image: { alt_text: 2_000, title: 2_000, image_url: 3_000 },
  input: { label: 2_000, hint: 2_000 },
  markdown: { text: 12_000 },
  video: { title: 199, author_name: 49 },
  button: { text: 75, value: 2_000, url: 3_000, accessibility_label: 75 },
  workflow_button: { text: 75, accessibility_label: 75 },
  plain_text: { text: 3_000 },
  mrkdwn: { text: 3_000 },
  modal: { title: 24, submit: 24, close: 24, private_metadata: 3_000, callback_id: 255 },
  home: { private_metadata: 3_000, callback_id: 255 },
};
const EVERY_TEXT: TextLimits = { block_id: 255, action_id: 255, placeholder: 150, external_id: 255 };
const OPTION_TEXT: TextLimits = { text: 75, value: 75, description: 75, url: 3_000 };
const CONFIRM_TEXT: TextLimits = { title: 100, text: 300, confirm: 30, deny: 30 };

const LIST_LIMITS: Readonly<Record<string, ListLimits>> = {
  actions: { elements: [1, 25] },
  context: { elements: [1, 10] },
  context_actions: { elements: [1, 5] },
  section: { fields: [1, 10] },
  static_select: { options: [1, 100], option_groups: [1, 100] },
  multi_static_select: { options: [1, 100], option_groups: [1, 100] },
  overflow: { options: [1, 5] },
  checkboxes: { options: [1, 10] },
  radio_buttons: { options: [1, 10] },
  carousel: { elements: [1, 10] },
  container: { child_blocks: [1, 10] },
};
/** These blocks are of one kind of surface only. */
const SURFACES: Readonly<Record<string, readonly string[]>> = {
  input: ['message', 'modal', 'home'],
  file: ['message'],
};
const VIEW_BYTES_MAX = 250_000;
const EVENT_PAYLOAD_PLACES = ['metadata'];

/** @param countMax 50 in a message, 100 in a view */
export function blockProblems(
  blocks: readonly BlockJson[],
  place: string,
  countMax: number,
  surface = 'message',
): readonly Problem[] {
  const problems: Problem[] = [];
  if (blocks.length > countMax) problems.push({ place, text: `no more than ${countMax} items allowed` });
  const ids = blocks.flatMap(({ block_id }) => block_id ?? []);
  for (const id of repeated(ids)) problems.push({ place, text: `block_id already exists: ${id}` });
  blocks.forEach((block, at) => {
    const here = `${place}/${at}`;
    if (SURFACES[block.type]?.includes(surface) === false)
      problems.push({ place: here, text: `unsupported type: ${block.type}` });
    if (block.type === 'section' && block['text'] === undefined && block['fields'] === undefined)
      problems.push({ place: here, text: 'missing required field: text or fields' });
    problems.push(...valueProblems(block, here));
    const actions = actionIdsOf(block);
    for (const id of repeated(actions)) problems.push({ place: here, text: `action_id already exists: ${id}` });
  });
  return problems;
}

export function viewProblems(view: ViewJson, place: string): readonly Problem[] {
  const problems: Problem[] = [...blockProblems(view.blocks, `${place}/blocks`, 100, view.type)];
  const { blocks: _blocks, ...rest } = view;
  problems.push(...valueProblems(rest, place));
  const hasInput = view.blocks.some(({ type }) => type === 'input');
  if (view.type === 'modal' && hasInput && view['submit'] === undefined)
    problems.push({ place, text: 'missing required field: submit' });
  if (JSON.stringify(view).length > VIEW_BYTES_MAX) problems.push({ place, text: 'view_too_large' });
  return problems;
}

/** Every limit in a value and in all that is in it. */
function valueProblems(value: unknown, place: string): readonly Problem[] {
  if (Array.isArray(value)) return value.flatMap((each, at) => valueProblems(each, `${place}/${at}`));
  if (typeof value !== 'object' || value === null) return [];
  const json = value as Json;
  const type = typeof json['type'] === 'string' ? json['type'] : '';
  const problems = [...textProblems(json, { ...EVERY_TEXT, ...TEXT_LIMITS[type], ...byPlace(place, json) }, place)];
  for (const [name, [min, max]] of Object.entries(LIST_LIMITS[type] ?? {})) {
    const list = json[name];
    if (!Array.isArray(list)) continue;
    if (list.length > max) problems.push({ place: `${place}/${name}`, text: `no more than ${max} items allowed` });
    if (list.length < min) problems.push({ place: `${place}/${name}`, text: `no fewer than ${min} items allowed` });
  }
  const inner = Object.entries(json).filter(([name]) => !EVENT_PAYLOAD_PLACES.includes(name));
  return [...problems, ...inner.flatMap(([name, each]) => valueProblems(each, `${place}/${name}`))];
}

function byPlace(place: string, json: Json): TextLimits {
  if (/\/(?:options|initial_options)\/\d+$|\/initial_option$/u.test(place)) return OPTION_TEXT;
  if (/\/fields\/\d+$/u.test(place)) return { text: 2_000 };
  if (place.endsWith('/confirm') && json['type'] === undefined) return CONFIRM_TEXT;
  return {};
}

function textProblems(json: Json, limits: TextLimits, place: string): readonly Problem[] {
  return Object.entries(limits).flatMap(([name, max]) => {
    const text = textIn(json[name]);
    if (text === null) return [];
    if (text.length > max) return [{ place: `${place}/${name}`, text: `must be less than ${max + 1} characters` }];
    const mayBeEmpty = ['private_metadata', 'alt_text', 'value'].includes(name);
    return text === '' && !mayBeEmpty ? [{ place: `${place}/${name}`, text: 'must be more than 0 characters' }] : [];
  });
}

function textIn(value: unknown): string | null {
  if (typeof value === 'string') return value;
  const text = typeof value === 'object' && value !== null ? (value as Json)['text'] : undefined;
  return typeof text === 'string' ? text : null;
}

function actionIdsOf(block: BlockJson): readonly string[] {
  const elements = [block['elements'], block['accessory'], block['element']].flat();
  return elements.flatMap((element) => {
    const id = typeof element === 'object' && element !== null ? (element as Json)['action_id'] : undefined;
    return typeof id === 'string' ? [id] : [];
  });
}

function repeated(ids: readonly string[]): readonly string[] {
  return [...new Set(ids.filter((id, at) => ids.indexOf(id) !== at))];
}
