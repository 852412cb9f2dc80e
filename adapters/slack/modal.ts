// From a form to a modal, and from what was filled in back to values. Pure.

import type { types } from '@slack/bolt';
import type { Form, FormField, FormValues, Locale, Named, PickField, View } from '../../src/index.ts';
import { wordsFor } from '../../src/index.ts';
import { answerBlocks, context, plain, section } from './blocks.ts';
import { escapeWithin } from './text.ts';

/** One callback for every form: which it is stands in its metadata, so a modal that is open over a restart still works. */
export const FORM_CALLBACK = 'easel-form';
export const ANSWER_CALLBACK = 'easel-answer';

/** Where a modal was opened from, and what is answered there. */
export type ModalOrigin = {
  readonly formId: string;
  /** null: from App Home, where there is no channel. */
  readonly channel: string | null;
  readonly thread: string | null;
};

/** @see https://docs.slack.dev/reference/views/modal-views */
const TITLE_MAX = 24;
const LABEL_MAX = 2_000;
const HINT_MAX = 2_000;
const INPUT_MAX = 3_000;
const OPTION_MAX = 75;
const PLACEHOLDER_MAX = 150;
const INTRO_MAX = 2_900;
const BLOCKS_MAX = 100;
/** The name of the one element of a field's block. */
const ELEMENT = 'value';
const ON = 'on';

/** @param roles to choose from, since Slack has no element for user groups */
export function toModal(form: Form, origin: ModalOrigin, locale: Locale, roles: readonly Named[]): types.ModalView {
  return {
    type: 'modal',
    callback_id: FORM_CALLBACK,
    private_metadata: JSON.stringify(origin),
    title: plain(form.title, TITLE_MAX),
    submit: plain(form.submit, TITLE_MAX),
    close: plain(wordsFor(locale).say('slack.close'), TITLE_MAX),
    blocks: [
      ...(form.intro === null ? [] : [section(escapeWithin(form.intro, INTRO_MAX))]),
      ...form.fields.map((field) => toInput(field, roles)),
    ],
  };
}

/**
 * An answer in a window of its own, where the question was asked in one.
 *
 * @param fileId of its picture, once Slack has it
 */
export function toAnswerModal(
  view: View,
  origin: ModalOrigin,
  author: string | null,
  fileId: string | null = null,
): types.ModalView {
  const words = wordsFor(view.locale);
  const blocks = answerBlocks(fileId === null ? { ...view, image: null } : view, { fileId, author }).slice(
    0,
    BLOCKS_MAX,
  );
  return {
    type: 'modal',
    callback_id: ANSWER_CALLBACK,
    private_metadata: JSON.stringify(origin),
    title: plain('Easel', TITLE_MAX),
    close: plain(words.say('slack.close'), TITLE_MAX),
    blocks: blocks.length === 0 ? [context('–')] : blocks,
  };
}

/** @param metadata as Slack hands it back @returns null for what is not of ours */
export function readOrigin(metadata: string): ModalOrigin | null {
  try {
    const read: unknown = JSON.parse(metadata);
    if (typeof read !== 'object' || read === null || !('formId' in read) || typeof read.formId !== 'string')
      return null;
    const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
    return {
      formId: read.formId,
      channel: 'channel' in read ? text(read.channel) : null,
      thread: 'thread' in read ? text(read.thread) : null,
    };
  } catch {
    return null;
  }
}

/** As Slack tells of one field. */
export type FieldState = {
  readonly value?: string | null;
  readonly selected_option?: { readonly value: string } | null;
  readonly selected_options?: readonly { readonly value: string }[];
  readonly selected_user?: string | null;
  readonly selected_users?: readonly string[];
  readonly selected_conversation?: string | null;
  readonly selected_conversations?: readonly string[];
};

