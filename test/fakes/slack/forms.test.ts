// Forms and App Home: filled in, sent, refused, published.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createProtocolClock } from '../protocol/clock.ts';
import { actions, button, type Caller, createCaller, modal, plain, section } from './caller.ts';
import { EVERYTHING } from './manifest.ts';
import type { Person } from './person.ts';
import { createQuietApp, type QuietApp } from './quiet-app.ts';
import { type SlackServer, startSlackServer } from './slack-server.ts';
import type { SlackChannel } from './world.ts';

const clock = createProtocolClock({ speed: 0 });
let server: SlackServer;
let caller: Caller;
let app: QuietApp;
let ada: Person;
let bob: Person;
let general: SlackChannel;

beforeEach(async () => {
  server = await startSlackServer({ manifest: EVERYTHING, clock, tierFactor: 100 });
  caller = createCaller(server);
  app = createQuietApp(server, caller);
  ada = server.addPerson('ada');
  bob = server.addPerson('bob');
  general = server.addChannel('general', [ada.id, bob.id]);
  await app.connect();
});
afterEach(async () => {
  app.close();
  await server.close();
});

describe('a form', () => {
  const style = {
    type: 'static_select',
    action_id: 'style',
    options: [
      { text: plain('Noto'), value: 'noto' },
      { text: plain('Twemoji'), value: 'twemoji' },
    ],
    initial_option: { text: plain('Noto'), value: 'noto' },
  };
  const blocks = [
    {
      type: 'input',
      block_id: 'prompt',
      label: plain('Prompt'),
      element: { type: 'plain_text_input', action_id: 'text', max_length: 10 },
    },
    { type: 'input', block_id: 'style', label: plain('Style'), element: style },
    {
      type: 'input',
      block_id: 'seed',
      label: plain('Seed'),
      optional: true,
      element: { type: 'number_input', action_id: 'n', is_decimal_allowed: false },
    },
  ];
  const form = modal({ callback_id: 'draw', submit: plain('Draw'), private_metadata: 'g1', blocks });
  const open = async () => {
    await ada.command('/imagine', '', { channel: general.id })?.done;
    await caller.call('views.open', { trigger_id: app.last()['trigger_id'], view: form });
    const shown = ada.form();
    if (shown === null) throw new Error('No form is open.');
    return shown;
  };

  it('is filled in and sent with what was typed, chosen and left alone', async () => {
    const shown = await open();
    expect(shown.fields.map(({ label }) => label)).toEqual(['Prompt', 'Style', 'Seed']);
    await shown.submit({ Prompt: 'a fox', Style: 'Twemoji' }).done;
    expect(app.last()).toMatchObject({
      type: 'view_submission',
      view: {
        callback_id: 'draw',
        private_metadata: 'g1',
        state: {
          values: {
            prompt: { text: { value: 'a fox' } },
            style: { style: { selected_option: { value: 'twemoji' } } },
            seed: { n: { value: null } },
          },
        },
      },
    });
    expect(ada.form()).toBeNull();
  });

  it('is not let through by the client when a field is missing, too long or no number', async () => {
    const shown = await open();
    expect(() => shown.submit({})).toThrow('Prompt: required');
    expect(() => shown.submit({ Prompt: 'x'.repeat(11) })).toThrow('characters');
    expect(() => shown.submit({ Prompt: 'x', Seed: '1.5' })).toThrow('number');
    expect(() => shown.submit({ Prompt: 'x', Style: 'Manga' })).toThrow('Manga');
  });

  it('shows what the app has against it, and another form on it', async () => {
    app.answer = { response_action: 'errors', errors: { prompt: 'Not this.' } };
    await (await openQuietly()).submit({ Prompt: 'x' }).done;
    expect(ada.form()?.errors).toEqual({ prompt: 'Not this.' });
    app.answer = { response_action: 'push', view: modal({ title: plain('Sure?') }) };
    await ada.form()?.submit({ Prompt: 'y' }).done;
    expect(ada.form()?.title).toBe('Sure?');
    ada.form()?.close();
    expect(ada.form()?.title).toBe('Draw');
    expect(server.record.violations).toEqual([]);
  });

  async function openQuietly() {
    const later = app.answer;
    app.answer = {};
    const shown = await open();
    app.answer = later;
    return shown;
  }
});

describe('App Home', () => {
  it('is published to one person, whose buttons work', async () => {
    await ada.openHome()?.done;
    expect(app.last()).toMatchObject({ event: { type: 'app_home_opened', user: ada.id, tab: 'home' } });
    expect(ada.home()).toBeNull();
    await caller.call('views.publish', {
      user_id: ada.id,
      view: { type: 'home', blocks: [section('4 left'), actions(button())] },
    });
    expect(ada.home()?.text).toBe('4 left');
    expect(bob.home()).toBeNull();
    await ada.pressHome('Go').done;
    expect(app.last()).toMatchObject({
      container: { type: 'view' },
      view: { type: 'home' },
      actions: [{ action_id: 'go' }],
    });
  });
});
