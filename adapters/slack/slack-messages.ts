// Messages on Slack: placeholders posted once and edited into their results, found again by what they carry.

import { createHash } from 'node:crypto';
import type { types } from '@slack/bolt';
import {
  type Address,
  AppError,
  type Clock,
  type Log,
  type MessageRef,
  type Messages,
  toAppError,
  type View,
  type ViewImage,
  wordsFor,
} from '../../src/index.ts';
import type { SlackApi } from './api.ts';
import { type Rendered, toMessage } from './blocks.ts';
import type { SlackDirectory } from './directory.ts';
import type { SlackFiles } from './files.ts';
import { findMessage, METADATA_EVENT } from './find-message.ts';
import { isDirect, PLATFORM, readTarget } from './scope.ts';

export type MessageParts = {
  readonly api: SlackApi;
  readonly files: SlackFiles;
  readonly directory: Pick<SlackDirectory, 'displayName'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Where a generation was asked for; null: it is gone. */
  originOf(generationId: string): Promise<string | null>;
};

export type SlackMessages = Messages & {
  /** The conversation with one person. @throws {AppError} `ADAPTER_DIRECT_CLOSED` */
  directChannel(user: string, signal?: AbortSignal): Promise<string>;
  /** An answer that one person sees; where the bot is not, the view as a direct message. */
  whisper(spot: WhisperSpot, rendered: Rendered, view: View, signal?: AbortSignal): Promise<void>;
  /** A picture for a window of this person; the one before it is taken down. @returns null when the workspace takes none */
  fileFor(user: string, image: ViewImage): Promise<string | null>;
  /** Why no picture can be sent at all, as far as that is known: said before anything is drawn. */
  uploadRefusal(): AppError | null;
};

/** A picture as Slack has it. */
type Shown = { readonly digest: string; readonly fileId: string };

export type WhisperSpot = { readonly channel: string; readonly user: string; readonly thread: string | null };

/** Stands for a generation where a picture is of none. */
const WINDOW_OWNER = 'window';
const OPENED_MAX = 5_000;
const SHOWN_MAX = 2_000;
const NOT_READY_TRIES = 5;
const NOT_READY_MS = 400;
const REFUSAL_KEPT_MS = 600_000;
/** Slack's words for a workspace that takes no such file; anything else may pass. */
const NO_UPLOADS: readonly string[] = [
  'file_uploads_disabled',
  'file_uploads_except_images_disabled',
  'file_type_not_allowed',
  'file_upload_size_restricted',
  'storage_limit_reached',
  'blocked_file_type',
  'missing_scope',
];

