// Messages on Slack: the contract of every platform, and what only Slack does.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSlackApi } from '../../../adapters/slack/api.ts';
import { createBoltLog } from '../../../adapters/slack/bolt-log.ts';
import { createSlackFiles } from '../../../adapters/slack/files.ts';
import { createSlackMessages, type SlackMessages } from '../../../adapters/slack/slack-messages.ts';
import type { Address } from '../../../src/conversation/messages.ts';
import type { View } from '../../../src/conversation/view.ts';
import { answerView } from '../../../src/conversation/views.ts';
import { encodePng } from '../../../src/image/png.ts';
import { systemClock } from '../../../src/ops/clock.ts';
import { createLog } from '../../../src/ops/log.ts';
import { newGenerationId } from '../../../src/store/generation-id.ts';
import { messagesContract } from '../../contracts/messages.ts';
import { eventually } from '../../fakes/protocol/eventually.ts';
import type { Person } from '../../fakes/slack/person.ts';
import { type SlackServer, startSlackServer } from '../../fakes/slack/slack-server.ts';
import type { SlackChannel } from '../../fakes/slack/world.ts';
import { MANIFEST } from './stage.ts';

type Opened = { slack: SlackServer; messages: SlackMessages; ada: Person; general: SlackChannel };

async function open(fileLooks = 0): Promise<Opened> {
  const slack = await startSlackServer({ manifest: MANIFEST, tierFactor: 10, fileLooks });
  const ada = slack.addPerson('ada');
  const general = slack.addChannel('general', [ada.id]);
  return { slack, messages: messagesOver(slack), ada, general };
}

/** As after a restart: nothing is remembered. */
function messagesOver(slack: SlackServer): SlackMessages {
  const log = createLog({ level: 'silent' });
  const { botToken, botUserId } = slack.app;
  const api = createSlackApi({ token: botToken, apiUrl: slack.apiUrl, logger: createBoltLog(log), clock: systemClock });
  const files = createSlackFiles(api, systemClock, async () => botUserId);
  const directory = { displayName: async (user: string) => user };
  return createSlackMessages({ api, files, directory, clock: systemClock, log, originOf: async () => null });
}

let contract: Opened;
messagesContract('Slack', {
  async open() {
    contract = await open();
    const { messages, general, ada, slack } = contract;
    // Somebody whose account was closed.
    const closed = slack.addPerson('closed');
    const user = slack.world.users.get(closed.id);
    if (user !== undefined) slack.world.users.set('closed', { ...user, isDeleted: true });
    const scope = { platform: 'slack', tenant: slack.world.team.id, channel: general.id, user: ada.id, roles: [] };
    return { messages, scope };
  },
  async read(channel, messageId) {
    const { slack } = contract;
    const message = slack.world.messages.find((each) => each.channel === channel && each.ts === messageId);
    return message === undefined ? null : JSON.stringify(message.blocks);
  },
  async deleteOutside(channel, messageId) {
    const { messages } = contract.slack.world;
    messages.splice(
      messages.findIndex((each) => each.channel === channel && each.ts === messageId),
      1,
    );
  },
  closeDirect: async () => {},
  async dispose() {
    expect(contract.slack.record.violations).toEqual([]);
    await contract.slack.close();
  },
});

