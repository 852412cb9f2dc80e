import { describe, expect, it } from 'vitest';
import { FORM_FIELDS_MAX, FORM_TITLE_CHARACTERS_MAX } from '../../../src/conversation/form.ts';
import { editForm, imagineForm, readEditForm, readImagineForm } from '../../../src/conversation/prompt-forms.ts';
import { LOCALES } from '../../../src/conversation/words.ts';
import type { Generation } from '../../../src/store/records.ts';
import { readSettings } from '../../../src/studio/settings.ts';

const settings = readSettings({ style: 'flat', count: 2, private: true });

describe('the form that draws', () => {
  it.each(LOCALES)('fits every platform, in %s', (locale) => {
    const form = imagineForm({ prompt: '', settings, styles: ['flat', 'fluent'] }, locale);
    expect([...form.title].length).toBeLessThanOrEqual(FORM_TITLE_CHARACTERS_MAX);
    expect(form.fields.length).toBeLessThanOrEqual(FORM_FIELDS_MAX);
    expect(form.fields.map(({ name }) => name)).toEqual(['prompt', 'style', 'count', 'seed', 'private']);
  });

  it('is filled in with what the person has set', () => {
    const form = imagineForm({ prompt: 'a fox', settings, styles: ['flat', 'fluent'] }, 'en');
    expect(form.fields.map((field) => ('value' in field ? field.value : null))).toEqual([
      'a fox',
      'flat',
      '2',
      null,
      true,
    ]);
  });

  it('has no style to choose where the model knows none, and none that it does not know', () => {
    const none = imagineForm({ prompt: '', settings, styles: [] }, 'en');
    expect(none.fields.map(({ name }) => name)).not.toContain('style');
    const other = imagineForm({ prompt: '', settings, styles: ['noto'] }, 'en');
    expect(other.fields.find(({ name }) => name === 'style')).toMatchObject({ value: null });
  });

  it('becomes a request: what was left empty is not asked for', () => {
    expect(readImagineForm({ prompt: ' a fox ', style: 'flat', count: '2', seed: '7', private: true })).toEqual({
      text: 'a fox',
      given: [
        { name: 'style', value: 'flat' },
        { name: 'n', value: '2' },
        { name: 'seed', value: '7' },
      ],
      private: true,
    });
    expect(readImagineForm({ prompt: 'a fox', style: null, count: ['1'], seed: '' })).toEqual({
      text: 'a fox',
      given: [{ name: 'n', value: '1' }],
      private: false,
    });
  });
});

describe('the form of other words', () => {
  const generation = {
    id: '01990000-0000-7000-8000-000000000001',
    prompt: 'a fox with {braces}',
    options: { count: 2, style: 'flat', unwanted: 'red' },
  } as unknown as Generation;

  it('shows the prompt as it can be typed again, options too, without the seed', () => {
    const [field] = editForm(generation, 'en').fields;
    expect(field).toMatchObject({ name: 'prompt', value: 'a fox with \\{braces\\} --n 2 --style flat --no="red"' });
  });

  it('comes back with whose words they are', () => {
    const { id } = editForm(generation, 'en');
    expect(id.length).toBeLessThanOrEqual(100);
    expect(readEditForm(id, { prompt: 'a cat' })).toEqual({ generationId: generation.id, text: 'a cat' });
    expect(readEditForm('easel-edit ../x', { prompt: 'a cat' })).toBeNull();
    expect(readEditForm('easel-imagine', {})).toBeNull();
  });
});
