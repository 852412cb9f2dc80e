// Discord as an adapter: one bot in any number of servers, on the same studio as every other platform.

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, type Guild, REST, RESTEvents, type RESTGetAPICurrentUserResult, Routes } from 'discord.js';
import {
  AppError,
  type ChannelLimits,
  type ChatAdapter,
  type Config,
  type Easel,
  type MessageRef,
  toLocale,
} from '../../src/index.ts';
import { restOptions } from './client.ts';
import { type Connection, connect } from './connection.ts';
import { createDiscordDirectory } from './discord-directory.ts';
import { createDiscordMessages } from './discord-messages.ts';
import { createEditPace } from './edit-pace.ts';
import { listen } from './events.ts';
import { examine } from './examine.ts';
import { inviteLink, missingRights } from './permissions.ts';
import { administers, rightsOf } from './places.ts';
import { toPlatformError } from './platform-error.ts';
import { registerCommands } from './register-commands.ts';
import { render } from './render.ts';
import { DIRECT, PLATFORM } from './scope.ts';
import { tokenOfChannel } from './target.ts';
import { createCompletion, readVocabulary } from './vocabulary.ts';

export type DiscordAdapterOptions = {
  readonly modelsDir?: string;
};

/** Of the 50 requests a second that a bot has; the others are for answers and results. */
const EDITS_PER_MINUTE = 600;
/** Discord counts edits of older messages apart, and allows few. */
const EDITABLE_FOR_MS = 55 * 60_000;
/** Every server takes as much. */
const UPLOAD_BYTES_MAX = 10 * 1024 * 1024;
/** A start that takes longer goes on by itself. */
const START_PATIENCE_MS = 15_000;
const REGISTER_TRIES_MAX = 8;
const REGISTER_DELAY_MS = 2_000;
/** A pause that is longer is not waited for with a request in hand. */
const PAUSE_MAX_MS = 5_000;

