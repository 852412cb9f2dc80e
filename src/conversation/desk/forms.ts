/** Forms from the table of commands: an option becomes a field, what was typed already is filled in, and back. */
import { AppError } from '../../errors.ts';
import type { JsonObject } from '../../store/records.ts';
import { COUNT_MAX, SUFFIX_CHARACTERS_MAX } from '../../studio/settings.ts';
import type { Form, FormField, FormOption, FormValue, FormValues } from '../form.ts';
import { FORM_TITLE_CHARACTERS_MAX } from '../form.ts';
import type { View } from '../view.ts';
import { emptyView } from '../views.ts';
import type { Words } from '../words.ts';
import type { CommandName, CommandSpec, EaselCommand, OptionSpec } from './commands.ts';
import { specOf } from './commands.ts';
import type { DeskContext } from './context.ts';
import { requireAdmin } from './context.ts';
import { readDeskAction, writeDeskAction } from './desk.ts';
import { type NameFinder, nameOfCommand, readOptions } from './parse-command.ts';

const TEXT_CHARACTERS_MAX: Readonly<Record<string, number>> = { yaml: 4_000, suffix: SUFFIX_CHARACTERS_MAX };
const NUMBER_MAX = 10_000_000;

type FormKey = { name: CommandName; variant: string; rest: string };

/** @throws {AppError} `INPUT_USAGE`, `LIMIT_ADMINS_ONLY`, what the parser throws */
export async function buildForm(context: DeskContext, opener: string | EaselCommand, find: NameFinder): Promise<Form> {
  const key = typeof opener === 'string' ? readKey(opener) : { name: opener.name, variant: '', rest: '' };
  const spec = specOf(key.name);
  if (spec.audience === 'admins') await requireAdmin(context.asker);
  const { words } = context;
  const given = key.rest === '' ? {} : await readOptions(key.name, key.rest, find);
  const filled = key.name === 'settings' ? await settingsOf(context) : given;
  const title =
    key.variant === 'drawing' || key.variant === 'answers'
      ? words.say(`form.${key.variant}`)
      : titleOf(words, key.name);
  return {
    id: formId(key),
    title,
    intro: words.say(`command.${key.name}`),
    fields: fieldsOf(spec, key).map(([option, optionSpec]) =>
      toField(context, key.name, option, optionSpec, filled[option] ?? null),
    ),
    submit: words.say('form.send'),
  };
}

export type ReadForm =
  | { kind: 'read'; name: CommandName; options: Record<string, string | number | boolean> }
  /** Settings: what was left empty goes back to its default. */
  | { kind: 'settings'; change: JsonObject }
  | { kind: 'wrong'; view: View; problems: Record<string, string> };

/** @throws {AppError} `INPUT_USAGE` for a form that is none of ours */
export function readForm(context: DeskContext, id: string, values: FormValues): ReadForm {
  const key = readKey(id);
  const options: Record<string, string | number | boolean> = presetOf(specOf(key.name), key);
  const problems: Record<string, string> = {};
  for (const [option, spec] of fieldsOf(specOf(key.name), key)) {
    const field = toField(context, key.name, option, spec, null);
    const read = readField(field, values[option], context.words);
    if ('problem' in read) problems[option] = read.problem;
    else if (read.value !== null) options[option] = read.value;
  }
  if (Object.keys(problems).length > 0) return { kind: 'wrong', problems, view: wrongView(context, key, problems) };
  if (key.name !== 'settings') return { kind: 'read', name: key.name, options };
  const names = fieldsOf(specOf(key.name), key).map(([option]) => option);
  const change = Object.fromEntries(names.map((option) => [option, options[option] ?? null]));
  return { kind: 'settings', change: change['language'] === 'auto' ? { ...change, language: null } : change };
}

function readKey(id: string): FormKey {
  const action = readDeskAction(id);
  if (action === null || !action.opensForm) throw new AppError('INPUT_USAGE', 'This form is not one of mine.');
  const { name, rest } = nameOfCommand(action.text);
  const forms = specOf(name).forms ?? {};
  const [variant = ''] = rest.split(/\s+/u);
  if (variant !== '' && Object.hasOwn(forms, variant)) return { name, variant, rest: '' };
  if (!Object.hasOwn(forms, '')) throw new AppError('INPUT_USAGE', 'This form is not one of mine.');
  return { name, variant: '', rest };
}

function formId({ name, variant }: FormKey): string {
  return writeDeskAction([name, variant].join(' ').trim(), true);
}

function fieldsOf({ forms, options }: CommandSpec, { variant }: FormKey): [string, OptionSpec][] {
  return (forms?.[variant] ?? []).flatMap((option) => {
    const spec = options[option];
    return spec === undefined ? [] : [[option, spec] as [string, OptionSpec]];
  });
}

