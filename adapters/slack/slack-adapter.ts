// Slack as an adapter: Bolt over Socket Mode or signed requests, on the same studio as every other platform.

import { App } from '@slack/bolt';
import {
  AppError,
  type ChannelLimits,
  type ChatAdapter,
  type Clock,
  type Config,
  loadCatalog,
  readPromptModels,
  systemClock,
  toAppError,
} from '../../src/index.ts';
import { createSlackApi, type SlackApi } from './api.ts';
import { toMessage } from './blocks.ts';
import { createBoltLog } from './bolt-log.ts';
import type { Identity, SlackContext, SlackEasel } from './context.ts';
import { createSlackDirectory } from './directory.ts';
import { examine } from './examine.ts';
import { createSlackFiles } from './files.ts';
import { createHttpReceiver, type SignedAnswer, type SignedRequest } from './http-receiver.ts';
import { addListeners } from './listeners.ts';
import { createSlackPlaces } from './places.ts';
import { PLATFORM } from './scope.ts';
import { createSlackMessages } from './slack-messages.ts';
import { createSocketReceiver } from './socket-receiver.ts';

export type SlackAdapter = ChatAdapter & {
  /** Where signed requests are taken, for whoever has a web server; null: events come by Socket Mode. */
  readonly mount: SlackMount | null;
};

export type SlackMount = {
  readonly path: string;
  answer(request: SignedRequest): Promise<SignedAnswer>;
};

export type SlackAdapterOptions = { readonly modelsDir?: string; readonly clock?: Clock };

/**
 * All messages of a workspace share about fifty edits a minute (`chat.update`, tier 3): some are left for results.
 * @see https://docs.slack.dev/apis/web-api/rate-limits
 */
const LIMITS: ChannelLimits = {
  editsPerMinute: 40,
  editGapMs: 4_000,
  editableForMs: 3_600_000,
  uploadBytesMax: 16 * 1024 * 1024,
  // What an image block of a file of Slack's can show; Slack has no use for webp there.
  imageFormats: ['png', 'jpeg'],
};

/** What was acknowledged when Easel closes is still worked, unless Slack takes longer than this to answer. */
const SETTLE_WITHIN_MS = 8_000;

/**
 * Opens Slack over an open Easel; `easel.connect` starts it.
 *
 * @param setting must not be null: see `readConfig`
 */
export async function createSlackAdapter(
  config: Pick<Config, 'slack' | 'model'>,
  easel: SlackEasel,
  options: SlackAdapterOptions = {},
): Promise<SlackAdapter> {
  const { slack } = config;
  if (slack === null) throw new AppError('CONFIG_INVALID', 'SLACK_BOT_TOKEN is not set.');
  const { log } = easel;
  const clock = options.clock ?? systemClock;
  const logger = createBoltLog(log);
  const { botToken: token, appToken, signingSecret, apiUrl } = slack;
  const api = createSlackApi({ token, apiUrl, logger, clock });
  const identity = identify(api);
  const directory = createSlackDirectory({ api, clock, log, team: async () => (await identity()).team });
  const files = createSlackFiles(api, clock, async () => (await identity()).userId);
  const originOf = async (generationId: string): Promise<string | null> =>
    (await easel.store.generations.get(generationId))?.scope.channel ?? null;
  const messages = createSlackMessages({ api, files, directory, clock, log, originOf });
  const places = createSlackPlaces({ api, clock, directChannel: messages.directChannel });
  const styles = await readStyles(config.model, options.modelsDir);
  const { studio, desk, reactions, messageActions, once } = easel;
  const context: SlackContext = {
    ...{ studio, desk, reactions, messageActions, once, api, messages, directory, places, clock, log, styles },
    identity,
  };

  const http = appToken === null ? createHttpReceiver({ signingSecret: signingSecret ?? '', log, clock }) : null;
  const receiver = http ?? createSocketReceiver({ appToken: appToken ?? '', apiUrl, logger, log, clock });
  let isClosing = false;
  const app = new App({
    receiver,
    logger,
    // Asked once, and by our own client: Bolt's would wait for ever.
    authorize: async () => {
      const { team: teamId, userId: botUserId, botId } = await identity();
      return { botToken: token, botUserId, botId, teamId };
    },
    convoStore: false,
    clientOptions: { logger, ...(apiUrl === null ? {} : { slackApiUrl: apiUrl }) },
  });
  const settle = addListeners({
    app,
    context,
    isClosing: () => isClosing,
    onGone(event) {
      const said = event === 'app_uninstalled' ? 'was removed from the workspace' : 'had its token taken back';
      const message = `Easel ${said}. Install it again at api.slack.com/apps and set SLACK_BOT_TOKEN anew.`;
      log.error('slack is gone', new AppError('ADAPTER_TOKEN', message, { details: { event } }));
    },
  });

  return {
    platform: PLATFORM,
    limits: LIMITS,
    messages,
    directory,
    administers: async (team, user) => team === (await identity()).team && directory.isAdmin(user),
    mount: http,
    async linkTo({ channel, messageId }) {
      try {
        const answer = await api.run(
          'chat.getPermalink',
          (client) => client.chat.getPermalink({ channel, message_ts: messageId }),
          { patienceMs: 2_000 },
        );
        return answer.permalink ?? null;
      } catch {
        return null;
      }
    },
    async ping({ channel, messageId }, { user }, view) {
      const { text, blocks } = toMessage(view, { fileId: null, author: null });
      await api.run('chat.postMessage', (client) =>
        client.chat.postMessage({
          channel,
          thread_ts: messageId,
          text: `<@${user}> ${text}`,
          blocks: [{ type: 'section', text: { type: 'mrkdwn', text: `<@${user}>` } }, ...blocks],
          unfurl_links: false,
          unfurl_media: false,
        }),
      );
    },
    examine: (scope, locale) => examine(context, scope, locale),
    /** @throws {AppError} `ADAPTER_TOKEN` when Slack does not take a token */
    async start() {
      try {
        await identity();
      } catch (thrown) {
        const error = toAppError(thrown, 'ADAPTER_UNAVAILABLE');
        if (error.code === 'ADAPTER_TOKEN') throw error;
        log.error('slack cannot be asked who the bot is', error);
      }
      await app.start();
    },
    async stopRequests() {
      isClosing = true;
      await app.stop();
      const patience = new AbortController();
      await Promise.race([settle(), clock.sleep(SETTLE_WITHIN_MS, patience.signal).catch(() => {})]);
      patience.abort();
    },
    async close() {},
  };
}

/** Who the bot is: asked once it is needed, and again until Slack answers. */
function identify(api: SlackApi): () => Promise<Identity> {
  let known: Promise<Identity> | null = null;
  async function ask(): Promise<Identity> {
    const answer = await api.run('auth.test', (client) => client.auth.test(), { patienceMs: 5_000 });
    const { team_id: team, user_id: userId, bot_id: botId } = answer;
    if (team === undefined || userId === undefined) {
      throw new AppError('ADAPTER_UNAVAILABLE', 'Slack did not say who the bot is.');
    }
    return { team, userId, botId: botId ?? '' };
  }
  return async () => {
    known ??= ask();
    try {
      return await known;
    } catch (thrown) {
      known = null;
      throw thrown;
    }
  };
}

async function readStyles(model: string | null, modelsDir: string | undefined): Promise<readonly string[]> {
  const catalog = await loadCatalog(modelsDir);
  const { models } = await readPromptModels(catalog, model ?? catalog.defaultName);
  return models[0].styles.map(({ name }) => name);
}
