// What no client that keeps to the documentation sends is refused, by its place, and counts as a violation.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProtocolClock } from '../protocol/clock.ts';
import { type Answer, actions, button, type Caller, createCaller, type Json, modal, plain, section } from './caller.ts';
import { EVERYTHING } from './manifest.ts';
import type { Person } from './person.ts';
import { type SlackServer, startSlackServer } from './slack-server.ts';
import type { SlackChannel } from './world.ts';

const clock = createProtocolClock({ speed: 0, startMs: Date.UTC(2026, 0, 1) });
let server: SlackServer;
let ada: Person;
let caller: Caller;
let general: SlackChannel;
let ready = '';

beforeAll(async () => {
  server = await startSlackServer({ manifest: EVERYTHING, clock, tierFactor: 100 });
  ada = server.addPerson('ada');
  general = server.addChannel('general', [ada.id]);
  caller = createCaller(server);
  ready = await caller.upload('fox.png');
});
afterAll(() => server.close());

const call: Caller['call'] = (...args) => caller.call(...args);
const send: Caller['send'] = (...args) => caller.send(...args);
const post = (args: Json) => call('chat.postMessage', { channel: general.id, text: 'hello', ...args });
const said = (): string => ada.say('hello', { channel: general.id }).ts;
const input = {
  type: 'input',
  block_id: 'prompt',
  label: plain('Prompt'),
  element: { type: 'plain_text_input', action_id: 'text' },
};

