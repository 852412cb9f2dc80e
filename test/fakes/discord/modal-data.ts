/** What a client sends of a form: every field of it, filled in or as it came, and nothing it would not let through. */
import { ComponentType } from 'discord-api-types/v10';
import type { RawComponent } from './components.ts';
import type { Modal } from './interactions.ts';

/** By the custom id of each field: the text, or what was chosen. */
export type ModalValues = Readonly<Record<string, string | readonly string[]>>;

type Field = RawComponent & {
  value?: string | null;
  required?: boolean | null;
  min_length?: number | null;
  max_length?: number | null;
};

export function toModalData(modal: Modal, values: ModalValues): object {
  const left = new Set(Object.keys(values));
  let number = 0;
  const write = (component: RawComponent): object => {
    number += 1;
    const base = { type: component.type, id: component.id || number };
    if (component.components !== undefined) return { ...base, components: component.components.map(write) };
    if (component.component !== undefined) return { ...base, component: write(component.component) };
    const id = component.custom_id ?? '';
    if (id === '') return base;
    left.delete(id);
    return { ...base, custom_id: id, ...fill(component, values[id]) };
  };
  const components = (modal.components as unknown as RawComponent[]).map(write);
  if (left.size > 0) throw new Error(`The form “${modal.title}” has no field ${[...left].join(', ')}.`);
  return { custom_id: modal.custom_id, components };
}

function fill(field: Field, value: string | readonly string[] | undefined): object {
  const isRequired = field.required !== false;
  if (field.type === ComponentType.TextInput) {
    const text = value ?? field.value ?? '';
    if (typeof text !== 'string') throw new Error(`${field.custom_id} is a text.`);
    if (isRequired && text === '') throw new Error(`${field.custom_id} must be filled in.`);
    if (text.length > (field.max_length ?? 4_000) || (text !== '' && text.length < (field.min_length ?? 0)))
      throw new Error(`${field.custom_id} is too long or too short.`);
    return { value: text };
  }
  const defaults = (field.options ?? []).filter((option) => option.default === true).map((option) => option.value);
  const chosen = value === undefined ? defaults : [value].flat();
  const known = (field.options ?? []).map((option) => option.value);
  if (field.options !== undefined && chosen.some((each) => !known.includes(each)))
    throw new Error(`${field.custom_id} offers no ${chosen}.`);
  if (chosen.length > (field.max_values ?? 1) || (isRequired && chosen.length < (field.min_values ?? 1)))
    throw new Error(`${field.custom_id}: chosen too many or too few.`);
  return { values: chosen };
}
