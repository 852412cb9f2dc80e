// Forms as modals of Discord, and back: a modal must be the first answer to an interaction.

import {
  type APILabelComponent,
  type APIModalInteractionResponseCallbackData,
  ComponentType,
  type ModalSubmitInteraction,
  SelectMenuDefaultValueType,
  TextInputStyle,
} from 'discord.js';
import type { Form, FormField, FormValue, FormValues, PickField, Words } from '../../src/index.ts';
import { cut } from './markdown.ts';

const TITLE_MAX = 45;
const LABEL_MAX = 45;
const DESCRIPTION_MAX = 100;
const TEXT_MAX = 4_000;
const OPTIONS_MAX = 25;
const FIELDS_MAX = 5;
const NUMBER_CHARACTERS_MAX = 12;

export function toModal({ id, title, fields }: Form, words: Words): APIModalInteractionResponseCallbackData {
  return {
    custom_id: id,
    title: cut(title, TITLE_MAX),
    components: fields.slice(0, FIELDS_MAX).map((field) => toLabel(field, words)),
  };
}

function toLabel(field: FormField, words: Words): APILabelComponent {
  return {
    type: ComponentType.Label,
    label: cut(field.label, LABEL_MAX),
    ...(field.hint === null ? {} : { description: cut(field.hint, DESCRIPTION_MAX) }),
    component: toComponent(field, words),
  };
}

function toComponent(field: FormField, words: Words): APILabelComponent['component'] {
  const base = { custom_id: field.name, required: field.required };
  switch (field.kind) {
    case 'text':
      return {
        ...base,
        type: ComponentType.TextInput,
        style: field.isLong ? TextInputStyle.Paragraph : TextInputStyle.Short,
        max_length: Math.min(TEXT_MAX, field.charactersMax),
        ...(field.value === '' ? {} : { value: field.value.slice(0, TEXT_MAX) }),
      };
    case 'number':
      return {
        ...base,
        type: ComponentType.TextInput,
        style: TextInputStyle.Short,
        max_length: NUMBER_CHARACTERS_MAX,
        placeholder: `${field.min}–${field.max}`,
        ...(field.value === null ? {} : { value: `${field.value}` }),
      };
    case 'select':
      return {
        ...base,
        type: ComponentType.StringSelect,
        options: field.options.slice(0, OPTIONS_MAX).map(({ value, label }) => ({
          value,
          label: cut(label, DESCRIPTION_MAX),
          default: value === field.value,
        })),
      };
    case 'toggle':
      return {
        ...base,
        type: ComponentType.StringSelect,
        options: (['yes', 'no'] as const).map((value) => ({
          value,
          label: words.say(`value.${value}`),
          default: (value === 'yes') === field.value,
        })),
      };
    case 'pick':
      return toPick(field);
  }
}

function toPick({ of, name, required, values, countMax }: PickField): APILabelComponent['component'] {
  const base = { custom_id: name, required, min_values: required ? 1 : 0, max_values: countMax };
  const defaults = <Type extends SelectMenuDefaultValueType>(type: Type) =>
    values.length === 0 ? {} : { default_values: values.map((id) => ({ id, type })) };
  switch (of) {
    case 'user':
      return { ...base, type: ComponentType.UserSelect, ...defaults(SelectMenuDefaultValueType.User) };
    case 'role':
      return { ...base, type: ComponentType.RoleSelect, ...defaults(SelectMenuDefaultValueType.Role) };
    case 'channel':
      return { ...base, type: ComponentType.ChannelSelect, ...defaults(SelectMenuDefaultValueType.Channel) };
  }
}

/** What was filled in, by the fields' names. */
export function readModal({ fields }: Pick<ModalSubmitInteraction, 'fields'>): FormValues {
  return Object.fromEntries(
    [...fields.fields].map(([name, field]): [string, FormValue] => {
      if ('value' in field && typeof field.value === 'string') return [name, field.value];
      if ('values' in field && Array.isArray(field.values)) return [name, [...field.values]];
      return [name, null];
    }),
  );
}
