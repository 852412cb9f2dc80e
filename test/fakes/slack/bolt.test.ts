// The real Bolt against the server: what it sends is understood, what it is sent it understands.

import { App, LogLevel, SocketModeReceiver } from '@slack/bolt';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../protocol/eventually.ts';
import { EVERYTHING } from './manifest.ts';
import type { Person } from './person.ts';
import { type SlackServer, type SlackServerOptions, startSlackServer } from './slack-server.ts';
import type { SlackChannel } from './world.ts';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABpfZFQAAAAABJRU5ErkJggg==',
  'base64',
);

let server: SlackServer;
let bolt: App;
let ada: Person;
let general: SlackChannel;

/** @param prepare listeners, before Bolt connects */
async function open(prepare: (bolt: App) => void, options: Partial<SlackServerOptions> = {}): Promise<void> {
  server = await startSlackServer({ manifest: EVERYTHING, ...options });
  ada = server.addPerson('ada');
  general = server.addChannel('general', [ada.id]);
  const clientOptions = { slackApiUrl: server.apiUrl };
  const receiver = new SocketModeReceiver({
    appToken: server.app.appToken,
    logLevel: LogLevel.ERROR,
    clientPingTimeout: 500,
    installerOptions: { clientOptions },
  });
  bolt = new App({ token: server.app.botToken, receiver, logLevel: LogLevel.ERROR, clientOptions });
  prepare(bolt);
  await bolt.start();
}

afterEach(async () => {
  await bolt.stop();
  await eventually('its leaving', () => server.sockets.openCount === 0);
  await server.close();
});

describe('Bolt in Socket Mode', () => {
  it('acknowledges a command, posts, and turns the post into a picture that was uploaded', async () => {
    await open(
      (app) => {
        app.command('/imagine', async ({ ack, client, body }) => {
          await ack();
          const { ts = '' } = await client.chat.postMessage({ channel: body.channel_id, text: `Drawing ${body.text}` });
          const { upload_url = '', file_id = '' } = await client.files.getUploadURLExternal({
            filename: 'fox.png',
            length: PNG.length,
          });
          await fetch(upload_url, { method: 'POST', body: new Uint8Array(PNG) });
          await client.files.completeUploadExternal({ files: [{ id: file_id, title: 'a fox' }] });
          await eventually('the file', async () => (await client.files.info({ file: file_id })).file?.mimetype !== '');
          await client.chat.update({
            channel: body.channel_id,
            ts,
            text: body.text,
            blocks: [
              { type: 'image', slack_file: { id: file_id }, alt_text: 'a red fox' },
              {
                type: 'actions',
                elements: [{ type: 'button', action_id: 'again', text: { type: 'plain_text', text: 'Again' } }],
              },
            ],
          });
        });
      },
      { fileProcessingMs: 50 },
    );
    const delivery = ada.command('/imagine', 'a fox', { channel: general.id });
    expect(await delivery?.done).toEqual({ isAcknowledged: true, answer: {} });
    const seen = await eventually('the picture', () =>
      ada.look({ channel: general.id }).find(({ pictures }) => pictures.length > 0),
    );
    expect(seen.pictures).toMatchObject([{ altText: 'a red fox', name: 'fox.png', bytes: PNG }]);
    expect(seen.controls).toMatchObject([{ actionId: 'again', text: 'Again' }]);
    expect(server.posted(general.id)).toHaveLength(1);
    expect(server.record.violations).toEqual([]);
  });
});