describe('what is against the documentation', () => {
  const open = (view: Json) => call('views.open', { trigger_id: server.world.triggers.issue(ada.id), view });
  it.each<[string, () => Promise<Answer>, string, string?]>([
    ['a method that does not exist', () => call('chat.shout'), 'unknown_method'],
    ['a call without a token', () => call('auth.test', {}, null), 'not_authed'],
    [
      'an app token where a bot’s is needed',
      () => call('auth.test', {}, server.app.appToken),
      'not_allowed_token_type',
    ],
    ['a bot token where an app’s is needed', () => call('apps.connections.open'), 'not_allowed_token_type'],
    ['an unknown field', () => post({ colour: 'red' }), 'invalid_arguments', '/colour'],
    ['a field that is missing', () => call('chat.update', { channel: 'C1', text: 'x' }), 'invalid_arguments', 'ts'],
    [
      'a number where text belongs',
      () => send('chat.postMessage', JSON.stringify({ channel: 7, text: 'x' }), 'application/json'),
      'invalid_arguments',
      '/channel',
    ],
    ['a body that is no JSON', () => send('chat.postMessage', '{"channel":', 'application/json'), 'invalid_json'],
    ['blocks that are no JSON', () => post({ blocks: '[{' }), 'invalid_blocks_format'],
    ['a message that says nothing', () => post({ text: '' }), 'no_text'],
    ['a block of no known type', () => post({ blocks: [{ type: 'gallery' }] }), 'invalid_blocks', '/blocks/0/type'],
    [
      'an unknown field of a block',
      () => post({ blocks: [{ ...section('x'), colour: 'red' }] }),
      'invalid_blocks',
      '/blocks/0/colour',
    ],
    [
      'an unknown field of a button',
      () => post({ blocks: [actions(button({ emoji: '🦊' }))] }),
      'invalid_blocks',
      '/blocks/0/elements/0/emoji',
    ],
    [
      '51 blocks',
      () => post({ blocks: Array.from({ length: 51 }, () => ({ type: 'divider' })) }),
      'invalid_blocks',
      'no more than 50 items',
    ],
    [
      'a section of 3001 characters',
      () => post({ blocks: [section('x'.repeat(3_001))] }),
      'invalid_blocks',
      'less than 3001',
    ],
    ['an empty section', () => post({ blocks: [section('')] }), 'invalid_blocks', 'more than 0'],
    ['a section of nothing', () => post({ blocks: [{ type: 'section' }] }), 'invalid_blocks', 'text or fields'],
    [
      'a button of 76 characters',
      () => post({ blocks: [actions(button({ text: plain('x'.repeat(76)) }))] }),
      'invalid_blocks',
      'less than 76',
    ],
    [
      '26 buttons in a row',
      () => post({ blocks: [actions(...Array.from({ length: 26 }, (_, at) => button({ action_id: `${at}` })))] }),
      'invalid_blocks',
      'no more than 25',
    ],
    [
      'two buttons of one name',
      () => post({ blocks: [actions(button(), button())] }),
      'invalid_blocks',
      'action_id already exists',
    ],
    [
      'two blocks of one name',
      () =>
        post({
          blocks: [
            { type: 'divider', block_id: 'a' },
            { type: 'divider', block_id: 'a' },
          ],
        }),
      'invalid_blocks',
      'block_id already exists',
    ],
    [
      'a picture without a text',
      () => post({ blocks: [{ type: 'image', slack_file: { id: ready } }] }),
      'invalid_blocks',
      'alt_text',
    ],
    [
      'an alt text of 2001 characters',
      () => post({ blocks: [{ type: 'image', slack_file: { id: ready }, alt_text: 'x'.repeat(2_001) }] }),
      'invalid_blocks',
      'less than 2001',
    ],
    [
      'six options in an overflow',
      () =>
        post({
          blocks: [
            actions({
              type: 'overflow',
              action_id: 'more',
              options: Array.from({ length: 6 }, (_, at) => ({ text: plain(`${at}`), value: `${at}` })),
            }),
          ],
        }),
      'invalid_blocks',
      'no more than 5',
    ],
    [
      'more text in blocks than a message holds',
      () => post({ blocks: Array.from({ length: 5 }, () => section('x'.repeat(2_900))) }),
      'msg_blocks_too_long',
    ],
    ['a text of 40,001 characters', () => post({ text: 'x'.repeat(40_001) }), 'msg_too_long'],
    [
      'metadata without a payload',
      () => post({ metadata: { event_type: 'easel' } }),
      'invalid_metadata_format',
      'event_payload',
    ],
    [
      'a form’s title of 25 characters',
      () => open(modal({ title: plain('x'.repeat(25)) })),
      'invalid_arguments',
      'less than 25',
    ],
    [
      '101 blocks in a form',
      () => open(modal({ blocks: Array.from({ length: 101 }, () => ({ type: 'divider' })) })),
      'invalid_arguments',
      'no more than 100',
    ],
    [
      'private metadata of 3001 characters',
      () => open(modal({ private_metadata: 'x'.repeat(3_001) })),
      'invalid_arguments',
      'less than 3001',
    ],
    ['a form with fields that cannot be sent', () => open(modal({ blocks: [input] })), 'invalid_arguments', 'submit'],
    ['a form without a title', () => open({ type: 'modal', blocks: [] }), 'invalid_arguments', 'title'],
    [
      'a trigger that nobody made',
      () => call('views.open', { trigger_id: '1.2.3', view: modal() }),
      'invalid_trigger_id',
    ],
    [
      'an upload of nothing',
      () => call('files.getUploadURLExternal', { filename: 'a.png', length: 0 }),
      'missing_argument',
    ],
    [
      'an alt text of a file of 1001 characters',
      () => call('files.getUploadURLExternal', { filename: 'a.png', length: 1, alt_txt: 'x'.repeat(1_001) }),
      'alt_txt_too_large',
    ],
    [
      'a file without its bytes',
      async () => {
        const { body } = await call('files.getUploadURLExternal', { filename: 'a.png', length: 1 });
        return call('files.completeUploadExternal', { files: [{ id: body['file_id'] }] });
      },
      'file_not_found',
    ],
    [
      'an upload that is completed of no file',
      () => call('files.completeUploadExternal', { files: [] }),
      'invalid_arguments',
      '/files',
    ],
    [
      'an emoji with colons',
      () => call('reactions.add', { channel: general.id, timestamp: said(), name: ':fox:' }),
      'invalid_name',
    ],
    ['a page of 1000', () => call('conversations.history', { channel: general.id, limit: 1_000 }), 'invalid_limit'],
  ])('%s', async (_what, ask, code, detail = '') => {
    const { status, body } = await ask();
    expect([status, body['ok'], body['error']]).toEqual([200, false, code]);
    expect(JSON.stringify(body)).toContain(detail);
    expect(server.record.takeViolations()).toHaveLength(1);
  });
});
