// A form of the desk: limits, words, settings; each field as a browser has it.

import type { WireField } from '../wire.ts';
import { submitDesk } from './actions.ts';
import type { FormValues } from './api.ts';
import { Dialog } from './dialog.tsx';
import { deskForm } from './state.ts';
import { t } from './words.ts';

export function DeskForm() {
  const open = deskForm.value;
  if (open === null) return null;
  const { form, problems } = open;
  const close = () => {
    deskForm.value = null;
  };
  return (
    <Dialog key={form.id} label={form.title} className="form" onClose={close}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submitDesk(form, valuesOf(form.fields, new FormData(event.currentTarget))).catch(() => {});
        }}
      >
        <h2>{form.title}</h2>
        {form.intro !== null && form.intro !== form.title && <p class="form-intro">{form.intro}</p>}
        <div class="rows">
          {form.fields.map((field, index) => (
            <Field key={field.name} field={field} problem={problems[field.name] ?? null} isFirst={index === 0} />
          ))}
        </div>
        <p class="form-foot">
          <button type="button" class="button is-quiet" onClick={close}>
            {t('Cancel')}
          </button>
          <button type="submit" class="button is-main">
            {form.submit}
          </button>
        </p>
      </form>
    </Dialog>
  );
}

function Field({ field, problem, isFirst }: { field: WireField; problem: string | null; isFirst: boolean }) {
  const about = `about-${field.name}`;
  return (
    <label htmlFor={`field-${field.name}`} class={field.kind === 'toggle' ? 'check' : undefined}>
      {field.kind !== 'toggle' && <span>{field.label}</span>}
      <Input field={field} isWrong={problem !== null} about={about} isFirst={isFirst} />
      {field.kind === 'toggle' && <span>{field.label}</span>}
      {(problem !== null || field.hint !== null) && (
        <small id={about} class={problem === null ? 'hint' : 'problem'} role={problem === null ? undefined : 'alert'}>
          {problem ?? field.hint}
        </small>
      )}
    </label>
  );
}

function Input({
  field,
  isWrong,
  about,
  isFirst,
}: {
  field: WireField;
  isWrong: boolean;
  about: string;
  isFirst: boolean;
}) {
  const common = {
    id: `field-${field.name}`,
    name: field.name,
    'aria-invalid': isWrong,
    'aria-describedby': about,
    required: field.required,
    ref: (element: HTMLElement | null) => {
      if (isFirst && element !== null && element.closest('dialog')?.contains(document.activeElement) !== true) {
        element.focus();
      }
    },
  };
  switch (field.kind) {
    case 'text':
      return field.isLong ? (
        <textarea {...common} rows={8} maxLength={field.charactersMax} defaultValue={field.value} />
      ) : (
        <input {...common} type="text" maxLength={field.charactersMax} autocomplete="off" defaultValue={field.value} />
      );
    case 'number':
      return (
        <input {...common} type="number" step={1} min={field.min} max={field.max} defaultValue={field.value ?? ''} />
      );
    case 'toggle':
      return <input {...common} type="checkbox" defaultChecked={field.value} />;
    case 'select':
    case 'pick': {
      const chosen = field.kind === 'select' ? (field.value ?? '') : (field.values[0] ?? '');
      const options = field.options ?? [];
      return (
        <select {...common} defaultValue={chosen}>
          <option value="" selected={chosen === ''}>
            {t('as usual')}
          </option>
          {options.map(({ value, label }) => (
            <option key={value} value={value} selected={value === chosen}>
              {label}
            </option>
          ))}
        </select>
      );
    }
  }
}

function valuesOf(fields: readonly WireField[], data: FormData): FormValues {
  return Object.fromEntries(
    fields.map(({ name, kind }) => {
      const value = data.get(name);
      if (kind === 'toggle') return [name, value !== null];
      return [name, typeof value === 'string' && value !== '' ? value : null];
    }),
  );
}