/** Opens Discord over an open Easel; `easel.connect` starts it. */
export async function createDiscordAdapter(
  config: Pick<Config, 'discord' | 'dataDir' | 'model'>,
  easel: Pick<Easel, 'studio' | 'desk' | 'messageActions' | 'reactions' | 'status' | 'log'>,
  options: DiscordAdapterOptions = {},
): Promise<ChatAdapter> {
  if (config.discord === null) throw new AppError('INTERNAL', 'Discord has no token.');
  const { token, apiUrl } = config.discord;
  const { studio, desk, log } = easel;
  const userAgent = String(easel.status()['version'] ?? 'Easel');
  const pace = createEditPace();
  const rest = new REST({
    ...restOptions({ apiUrl, userAgent }),
    rejectOnRateLimit: ({ retryAfter, sublimitTimeout }) => Math.max(retryAfter, sublimitTimeout) > PAUSE_MAX_MS,
  }).setToken(token);
  rest.on(RESTEvents.Response, ({ method, path }, { headers }) => {
    const [, channel] = /^\/channels\/(\d+)\/messages\/\d+$/u.exec(path) ?? [];
    if (method.toUpperCase() === 'PATCH' && channel !== undefined) pace.heard(channel, headers);
  });
  const closing = new AbortController();
  let isClosing = false;
  let connection: Connection | null = null;
  const clientNow = (): Client<true> | null => connection?.client ?? null;
  let self: Promise<{ userId: string; applicationId: string }> | null = null;

  const messages = createDiscordMessages({
    rest,
    pace,
    isRefused: () => connection?.isRefused === true,
    onTrouble: (thrown) => log.debug('Discord: a preview', { code: toPlatformError(thrown).code }),
    self() {
      const ready = clientNow();
      if (ready !== null) return Promise.resolve({ userId: ready.user.id, applicationId: ready.application.id });
      self ??= lookUpSelf().catch((thrown: unknown) => {
        self = null;
        throw toPlatformError(thrown);
      });
      return self;
    },
  });
  const completion = createCompletion(await readVocabulary(config, options.modelsDir), studio);

  /** Before the gateway has told; a bot and its application have one id since 2016, older ones do not. */
  async function lookUpSelf() {
    const { id: userId } = (await rest.get(Routes.user())) as RESTGetAPICurrentUserResult;
    const { id: applicationId } = (await rest.get(Routes.currentApplication())) as { id: string };
    return { userId, applicationId };
  }

  async function onReady(client: Client<true>): Promise<void> {
    const { id: applicationId } = client.application;
    log.info('Discord: connected', { servers: client.guilds.cache.size, shards: client.ws.shards.size });
    process.stderr.write(
      `Discord: ${client.user.tag} is connected. To have it in a server: ${inviteLink(applicationId)}\n`,
    );
    await register(applicationId);
  }

  /** Once more later where Discord was away for a moment: without commands nobody can ask for anything. */
  async function register(applicationId: string, attempt = 0): Promise<void> {
    try {
      const sent = await registerCommands(rest, applicationId, join(config.dataDir, 'discord', 'commands'));
      if (sent !== null) log.info('Discord: commands have changed and were sent', { commands: sent });
    } catch (thrown) {
      const error = toPlatformError(thrown);
      log.error('Discord: commands could not be sent', error);
      if (!error.retryable || attempt >= REGISTER_TRIES_MAX) return;
      void sleep(REGISTER_DELAY_MS * 2 ** attempt, undefined, { signal: closing.signal })
        .then(() => register(applicationId, attempt + 1))
        .catch(() => {});
    }
  }

  async function welcome(guild: Guild): Promise<void> {
    log.info('Discord: joined a server', { id: guild.id });
    const { client } = guild;
    const channels = [
      ...(guild.systemChannel === null ? [] : [guild.systemChannel]),
      ...guild.channels.cache.filter((channel) => channel.isTextBased() && !channel.isThread()).values(),
    ];
    const channel = channels.find(({ id }) => missingRights(rightsOf(client, id), false).length === 0);
    if (channel === undefined) return;
    const { body } = render(desk.welcome(toLocale(guild.preferredLocale)));
    await rest.post(Routes.channelMessages(channel.id), { body }).catch((thrown: unknown) => {
      throw toPlatformError(thrown);
    });
  }

  const limits: ChannelLimits = {
    editsPerMinute: EDITS_PER_MINUTE,
    get editGapMs() {
      return pace.gapMs;
    },
    editableForMs: EDITABLE_FOR_MS,
    uploadBytesMax: UPLOAD_BYTES_MAX,
    imageFormats: ['png', 'webp', 'jpeg'],
  };

  return {
    platform: PLATFORM,
    limits,
    messages,
    directory: createDiscordDirectory(clientNow),
    administers: async (guildId, user) => administers(clientNow(), guildId, user),
    linkTo: async (ref) => linkTo(clientNow(), ref),
    warn: (ref) => messages.warn(ref),
    ping: (ref, person, view) => messages.ping(ref, person, view),
    async examine(scope, locale) {
      const client = clientNow();
      return client === null ? [] : examine(client, scope, locale, (user) => messages.directChannel(user));
    },
    async start(signal) {
      const parts = {
        studio,
        desk,
        completion,
        log,
        messages,
        actions: easel.messageActions,
        reactions: easel.reactions,
      };
      connection = connect({
        token,
        apiUrl,
        dataDir: config.dataDir,
        userAgent,
        log,
        signal: signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal]),
        listen: (client) => listen({ ...parts, welcome, isClosing: () => isClosing }, client),
        onReady,
      });
      const patience = new AbortController();
      await Promise.race([
        connection.settled,
        sleep(START_PATIENCE_MS, undefined, { signal: patience.signal }).catch(() => {}),
      ]);
      patience.abort();
    },
    async stopRequests() {
      isClosing = true;
    },
    async close() {
      closing.abort();
      messages.close();
      await connection?.close();
    },
  };
}

function linkTo(client: Client<true> | null, { channel, messageId }: MessageRef): string | null {
  if (tokenOfChannel(channel) !== null) return null;
  const known = client?.channels.cache.get(channel);
  const guild = known === undefined || known.isDMBased() ? DIRECT : known.guildId;
  return `https://discord.com/channels/${guild}/${channel}/${messageId}`;
}
