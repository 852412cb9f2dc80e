/** Forms that draw: a new picture for people who do not like flags, and other words for one that is there. */
import { printPrompt } from '../prompt/print-prompt.ts';
import type { GivenFlag } from '../prompt/types.ts';
import type { Generation } from '../store/records.ts';
import { readOptions } from '../studio/options.ts';
import { COUNT_MAX, type PersonalSettings } from '../studio/settings.ts';
import { FORM_TITLE_CHARACTERS_MAX, type Form, type FormValue, type FormValues, type TextField } from './form.ts';
import { type Locale, type Words, wordsFor } from './words.ts';

export const IMAGINE_FORM = 'easel-imagine';
export const EDIT_FORM = 'easel-edit';

/** Of a prompt in a form; the studio says its own limit with the count. */
const PROMPT_CHARACTERS_MAX = 3_000;
const STYLES_MAX = 25;
const SEED_MAX = 2 ** 32 - 1;

export type ImagineForm = {
  /** What was typed already. */
  prompt: string;
  settings: PersonalSettings;
  /** Names of the styles that the model knows. */
  styles: readonly string[];
};

/** Filled in with what the person has set for themselves. */
export function imagineForm({ prompt, settings, styles }: ImagineForm, locale: Locale): Form {
  const words = wordsFor(locale);
  const base = { hint: null, required: false };
  const known = styles.slice(0, STYLES_MAX);
  const style = settings.style !== null && known.includes(settings.style) ? settings.style : null;
  return {
    id: IMAGINE_FORM,
    title: titled(words.say('draw.title')),
    intro: null,
    fields: [
      promptField(prompt, words),
      ...(known.length === 0
        ? []
        : [
            {
              ...base,
              kind: 'select' as const,
              name: 'style',
              label: words.say('field.style'),
              value: style,
              options: known.map((name) => ({ value: name, label: name })),
            },
          ]),
      {
        ...base,
        kind: 'select',
        name: 'count',
        label: words.say('field.count'),
        value: settings.count === null ? null : `${settings.count}`,
        options: Array.from({ length: COUNT_MAX }, (_, index) => ({ value: `${index + 1}`, label: `${index + 1}` })),
      },
      {
        ...base,
        kind: 'number',
        name: 'seed',
        label: words.say('field.seed'),
        hint: words.say('draw.seedHint'),
        value: null,
        min: 0,
        max: SEED_MAX,
      },
      {
        ...base,
        kind: 'toggle',
        name: 'private',
        label: words.say('draw.private'),
        value: settings.private === true,
      },
    ],
    submit: words.say('draw.submit'),
  };
}

/** What a sent form asks for, as `studio.submit` takes it. Values that do not fit are refused there, with their reason. */
export function readImagineForm(values: FormValues): {
  text: string;
  given: readonly GivenFlag[];
  private: boolean;
} {
  const flags = [
    { name: 'style', value: textOf(values['style']) },
    { name: 'n', value: textOf(values['count']) },
    { name: 'seed', value: textOf(values['seed']) },
  ];
  const isPrivate = values['private'];
  return {
    text: textOf(values['prompt']),
    given: flags.filter(({ value }) => value !== ''),
    private: isPrivate === true || isPrivate === 'true',
  };
}

/** The prompt as it can be typed again, its options too; a new seed. */
export function editForm(generation: Generation, locale: Locale): Form {
  const words = wordsFor(locale);
  const { count, aspect, style, unwanted, guidanceScale } = readOptions(generation);
  const prompt = printPrompt(generation.prompt, { count, aspect, style, unwanted, guidanceScale });
  return {
    id: `${EDIT_FORM} ${generation.id}`,
    title: titled(words.say('draw.editTitle')),
    intro: null,
    fields: [promptField(prompt, words)],
    submit: words.say('draw.submit'),
  };
}

/** @returns null for a form that is none of ours */
export function readEditForm(id: string, values: FormValues): { generationId: string; text: string } | null {
  const [, generationId] = /^easel-edit ([0-9a-f-]{8,40})$/u.exec(id) ?? [];
  return generationId === undefined ? null : { generationId, text: textOf(values['prompt']) };
}

function promptField(value: string, words: Words): TextField {
  return {
    kind: 'text',
    name: 'prompt',
    label: words.say('draw.prompt'),
    hint: words.say('draw.promptHint'),
    required: true,
    value,
    charactersMax: PROMPT_CHARACTERS_MAX,
    isLong: true,
  };
}

function titled(text: string): string {
  return [...text].slice(0, FORM_TITLE_CHARACTERS_MAX).join('');
}

function textOf(value: FormValue | undefined): string {
  if (Array.isArray(value)) return textOf(value[0]);
  return typeof value === 'string' || typeof value === 'number' ? `${value}`.trim() : '';
}
