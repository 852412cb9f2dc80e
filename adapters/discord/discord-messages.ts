// Messages on Discord, by the bot's token: an interaction's token dies after a quarter of an hour, a channel does not.

import { type APIDMChannel, type APIMessage, MessageFlags, type REST, Routes } from 'discord.js';
import {
  type Address,
  AppError,
  encodeWithin,
  type MessageRef,
  type Messages,
  type Person,
  toAppError,
  type View,
  type ViewKind,
  wordsFor,
} from '../../src/index.ts';
import type { EditPace } from './edit-pace.ts';
import { createLateEdits } from './late-edits.ts';
import { nonceOf } from './nonce.ts';
import { isDiscordCode, TOO_LARGE, toPlatformError } from './platform-error.ts';
import { carries, onlyUser, type Rendered, render } from './render.ts';
import { PLATFORM, snowflakeAt, timeOfGeneration } from './scope.ts';
import { liveToken, readTarget, tokenOfChannel, toTokenChannel } from './target.ts';

export type MessagesParts = {
  readonly rest: Pick<REST, 'get' | 'post' | 'patch' | 'delete' | 'put'>;
  readonly pace: EditPace;
  /** Of the bot: who writes as us, and where follow-ups go. */
  self(): Promise<{ userId: string; applicationId: string }>;
  /** Whether Discord still takes our token. */
  isRefused(): boolean;
  /** An edit that came late failed. */
  onTrouble(thrown: unknown): void;
};

export type DiscordMessages = Messages & {
  /** A mark on a message, once. */
  warn(ref: MessageRef): Promise<void>;
  ping(ref: MessageRef, person: Person & { tenant: string }, view: View): Promise<void>;
  directChannel(user: string, signal?: AbortSignal): Promise<string>;
  /** What has not been shown yet is not any more. */
  close(): void;
};

const PAGE = 100;
/** How far after its generation was accepted a message is looked for. */
const PAGES_MAX = 10;
/** Clocks of two machines differ. */
const CLOCK_SKEW_MS = 60_000;
const ENDS: readonly ViewKind[] = ['result', 'failed', 'cancelled'];
const REMEMBERED_MAX = 1_000;
/** Tried when a server refuses a file that it should take. */
const SMALLER_BYTES = 1_000_000;
const WARNING = encodeURIComponent('⚠️');