export function createSlackMessages({ api, files, directory, clock, log, originOf }: MessageParts): SlackMessages {
  const opened = new Map<string, string>();
  /** By message: the file it shows, so that an edit that failed half-way does not send its picture twice. */
  const shown = new Map<string, Shown>();
  let refusal: { error: AppError; atMs: number } | null = null;

  async function render(view: View, fileId: string | null) {
    const author = view.user === null ? null : await directory.displayName(view.user);
    return toMessage(await withoutDeadEnds(view), { fileId, author });
  }

  /** What was asked for in the conversation with the bot has no channel to be shared to. */
  async function withoutDeadEnds(view: View): Promise<View> {
    if (view.generationId === null || view.controls.every(({ kind }) => kind !== 'share')) return view;
    const origin = await originOf(view.generationId);
    if (origin !== null && !isDirect(origin)) return view;
    return { ...view, controls: view.controls.filter(({ kind }) => kind !== 'share') };
  }

  /** @param isOf whether it is the generation's message, to be found again */
  async function postIn(
    channel: string,
    thread: string | null,
    view: View,
    { isOf, signal }: { isOf: boolean; signal: AbortSignal | undefined },
  ): Promise<MessageRef> {
    const { image, generationId } = view;
    const owner = { generationId: generationId ?? '', channel };
    // In one piece: a message without its picture would look as if it had been sent.
    const picture = image === null ? null : await pictureOf(image, `${channel}:${owner.generationId}`, owner, signal);
    const told = image !== null && picture === null ? withoutPicture(view) : view;
    const { text, blocks } = await render(told, picture?.fileId ?? null);
    const ref = await whenReady(picture !== null, () =>
      postBlocks(channel, thread, { text, blocks }, isOf ? view : null, signal),
    );
    if (picture !== null) remember(shown, keyOf(ref), picture, SHOWN_MAX);
    return ref;
  }

  async function postBlocks(
    channel: string,
    thread: string | null,
    { text, blocks }: Rendered,
    carried: View | null,
    signal: AbortSignal | undefined,
  ): Promise<MessageRef> {
    const posted = await api.run(
      'chat.postMessage',
      (client) =>
        client.chat.postMessage({
          channel,
          text,
          blocks,
          unfurl_links: false,
          unfurl_media: false,
          ...(thread === null ? {} : { thread_ts: thread }),
          ...(carried === null ? {} : metadataOf(carried)),
        }),
      { signal },
    );
    if (posted.ts === undefined)
      throw new AppError('ADAPTER_UNAVAILABLE', 'Slack did not say which message it posted.');
    return { platform: PLATFORM, channel: posted.channel ?? channel, messageId: posted.ts };
  }

  /** @returns null when the workspace takes no pictures: the words are shown without it */
  async function pictureOf(
    image: ViewImage,
    key: string,
    owner: { generationId: string; channel: string },
    signal: AbortSignal | undefined,
  ): Promise<Shown | null> {
    const digest = createHash('sha256').update(image.bytes).digest('base64');
    const before = shown.get(key);
    if (before?.digest === digest) return before;
    try {
      const sent = { digest, fileId: await files.send(image, owner, signal) };
      remember(shown, key, sent, SHOWN_MAX);
      refusal = null;
      return sent;
    } catch (thrown) {
      const error = toAppError(thrown, 'ADAPTER_UNAVAILABLE');
      const reason = String(error.details['reason'] ?? '');
      if (!NO_UPLOADS.includes(reason)) throw error;
      refusal = { error: uploadError(error), atMs: clock.nowMs() };
      log.error('slack takes no pictures', error);
      return null;
    }
  }

  async function edit(ref: MessageRef, view: View, signal?: AbortSignal): Promise<void> {
    const key = keyOf(ref);
    const before = shown.get(key)?.fileId ?? null;
    const { image, generationId } = view;
    const owner = { generationId: generationId ?? '', channel: ref.channel };
    const picture = image === null ? null : await pictureOf(image, key, owner, signal);
    const fileId = picture?.fileId ?? null;
    const told = image !== null && fileId === null && view.kind === 'result' ? withoutPicture(view) : view;
    const { text, blocks } = await render(told, fileId);
    await whenReady(fileId !== null, () =>
      api.run(
        'chat.update',
        (client) => client.chat.update({ channel: ref.channel, ts: ref.messageId, text, blocks, ...metadataOf(view) }),
        { signal },
      ),
    );
    if (image === null) shown.delete(key);
    // A half painted one that is not shown any more; should it stay, it goes with the message.
    if (before !== null && before !== fileId) files.remove(before).catch((thrown) => log.error('slack file', thrown));
  }

  /** Slack refuses a message with a file that it says is ready, for a moment. */
  async function whenReady<T>(hasFile: boolean, work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await work();
      } catch (thrown) {
        const error = toAppError(thrown, 'ADAPTER_UNAVAILABLE');
        if (!hasFile || error.details['reason'] !== 'invalid_blocks') throw error;
        if (tries === NOT_READY_TRIES) {
          throw new AppError('ADAPTER_UNAVAILABLE', 'Slack cannot show a picture yet; it is tried again.', {
            cause: error,
          });
        }
        await clock.sleep(NOT_READY_MS * tries);
      }
    }
  }

  function withoutPicture(view: View): View {
    const error = uploadRefusal();
    return error === null ? view : { ...view, lines: [...view.lines, wordsFor(view.locale).sayError(error)] };
  }

  function uploadRefusal(): AppError | null {
    if (refusal !== null && clock.nowMs() - refusal.atMs > REFUSAL_KEPT_MS) refusal = null;
    return refusal?.error ?? null;
  }

  async function directChannel(user: string, signal?: AbortSignal): Promise<string> {
    const known = opened.get(user);
    if (known !== undefined) return known;
    const answer = await api.run('conversations.open', (client) => client.conversations.open({ users: user }), {
      patienceMs: 5_000,
      signal,
    });
    const channel = answer.channel?.id;
    if (channel === undefined) throw new AppError('ADAPTER_UNAVAILABLE', 'Slack opened no direct conversation.');
    remember(opened, user, channel, OPENED_MAX);
    return channel;
  }

  async function direct(user: string, view: View, isOf: boolean, signal: AbortSignal | undefined): Promise<MessageRef> {
    return postIn(await directChannel(user, signal), null, view, { isOf, signal });
  }

  async function channelOf(address: Address, signal: AbortSignal | undefined): Promise<string> {
    return address.kind === 'channel' ? address.channel : directChannel(address.user, signal);
  }

  return {
    directChannel,
    uploadRefusal,
    async post(address, view, signal) {
      if (address.kind === 'direct') return direct(address.user, view, true, signal);
      return postIn(address.channel, readTarget(address.target).thread, view, { isOf: true, signal });
    },
    edit,
    async remove(ref, signal) {
      const { channel, messageId: ts } = ref;
      try {
        await api.run('chat.delete', (client) => client.chat.delete({ channel, ts }), { patienceMs: 5_000, signal });
      } catch (thrown) {
        const error = toAppError(thrown, 'ADAPTER_UNAVAILABLE');
        if (error.code !== 'ADAPTER_MESSAGE_GONE') throw error;
      }
      await removeFiles(ref, signal);
    },
    async find(address, generationId, signal) {
      const channel = await channelOf(address, signal);
      const { thread } = address.kind === 'channel' ? readTarget(address.target) : { thread: null };
      const ts = await findMessage(api, { channel, thread, generationId }, signal);
      return ts === null ? null : { platform: PLATFORM, channel, messageId: ts };
    },
    async privateReply({ channel, user }, target, view, signal) {
      const { thread } = readTarget(target);
      await whisper({ channel, user, thread }, await render(view, null), view, signal);
    },
    async fileFor(user, image) {
      const key = `window:${user}`;
      const before = shown.get(key)?.fileId ?? null;
      const picture = await pictureOf(image, key, { generationId: WINDOW_OWNER, channel: user }, undefined);
      if (before !== null && before !== picture?.fileId) await files.remove(before).catch(() => {});
      return picture?.fileId ?? null;
    },
    whisper,
    direct: ({ user }, view, signal) => direct(user, view, true, signal),
  };

  async function whisper(
    { channel, user, thread }: WhisperSpot,
    { text, blocks }: Rendered,
    view: View,
    signal?: AbortSignal,
  ): Promise<void> {
    // Only what is posted can hold a picture.
    if (view.image !== null) {
      await direct(user, view, false, signal);
      return;
    }
    try {
      await api.run(
        'chat.postEphemeral',
        (client) =>
          client.chat.postEphemeral({ channel, user, text, blocks, ...(thread === null ? {} : { thread_ts: thread }) }),
        { patienceMs: 3_000, signal },
      );
    } catch (thrown) {
      const error = toAppError(thrown, 'ADAPTER_UNAVAILABLE');
      const isOutside = error.code === 'ADAPTER_CHANNEL_GONE' || error.details['reason'] === 'user_not_in_channel';
      if (!isOutside) throw error;
      await direct(user, view, false, signal);
    }
  }

  async function removeFiles(ref: MessageRef, signal: AbortSignal | undefined): Promise<void> {
    const known = shown.get(keyOf(ref))?.fileId;
    shown.delete(keyOf(ref));
    const { generationId, channel } = ref;
    const found =
      generationId === undefined || generationId === null ? [] : await files.of({ generationId, channel }, signal);
    for (const fileId of new Set([...(known === undefined ? [] : [known]), ...found])) {
      await files.remove(fileId, signal);
    }
  }
}

function metadataOf({ generationId }: View): { metadata?: types.MessageMetadata } {
  if (generationId === null) return {};
  return { metadata: { event_type: METADATA_EVENT, event_payload: { generation_id: generationId } } };
}

function uploadError(cause: AppError): AppError {
  return new AppError(
    'ADAPTER_UPLOAD',
    'This workspace takes no pictures from Easel. Its admins can allow them; the picture is kept.',
    { details: { reason: String(cause.details['reason'] ?? '') }, cause },
  );
}

function keyOf({ channel, messageId }: MessageRef): string {
  return `${channel}:${messageId}`;
}

function remember<Value>(map: Map<string, Value>, key: string, value: Value, sizeMax: number): void {
  map.delete(key);
  map.set(key, value);
  const oldest = map.keys().next().value;
  if (map.size > sizeMax && oldest !== undefined) map.delete(oldest);
}