/** Such as `limits set`, as people type it: the same on every platform and short enough for Slack. */
function titleOf(words: Words, name: CommandName): string {
  const said = words.say(`command.${name}`);
  return [...said].length <= FORM_TITLE_CHARACTERS_MAX ? said : `/easel ${name}`.slice(0, FORM_TITLE_CHARACTERS_MAX);
}

async function settingsOf({ parts, asker }: DeskContext): Promise<Record<string, FormValue>> {
  return { ...(await parts.studio.settings(asker.scope)) };
}

/** The form of one choice: `limits plan paid` asks for the rest. */
function presetOf({ options }: CommandSpec, { variant }: FormKey): Record<string, string> {
  const found = Object.entries(options).find(([, { choices }]) => choices?.includes(variant) === true);
  return found === undefined ? {} : { [found[0]]: variant };
}

/** Options that a form cannot be sent without. */
const NEEDED: Partial<Record<CommandName, readonly string[]>> = {
  gallery: ['channel'],
  'limits set': ['amount', 'what'],
  'limits preview': ['amount', 'what'],
  'limits grant': ['amount', 'user'],
  'limits plan': ['role'],
  'limits hours': ['from', 'to'],
  'limits zone': ['zone'],
  'limits import': ['yaml'],
  'words add': ['phrase'],
};

function toField(
  context: DeskContext,
  name: CommandName,
  option: string,
  spec: OptionSpec,
  value: FormValue,
): FormField {
  const { words } = context;
  const base = {
    name: option,
    label: words.say(`option.${option as 'user'}`),
    hint: null,
    required: NEEDED[name]?.includes(option) === true,
  };
  switch (spec.kind) {
    case 'number':
      return {
        ...{
          ...base,
          kind: 'number',
          min: option === 'count' ? 1 : 0,
          max: option === 'count' ? COUNT_MAX : NUMBER_MAX,
        },
        value: typeof value === 'number' ? value : null,
      };
    case 'toggle':
      return { ...base, kind: 'toggle', value: value === true };
    case 'user':
    case 'role':
    case 'channel':
      return { ...base, kind: 'pick', of: spec.kind, values: typeof value === 'string' ? [value] : [], countMax: 1 };
    case 'choice': {
      const options = (spec.choices ?? []).map((choice) => ({
        value: choice,
        label: words.say(`choice.${choice as 'each'}`),
      }));
      return { ...base, kind: 'select', value: typeof value === 'string' ? value : null, options };
    }
    case 'word':
    case 'text': {
      if (option === 'style')
        return { ...base, kind: 'select', value: typeof value === 'string' ? value : null, options: stylesOf(context) };
      const charactersMax = TEXT_CHARACTERS_MAX[option] ?? 100;
      return {
        ...base,
        kind: 'text',
        value: typeof value === 'string' ? value : '',
        charactersMax,
        isLong: charactersMax > 1_000,
      };
    }
  }
}

function stylesOf({ parts }: DeskContext): FormOption[] {
  return parts.model.styles.slice(0, 25).map(({ name }) => ({ value: name, label: name }));
}

type Read = { value: string | number | boolean | null } | { problem: string };

function readField(field: FormField, given: FormValue | undefined, words: Words): Read {
  const first = Array.isArray(given) ? given[0] : given;
  const value = typeof first === 'string' ? first.trim() : (first ?? null);
  const isEmpty = value === null || value === '';
  if (isEmpty) return field.required ? { problem: words.say('form.needed') } : { value: null };
  switch (field.kind) {
    case 'number': {
      const number = typeof value === 'number' ? value : Number(String(value).replaceAll(/[\s_']/gu, ''));
      if (!Number.isInteger(number)) return { problem: words.say('form.notNumber') };
      if (number < field.min) return { problem: words.say('form.tooSmall', { min: field.min }) };
      if (number > field.max) return { problem: words.say('form.tooLarge', { max: field.max }) };
      return { value: number };
    }
    case 'toggle':
      return { value: value === true || value === 'true' || value === 'yes' ? true : null };
    case 'select':
      if (!field.options.some((option) => option.value === value)) return { problem: words.say('form.notChoice') };
      return { value: String(value) };
    case 'pick':
      return { value: String(value) };
    case 'text':
      if ([...String(value)].length > field.charactersMax)
        return { problem: words.say('form.tooLong', { max: field.charactersMax }) };
      return { value: String(value) };
  }
}

function wrongView({ words, locale }: DeskContext, key: FormKey, problems: Record<string, string>): View {
  const lines = Object.entries(problems).map(
    ([option, problem]) => `${words.say(`option.${option as 'user'}`)}: ${problem}`,
  );
  return {
    ...emptyView('refused', locale),
    heading: words.say('form.wrong'),
    lines,
    actions: [{ id: formId(key), label: titleOf(words, key.name), style: 'main', opensForm: true }],
  };
}
