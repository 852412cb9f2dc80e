// The real Bolt against the server: what it sends is understood, what it is sent it understands.

import { App, type Logger, LogLevel, SocketModeReceiver } from '@slack/bolt';
import { afterEach, describe, expect, it } from 'vitest';
import { createProtocolClock } from '../protocol/clock.ts';
import { eventually } from '../protocol/eventually.ts';
import { EVERYTHING } from './manifest.ts';
import type { Person } from './person.ts';
import { type SlackServer, type SlackServerOptions, startSlackServer } from './slack-server.ts';
import type { SlackChannel } from './world.ts';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABpfZFQAAAAABJRU5ErkJggg==',
  'base64',
);

/** Trouble is what these tests are about: nobody reads of it. */
const QUIET: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => LogLevel.ERROR,
  setName: () => undefined,
};

let server: SlackServer;
let bolt: App;
let ada: Person;
let general: SlackChannel;

/** @param prepare listeners, before Bolt connects */
async function open(prepare: (bolt: App) => void, options: Partial<SlackServerOptions> = {}): Promise<void> {
  server = await startSlackServer({ manifest: EVERYTHING, patience: 10, ...options });
  ada = server.addPerson('ada');
  general = server.addChannel('general', [ada.id]);
  const clientOptions = { slackApiUrl: server.apiUrl };
  const receiver = new SocketModeReceiver({
    appToken: server.app.appToken,
    logger: QUIET,
    clientPingTimeout: 500,
    installerOptions: { clientOptions },
  });
  bolt = new App({ token: server.app.botToken, receiver, logger: QUIET, clientOptions });
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
      { fileLooks: 2 },
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

  it.each(['warning', 'refresh_requested'] as const)('comes back when it is told to go: %s', async (reason) => {
    await open(answerCommands);
    server.sockets.disconnect(reason);
    await eventually('the next socket', () => server.sockets.greetedCount === 2);
    await expectAnswered();
  });

  it('comes back when the handshake is refused for a while', async () => {
    await open(answerCommands);
    server.sockets.refuseHandshakes(409);
    server.sockets.disconnect('refresh_requested');
    await eventually(
      'another try',
      () => server.calls.filter(({ name }) => name === 'apps.connections.open').length > 2,
    );
    server.sockets.refuseHandshakes(null);
    await eventually('the next socket', () => server.sockets.greetedCount === 2);
    await expectAnswered();
  });

  it('comes back when its pings are not answered', async () => {
    await open(answerCommands);
    server.sockets.mutePongs(true);
    await eventually('its leaving', () => server.sockets.openCount === 0);
    server.sockets.mutePongs(false);
    await eventually('the next socket', () => server.sockets.greetedCount > 1 && server.sockets.openCount === 1);
    await expectAnswered();
  });

  it('does not mind frames that are broken or binary', async () => {
    await open(answerCommands);
    server.sockets.sendRaw('{"type":');
    server.sockets.sendRaw(Buffer.from([1, 2, 3]));
    await expectAnswered();
    expect(server.sockets.greetedCount).toBe(1);
  });

  it('gets what happened while it was away, with the number of the try', async () => {
    const clock = createProtocolClock({ speed: 0 });
    const tries: (number | undefined)[] = [];
    await open((app) => app.event('app_mention', async ({ context }) => void tries.push(context.retryNum)), { clock });
    await bolt.stop();
    await eventually('its leaving', () => server.sockets.openCount === 0);
    const { delivery } = ada.say('@app draw', { channel: general.id });
    await eventually('two tries', () => delivery?.attempts[1]?.outcome === 'connection_failed');
    await bolt.start();
    await clock.pass(59_999);
    expect(tries).toEqual([]);
    await clock.pass(1);
    await eventually('the third', () => tries.length > 0);
    expect(tries).toEqual([2]);
    expect(delivery?.attempts.map(({ outcome }) => outcome)).toEqual([
      'connection_failed',
      'connection_failed',
      'acknowledged',
    ]);
  });

  it('is told twice what Slack repeats, under the same envelope or another', async () => {
    const heard: string[] = [];
    await open((app) =>
      app.command('/imagine', async ({ ack, body }) => {
        await ack();
        heard.push(body.trigger_id);
      }),
    );
    const delivery = ada.command('/imagine', 'a fox', { channel: general.id });
    if (delivery === null) throw new Error('unreachable');
    await delivery.done;
    await server.courier.again(delivery, 'same').done;
    await server.courier.again(delivery, 'new').done;
    await eventually('three', () => heard.length === 3);
    expect(new Set(heard).size).toBe(1);
  });

  it('waits as long as a 429 says, and posts once', async () => {
    const draw = (app: App) =>
      app.command('/imagine', async ({ ack, client, body }) => {
        await ack();
        await client.chat.postMessage({ channel: body.channel_id, text: 'drawn' });
      });
    await open(draw);
    server.faults.plan({
      on: 'POST /api/chat.postMessage',
      fault: { kind: 'rateLimit', scope: 'route', retryAfterMs: 1_000 },
    });
    ada.command('/imagine', 'a fox', { channel: general.id });
    await eventually('the post', () => server.posted(general.id).length > 0);
    const [refused, posted] = server.record.of('POST', (path) => path.endsWith('chat.postMessage'));
    expect(refused?.answer?.status).toBe(429);
    expect((posted?.request.atMs ?? 0) - (refused?.answeredAtMs ?? 0)).toBeGreaterThanOrEqual(1_000);
    expect(server.posted(general.id)).toHaveLength(1);
  });

  it('stops for good when the app token is not known', async () => {
    await open(() => undefined);
    const other = new SocketModeReceiver({
      appToken: 'xapp-nobody',
      logLevel: LogLevel.ERROR,
      logger: QUIET,
      installerOptions: { clientOptions: { slackApiUrl: server.apiUrl } },
    });
    await expect(other.start()).rejects.toThrow('invalid_auth');
  });
});

function answerCommands(app: App): void {
  app.command('/imagine', ({ ack }) => ack('Drawing it.'));
}

async function expectAnswered(): Promise<void> {
  const before = ada.ephemeral().length;
  await ada.command('/imagine', 'a fox', { channel: general.id })?.done;
  expect(ada.ephemeral().slice(before)).toMatchObject([{ text: 'Drawing it.', isEphemeral: true }]);
  expect(ada.told).toEqual([]);
  expect(server.record.violations).toEqual([]);
}