describe('a picture on Slack', () => {
  let o: Opened;
  let channel: Address;
  beforeAll(async () => {
    o = await open(1);
    channel = { kind: 'channel', platform: 'slack', tenant: 'T', channel: o.general.id, target: {} };
  });
  afterAll(async () => {
    await o.slack.close();
    expect(o.slack.record.violations).toEqual([]);
  });

  const viewOf = (generationId: string): View => ({
    ...answerView('Done', 'en'),
    kind: 'result',
    generationId,
    prompt: 'a red fox',
  });
  const pictured = async (generationId: string, red = 0): Promise<View> => {
    const rgba = new Uint8Array(16 * 16 * 4).map((_, at) => (at % 4 === 0 ? red : 255));
    const bytes = await encodePng({ rgba, widthPx: 16, heightPx: 16 });
    const size = { widthPx: 16, heightPx: 16, blobKeys: [] };
    const image = {
      bytes,
      format: 'png',
      mediaType: 'image/png',
      fileName: 'easel-7.png',
      alt: 'a <red> fox',
      ...size,
    } as const;
    return { ...viewOf(generationId), image };
  };
  const count = (method: string) => o.slack.calls.filter((call) => call.name === method).length;
  const shown = () => o.ada.look({ channel: o.general.id }).at(-1);

  it('is sent without a channel, waited for, and shown by the message that was there', async () => {
    const id = newGenerationId(Date.now());
    const ref = await o.messages.post(channel, viewOf(id));
    await o.messages.edit(ref, await pictured(id));
    const [picture] = shown()?.pictures ?? [];
    expect(picture).toMatchObject({ name: 'easel-7.png', altText: 'a ‹red› fox' });
    expect(count('files.info')).toBe(2);
    const [file] = [...o.slack.world.files.values()];
    expect(file).toMatchObject({ channels: [], altText: 'a <red> fox', title: `Easel ${id} ${o.general.id}` });
  });

  it('is not sent twice when the edit after it failed', async () => {
    const id = newGenerationId(Date.now());
    const ref = await o.messages.post(channel, viewOf(id));
    const view = await pictured(id, 1);
    o.slack.faults.plan({
      on: 'POST /api/chat.update',
      fault: { kind: 'rateLimit', scope: 'route', retryAfterMs: 1_000 },
    });
    const before = count('files.getUploadURLExternal');
    await expect(o.messages.edit(ref, view)).rejects.toMatchObject({
      code: 'ADAPTER_BUSY',
      details: { retryAfterMs: 1_000 },
    });
    await eventually('the pause', () =>
      o.messages.edit(ref, view).then(
        () => true,
        () => false,
      ),
    );
    expect(count('files.getUploadURLExternal')).toBe(before + 1);
  });

  it('leaves no half painted one behind, and goes with its message, also after a restart', async () => {
    const id = newGenerationId(Date.now());
    const ref = await o.messages.post(channel, viewOf(id));
    const files = () => [...o.slack.world.files.values()].filter(({ title }) => title.includes(id));
    await o.messages.edit(ref, { ...(await pictured(id, 2)), kind: 'painting' });
    await o.messages.edit(ref, await pictured(id, 3));
    await eventually('the first to go', () => files().length === 1);
    await messagesOver(o.slack).remove({ ...ref, generationId: id });
    expect(files()).toEqual([]);
  });

  it('that Slack cannot show for a moment is shown a moment later', async () => {
    const id = newGenerationId(Date.now());
    const ref = await o.messages.post(channel, viewOf(id));
    o.slack.faults.plan({ on: 'POST /api/chat.update', times: 2, fault: { kind: 'refuse', code: 'invalid_blocks' } });
    await o.messages.edit(ref, await pictured(id, 4));
    expect(shown()?.pictures).toHaveLength(1);
  });

  it.each(['file_uploads_disabled', 'file_type_not_allowed', 'file_upload_size_restricted'])(
    'that the workspace does not take (%s) is said in the message, and before the next is drawn',
    async (reason) => {
      const { messages } = { messages: messagesOver(o.slack) };
      const id = newGenerationId(Date.now());
      const ref = await messages.post(channel, viewOf(id));
      expect(messages.uploadRefusal()).toBeNull();
      o.slack.faults.plan({ on: 'POST /api/files.getUploadURLExternal', fault: { kind: 'refuse', code: reason } });
      await messages.edit(ref, await pictured(id, 5));
      expect(shown()?.text).toContain('This workspace takes no pictures from Easel.');
      expect(shown()?.pictures).toEqual([]);
      expect(messages.uploadRefusal()).toMatchObject({ code: 'ADAPTER_UPLOAD', details: { reason } });
    },
  );

  it('sent to one person is one message with its picture, in one piece', async () => {
    const id = newGenerationId(Date.now());
    const posts = count('chat.postMessage');
    const ref = await o.messages.direct({ platform: 'slack', tenant: 'T', user: o.ada.id }, await pictured(id, 6));
    expect(count('chat.postMessage')).toBe(posts + 1);
    expect(o.ada.direct().at(-1)).toMatchObject({ ts: ref.messageId, pictures: [{ altText: 'a ‹red› fox' }] });
  });
});

describe('a message after a crash', () => {
  it('is found in its thread, and beyond a page of others', async () => {
    const o = await open();
    const { general, messages, ada, slack } = o;
    try {
      const { ts } = ada.say('a thread', { channel: general.id });
      const inThread: Address = {
        kind: 'channel',
        platform: 'slack',
        tenant: 'T',
        channel: general.id,
        target: { thread: ts },
      };
      const id = newGenerationId(Date.now());
      const ref = await messages.post(inThread, { ...answerView('x', 'en'), generationId: id });
      for (let said = 0; said < 250; said += 1) ada.say('and so on', { channel: general.id, threadTs: ts });
      expect(await messagesOver(slack).find(inThread, id)).toEqual(ref);
      expect(await messagesOver(slack).find(inThread, newGenerationId(Date.now()))).toBeNull();
    } finally {
      await slack.close();
    }
  });
});

describe('an answer to one person', () => {
  it('comes as a direct message where the bot or the person is not in the channel', async () => {
    const o = await open();
    try {
      const elsewhere = o.slack.addChannel('elsewhere', [o.ada.id], { withApp: false });
      const scope = { platform: 'slack', tenant: 'T', channel: elsewhere.id, user: o.ada.id, roles: [] };
      await o.messages.privateReply(scope, {}, answerView('only for you', 'en'));
      expect(o.ada.direct().at(-1)?.text).toContain('only for you');
    } finally {
      await o.slack.close();
    }
  });
});