/** @param state `view.state.values` of a submission */
export function readModal(state: Readonly<Record<string, Readonly<Record<string, FieldState>>>>): FormValues {
  return Object.fromEntries(
    Object.entries(state).map(([name, elements]) => {
      const field = elements[ELEMENT] ?? {};
      const several = field.selected_users ?? field.selected_conversations;
      if (several !== undefined) return [name, several];
      if (field.selected_options !== undefined) {
        const chosen = field.selected_options.map(({ value }) => value);
        return [name, chosen.length === 1 && chosen[0] === ON ? true : chosen.length === 0 ? false : chosen];
      }
      const one = field.value ?? field.selected_option?.value ?? field.selected_user ?? field.selected_conversation;
      return [name, one ?? null];
    }),
  );
}

function toInput(field: FormField, roles: readonly Named[]): types.InputBlock {
  return {
    type: 'input',
    block_id: field.name,
    label: plain(field.label, LABEL_MAX),
    // A box that is not ticked is an answer.
    optional: !field.required || field.kind === 'toggle',
    ...(field.hint === null ? {} : { hint: plain(field.hint, HINT_MAX) }),
    element: toElement(field, roles),
  };
}

function toElement(field: FormField, roles: readonly Named[]): types.InputBlockElement {
  switch (field.kind) {
    case 'text':
      return {
        type: 'plain_text_input',
        action_id: ELEMENT,
        multiline: field.isLong,
        max_length: Math.min(field.charactersMax, INPUT_MAX),
        ...(field.value === '' ? {} : { initial_value: field.value.slice(0, INPUT_MAX) }),
      };
    case 'number':
      return {
        type: 'number_input',
        action_id: ELEMENT,
        is_decimal_allowed: false,
        min_value: `${field.min}`,
        max_value: `${field.max}`,
        ...(field.value === null ? {} : { initial_value: `${field.value}` }),
      };
    case 'select': {
      const options = field.options.map(({ value, label }) => ({ text: plain(label, OPTION_MAX), value }));
      const chosen = options.find(({ value }) => value === field.value);
      return {
        type: 'static_select',
        action_id: ELEMENT,
        placeholder: plain(field.label, PLACEHOLDER_MAX),
        options,
        ...(chosen === undefined ? {} : { initial_option: chosen }),
      };
    }
    case 'toggle': {
      const option = { text: plain(field.label, OPTION_MAX), value: ON };
      return {
        type: 'checkboxes',
        action_id: ELEMENT,
        options: [option],
        ...(field.value ? { initial_options: [option] } : {}),
      };
    }
    case 'pick':
      return toPicker(field, roles);
  }
}

function toPicker({ of, values, countMax, label }: PickField, roles: readonly Named[]): types.InputBlockElement {
  const [first] = values;
  const about = { action_id: ELEMENT, placeholder: plain(label, PLACEHOLDER_MAX) };
  if (of === 'user') {
    return countMax === 1
      ? { type: 'users_select', ...about, ...(first === undefined ? {} : { initial_user: first }) }
      : {
          type: 'multi_users_select',
          ...about,
          max_selected_items: countMax,
          ...(values.length === 0 ? {} : { initial_users: [...values] }),
        };
  }
  if (of === 'channel') {
    // Private ones too: `channels_select` shows public ones alone.
    const filter = { include: ['public', 'private'] as ['public', 'private'], exclude_bot_users: true };
    return countMax === 1
      ? {
          type: 'conversations_select',
          ...about,
          filter,
          ...(first === undefined ? {} : { initial_conversation: first }),
        }
      : {
          type: 'multi_conversations_select',
          ...about,
          filter,
          max_selected_items: countMax,
          ...(values.length === 0 ? {} : { initial_conversations: [...values] }),
        };
  }
  const options = roles.map(({ id, name }) => ({ text: plain(name, OPTION_MAX), value: id }));
  const chosen = options.filter(({ value }) => values.includes(value));
  if (countMax === 1) {
    return {
      type: 'static_select',
      ...about,
      options,
      ...(chosen[0] === undefined ? {} : { initial_option: chosen[0] }),
    };
  }
  return {
    type: 'multi_static_select',
    ...about,
    options,
    max_selected_items: countMax,
    ...(chosen.length === 0 ? {} : { initial_options: chosen }),
  };
}
