import { describe, expect, it } from 'vitest';
import { readModal, readOrigin, toAnswerModal, toModal } from '../../../adapters/slack/modal.ts';
import type { Form } from '../../../src/conversation/form.ts';
import { imagineForm } from '../../../src/conversation/prompt-forms.ts';
import { helpView } from '../../../src/conversation/views.ts';
import { LOCALES } from '../../../src/conversation/words.ts';
import { readSettings } from '../../../src/studio/settings.ts';
import { checkBody } from '../../fakes/slack/contract/check-body.ts';

const ORIGIN = { formId: 'easel-imagine', channel: 'C1', thread: '1.2' };
const roles = [
  { id: 'owner', name: 'owner' },
  { id: 'S1', name: '@painters' },
];
const base = { label: 'A field', hint: 'a hint', required: false };
const ALL: Form = {
  id: 'easel-form limits set',
  title: 'A title that is far too long for Slack',
  intro: 'What <this> is for',
  fields: [
    { ...base, kind: 'text', name: 'text', value: '<a>', charactersMax: 4_000, isLong: true },
    { ...base, kind: 'number', name: 'number', value: 3, min: 0, max: 10 },
    {
      ...base,
      kind: 'select',
      name: 'select',
      value: 'b',
      options: [
        { value: 'a', label: 'A' },
        { value: 'b', label: 'B' },
      ],
    },
    { ...base, kind: 'toggle', name: 'toggle', value: true },
    { ...base, kind: 'pick', name: 'user', of: 'user', values: ['U1'], countMax: 1 },
    { ...base, kind: 'pick', name: 'channels', of: 'channel', values: [], countMax: 3 },
    { ...base, kind: 'pick', name: 'role', of: 'role', values: ['S1'], countMax: 1 },
  ],
  submit: 'Send',
};

const check = (view: unknown) => checkBody('ViewsOpen', { trigger_id: '1.2', view });

describe('a modal', () => {
  it('is one that Slack takes, for every kind of field', () => {
    check(toModal(ALL, ORIGIN, 'en', roles));
  });

  it.each(LOCALES)('asks for a picture, in %s', (locale) => {
    const form = imagineForm({ prompt: '', settings: readSettings({ private: true }), styles: ['flat'] }, locale);
    check(toModal(form, ORIGIN, locale, []));
    check(toAnswerModal(helpView(locale), ORIGIN, null));
  });

  it('knows where it was opened, also after a restart', () => {
    const { private_metadata: metadata = '' } = toModal(ALL, ORIGIN, 'en', roles);
    expect(readOrigin(metadata)).toEqual(ORIGIN);
    expect(readOrigin('')).toBeNull();
    expect(readOrigin('{"channel":"C1"}')).toBeNull();
    expect(readOrigin('{"formId":"x","channel":7}')).toEqual({ formId: 'x', channel: null, thread: null });
  });

  it('comes back as values by name', () => {
    const values = readModal({
      prompt: { value: { value: 'a fox' } },
      style: { value: { selected_option: { value: 'flat' } } },
      none: { value: { selected_option: null } },
      private: { value: { selected_options: [{ value: 'on' }] } },
      public: { value: { selected_options: [] } },
      user: { value: { selected_user: 'U1' } },
      channels: { value: { selected_conversations: ['C1', 'C2'] } },
    });
    expect(values).toEqual({
      prompt: 'a fox',
      style: 'flat',
      none: null,
      private: true,
      public: false,
      user: 'U1',
      channels: ['C1', 'C2'],
    });
  });
});
