/** A form in no platform's words: a modal on Discord and Slack, a dialog on the web. */

/** Discord's modals hold five, and Slack's titles 24 characters. */
export const FORM_FIELDS_MAX = 5;
export const FORM_TITLE_CHARACTERS_MAX = 24;
export const FORM_LABEL_CHARACTERS_MAX = 45;

export type FormOption = { value: string; label: string };

type FieldBase = {
  /** `a-z` and dashes. */
  name: string;
  label: string;
  /** One line below it. */
  hint: string | null;
  required: boolean;
};

export type TextField = FieldBase & { kind: 'text'; value: string; charactersMax: number; isLong: boolean };
/** A whole number; platforms without a field of numbers hand its text back. */
export type NumberField = FieldBase & { kind: 'number'; value: number | null; min: number; max: number };
/** One of at most 25. */
export type SelectField = FieldBase & { kind: 'select'; value: string | null; options: readonly FormOption[] };
export type ToggleField = FieldBase & { kind: 'toggle'; value: boolean };
/** People, roles or channels, from the platform's own list where it has one. Values are ids. */
export type PickField = FieldBase & { kind: 'pick'; of: PlaceKind; values: readonly string[]; countMax: number };

export type FormField = TextField | NumberField | SelectField | ToggleField | PickField;

/** What a rule can be about, and a person can name. */
export type PlaceKind = 'user' | 'role' | 'channel';

export type Form = {
  /** At most 100 characters: all that is needed to handle it, also after a restart. */
  id: string;
  title: string;
  intro: string | null;
  fields: readonly FormField[];
  /** Of the button that sends it. */
  submit: string;
};

/** A desk that cannot open its form answers with a view instead. */
export function isForm(answer: object): answer is Form {
  return 'submit' in answer;
}

/** By the field's name, as the platform has them: numbers may be text, nothing chosen may be null or absent. */
export type FormValues = Readonly<Record<string, FormValue | undefined>>;
export type FormValue = string | number | boolean | null | readonly string[];
