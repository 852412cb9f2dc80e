/** The form on top of a person's screen: fills it in, sends it, closes it. */
import { actionOf, type Choice } from './actions.ts';
import { checkBody } from './contract/check-body.ts';
import type { Delivery, Payload } from './delivery.ts';
import {
  type FormField,
  type FormValues,
  fieldsOf,
  fillIn,
  initialState,
  refusedByClient,
  type ViewState,
} from './forms.ts';
import { pushView, updateView } from './methods/views.ts';
import { closedPayload, submissionPayload, viewBlockPayload } from './payloads.ts';
import type { PersonContext } from './person.ts';
import { SlackRefusal } from './refusal.ts';
import { type Seen, seenBlocks, textOf } from './seen.ts';
import type { SlackUser, SlackView, ViewJson } from './world.ts';

export type PersonForm = Seen & {
  title: string;
  callbackId: string;
  fields: readonly FormField[];
  /** What is in a field now, by label or block id; null: nothing. */
  value(field: string): unknown;
  /** What the app had against the last try, by block id. */
  errors: Readonly<Record<string, string>>;
  press(choice: string | Choice): Delivery;
  /** Fills in and sends. @throws {Error} when the client does not let it through */
  submit(values?: FormValues): Delivery;
  close(): void;
};

export function createFormOf(
  { world, courier, violation }: PersonContext,
  user: SlackUser,
  tell: (text: string) => null,
): () => PersonForm | null {
  const states = new Map<string, ViewState>();
  const errors = new Map<string, Record<string, string>>();

  const stateOf = (view: SlackView): ViewState => states.get(`${view.id} ${view.hash}`) ?? initialState(view);

  function submit(view: SlackView, values: FormValues): Delivery {
    const state = fillIn(view, stateOf(view), values);
    states.set(`${view.id} ${view.hash}`, state);
    const refused = refusedByClient(view, state);
    if (refused !== null) throw new Error(refused);
    errors.delete(view.id);
    const payload = submissionPayload(world, user, view, state);
    return courier.deliver('interactive', payload, true, ({ isAcknowledged, answer }) => {
      if (isAcknowledged) follow(view, answer);
      else tell('We had some trouble connecting. Try again?');
    });
  }

  /** Closes, unless the app says what else. */
  function follow(view: SlackView, answer: Payload): void {
    try {
      if (Object.keys(answer).length > 0) checkBody('ViewResponse', answer);
      const {
        response_action: action,
        view: next,
        errors: found,
      } = answer as {
        response_action?: string;
        view?: ViewJson;
        errors?: Record<string, string>;
      };
      if (action === 'errors' && found !== undefined) setErrors(view, found);
      else if (action === 'update' && next !== undefined) updateView(world, view, next);
      else if (action === 'push' && next !== undefined) pushView(world, user.id, next);
      else if (action === 'clear') world.modals.delete(user.id);
      else drop(view);
    } catch (error) {
      if (!(error instanceof SlackRefusal)) throw error;
      violation(`the answer to a form: ${error.code} ${JSON.stringify(error.extra['errors'] ?? answer)}`);
    }
  }

  function setErrors(view: SlackView, found: Record<string, string>): void {
    const known = fieldsOf(view).map(({ blockId }) => blockId);
    for (const id of Object.keys(found))
      if (!known.includes(id)) violation(`an error of a field that is not there: ${id}`);
    errors.set(view.id, found);
  }

  function drop(view: SlackView): void {
    const left = (world.modals.get(user.id) ?? []).filter((each) => each !== view);
    world.modals.set(user.id, left);
  }

  return () => {
    const view = world.modals.get(user.id)?.at(-1);
    if (view === undefined) return null;
    const seen = seenBlocks(world, view.json.blocks);
    return {
      ...seen,
      title: textOf(view.json['title']),
      callbackId: view.json.callback_id ?? '',
      fields: fieldsOf(view),
      errors: errors.get(view.id) ?? {},
      value(name) {
        const field = fieldsOf(view).find(({ label, blockId }) => label === name || blockId === name);
        if (field === undefined) throw new Error(`The form has no field “${name}”.`);
        const given = stateOf(view)[field.blockId]?.[field.actionId] as Record<string, unknown> | undefined;
        return Object.entries(given ?? {}).find(([key]) => key !== 'type')?.[1] ?? null;
      },
      press: (choice) =>
        courier.deliver(
          'interactive',
          viewBlockPayload(world, user, view, stateOf(view), actionOf(seen, choice)),
          false,
        ),
      submit: (values = {}) => submit(view, values),
      close() {
        drop(view);
        if (view.json['notify_on_close'] === true)
          courier.deliver('interactive', closedPayload(world, user, view), false);
      },
    };
  };
}