export function createDiscordMessages(parts: MessagesParts): DiscordMessages {
  const { rest, pace } = parts;
  /** Deleted messages by generation: Discord would answer a second post with the deleted one. */
  const gone = new Map<string, string>();
  const directChannels = new Map<string, string>();
  const late = createLateEdits(parts.onTrouble);

  async function ask<T>(work: () => Promise<unknown>): Promise<T> {
    if (parts.isRefused()) throw new AppError('ADAPTER_TOKEN', 'Discord does not know the token of this bot.');
    try {
      return (await work()) as T;
    } catch (thrown) {
      throw toPlatformError(thrown);
    }
  }

  /** Sends with the picture, with a smaller one where that is refused, and without it where nothing helps. */
  async function send<T>(view: View, work: (rendered: Rendered) => Promise<unknown>): Promise<T> {
    try {
      return (await work(render(view))) as T;
    } catch (thrown) {
      if (!isDiscordCode(thrown, TOO_LARGE) || view.image === null) throw thrown;
    }
    const smaller = await shrink(view);
    if (smaller !== null) {
      try {
        return (await work(render(smaller))) as T;
      } catch (thrown) {
        if (!isDiscordCode(thrown, TOO_LARGE)) throw thrown;
      }
    }
    const line = wordsFor(view.locale).say('discord.tooLarge');
    return (await work(render({ ...view, image: null, lines: [...view.lines, line] }))) as T;
  }

  async function postTo(channel: string, view: View, signal: AbortSignal | undefined): Promise<MessageRef> {
    const generationId = view.generationId ?? crypto.randomUUID();
    const nonce = nonceOf(generationId, channel, gone.get(generationId) ?? null);
    const { id, channel_id } = await send<APIMessage>(view, ({ body, files }) =>
      rest.post(Routes.channelMessages(channel), {
        body: { ...body, nonce, enforce_nonce: true },
        files,
        ...withSignal(signal),
      }),
    );
    return { platform: PLATFORM, channel: channel_id, messageId: id };
  }

  async function followUp(
    token: string,
    view: View,
    isPrivate: boolean,
    signal: AbortSignal | undefined,
  ): Promise<APIMessage> {
    const { applicationId } = await parts.self();
    return send<APIMessage>(view, ({ body, files }) =>
      rest.post(Routes.webhook(applicationId, token), {
        auth: false,
        body: { ...body, flags: body.flags | (isPrivate ? MessageFlags.Ephemeral : 0) },
        files,
        ...withSignal(signal),
      }),
    );
  }

  async function directChannel(user: string, signal?: AbortSignal): Promise<string> {
    const known = directChannels.get(user);
    if (known !== undefined) return known;
    const { id } = await ask<APIDMChannel>(() =>
      rest.post(Routes.userChannels(), { body: { recipient_id: user }, ...withSignal(signal) }),
    );
    if (directChannels.size >= REMEMBERED_MAX) directChannels.clear();
    directChannels.set(user, id);
    return id;
  }

  async function findIn(
    channel: string,
    generationId: string,
    signal: AbortSignal | undefined,
  ): Promise<MessageRef | null> {
    const { userId } = await parts.self();
    const look = async (query: Record<string, string>) => {
      const messages = await ask<APIMessage[]>(() =>
        rest.get(Routes.channelMessages(channel), {
          query: new URLSearchParams({ ...query, limit: `${PAGE}` }),
          ...withSignal(signal),
        }),
      );
      const found = messages.find((message) => message.author.id === userId && carries(message, generationId));
      const ids = messages.map(({ id }) => BigInt(id)).toSorted((one, other) => (one < other ? -1 : 1));
      const ref = found === undefined ? null : { platform: PLATFORM, channel, messageId: found.id };
      return { ref, oldest: ids[0] ?? 0n, newest: ids.at(-1) ?? 0n, isFull: messages.length >= PAGE };
    };
    // What was posted just before a crash is among the newest; else it is looked for from when it was asked for.
    const latest = await look({});
    let after = BigInt(snowflakeAt(timeOfGeneration(generationId) - CLOCK_SKEW_MS));
    if (latest.ref !== null || !latest.isFull || latest.oldest <= after) return latest.ref;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const { ref, newest, isFull } = await look({ after: `${after}` });
      if (ref !== null || !isFull || newest >= latest.oldest) return ref;
      after = newest;
    }
    return null;
  }

  async function edit({ channel, messageId }: MessageRef, view: View, signal: AbortSignal | undefined): Promise<void> {
    const token = tokenOfChannel(channel);
    const { applicationId } = await parts.self();
    try {
      await ask(() =>
        send(view, ({ body, files }) =>
          token === null
            ? rest.patch(Routes.channelMessage(channel, messageId), { body, files, ...withSignal(signal) })
            : rest.patch(Routes.webhookMessage(applicationId, token, messageId), {
                auth: false,
                body,
                files,
                ...withSignal(signal),
              }),
        ),
      );
    } catch (thrown) {
      const { code } = toAppError(thrown);
      if (code === 'ADAPTER_BUSY') pace.refused();
      if (code === 'ADAPTER_MESSAGE_GONE' && view.generationId !== null) {
        if (gone.size >= REMEMBERED_MAX) gone.clear();
        gone.set(view.generationId, messageId);
      }
      throw thrown;
    }
  }

  const messages: DiscordMessages = {
    directChannel,
    close: () => late.close(),
    async post(address, view, signal) {
      if (address.kind === 'direct') return messages.direct(address, view, signal);
      const target = readTarget(address.target);
      if (!target.byTokenOnly) return ask(() => postTo(target.thread ?? address.channel, view, signal));
      const token = liveToken(target, Date.now());
      if (token === null) throw new AppError('ADAPTER_CHANNEL_GONE', 'This place can be answered for 15 minutes only.');
      const { id } = await ask<APIMessage>(() => followUp(token, view, false, signal));
      return { platform: PLATFORM, channel: toTokenChannel(token), messageId: id };
    },
    async edit(ref, view, signal) {
      const key = `${ref.channel} ${ref.messageId}`;
      const isEnd = ENDS.includes(view.kind);
      const waitMs = isEnd ? 0 : pace.waitMs(ref.channel);
      if (waitMs > 0) {
        // A result must not wait for its preview: the newest one is shown when the channel has room.
        late.put(key, waitMs, () => edit(ref, view, signal));
        return;
      }
      await late.drop(key);
      await edit(ref, view, signal);
    },
    async remove({ channel, messageId }, signal) {
      const token = tokenOfChannel(channel);
      const { applicationId } = await parts.self();
      try {
        await ask(() =>
          token === null
            ? rest.delete(Routes.channelMessage(channel, messageId), withSignal(signal))
            : rest.delete(Routes.webhookMessage(applicationId, token, messageId), {
                auth: false,
                ...withSignal(signal),
              }),
        );
      } catch (thrown) {
        const { code } = toAppError(thrown);
        if (code !== 'ADAPTER_MESSAGE_GONE' && code !== 'ADAPTER_CHANNEL_GONE') throw thrown;
      }
    },
    async find(address, generationId, signal) {
      const channel = await channelOf(address, signal);
      if (channel === null) return null;
      try {
        return await findIn(channel, generationId, signal);
      } catch (thrown) {
        // Where nothing can be read, nothing of ours can be found.
        if (toAppError(thrown).code === 'ADAPTER_CHANNEL_GONE') return null;
        throw thrown;
      }
    },
    async privateReply({ user }, target, view, signal) {
      const token = liveToken(readTarget(target), Date.now());
      if (token !== null) {
        await ask(() => followUp(token, view, true, signal));
        return;
      }
      // An answer is no message of the generation: it must not be found as that.
      await ask(async () => postTo(await directChannel(user, signal), { ...view, generationId: null }, signal));
    },
    async direct({ user }, view, signal) {
      return ask(async () => postTo(await directChannel(user, signal), view, signal));
    },
    async warn({ channel, messageId }) {
      await ask(() => rest.put(Routes.channelMessageOwnReaction(channel, messageId, WARNING)));
    },
    async ping({ channel, messageId }, { user }, view) {
      const { body } = render(view);
      await ask(() =>
        rest.post(Routes.channelMessages(channel), {
          body: {
            ...body,
            content: `<@${user}> ${body.content}`,
            allowed_mentions: onlyUser(user),
            message_reference: { message_id: messageId, fail_if_not_exists: false },
            nonce: nonceOf(messageId, channel, 'ping'),
            enforce_nonce: true,
          },
        }),
      );
    },
  };

  async function channelOf(address: Address, signal: AbortSignal | undefined): Promise<string | null> {
    if (address.kind === 'direct') {
      return directChannel(address.user, signal).catch((thrown) => {
        if (toAppError(thrown).code === 'ADAPTER_DIRECT_CLOSED') return null;
        throw thrown;
      });
    }
    const target = readTarget(address.target);
    return target.byTokenOnly ? null : (target.thread ?? address.channel);
  }

  return messages;
}

/** @returns null when its picture cannot be made smaller */
async function shrink(view: View): Promise<View | null> {
  const { image } = view;
  if (image === null || image.format !== 'png') return null;
  try {
    const limits = {
      maxBytes: Math.min(SMALLER_BYTES, Math.floor(image.bytes.length / 2)),
      formats: ['png', 'webp', 'jpeg'],
    } as const;
    const { bytes, format, mediaType, extension, widthPx, heightPx } = await encodeWithin(image.bytes, limits, null);
    const fileName = image.fileName.replace(/\.[a-z]+$/u, `.${extension}`);
    return { ...view, image: { ...image, bytes, format, mediaType, fileName, widthPx, heightPx } };
  } catch {
    return null;
  }
}

function withSignal(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
