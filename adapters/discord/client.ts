// One connection to Discord's gateway by discord.js: intents, what is remembered, how it connects again.

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Client,
  GatewayIntentBits,
  type IIdentifyThrottler,
  type IShardingStrategy,
  Options,
  Partials,
  SimpleIdentifyThrottler,
  SimpleShardingStrategy,
  type WebSocketOptions,
  WebSocketShardStatus,
} from 'discord.js';
import { type BackOff, createBackOff } from './back-off.ts';
import { type IdentifyBudget, openIdentifyBudget } from './identify-budget.ts';
import { NOBODY } from './render.ts';

/** Of `@discordjs/ws`, whose name another class of discord.js has too. */
type GatewayManager = Parameters<NonNullable<WebSocketOptions['buildStrategy']>>[0];
type ShardEvent = Parameters<GatewayManager['on']>[0];

export type ClientParts = {
  /** Of another server that speaks the same API; null: Discord's own. */
  readonly apiUrl: string | null;
  readonly dataDir: string;
  readonly userAgent: string;
  /** Nothing connects any more. */
  readonly signal: AbortSignal;
  /** A wait that a host should know of. */
  onWait(why: 'identify' | 'connect', waitMs: number): void;
};

/** None of them privileged: nothing is read but what is said to the bot. */
export const INTENTS = [
  GatewayIntentBits.Guilds,
  GatewayIntentBits.GuildMessages,
  GatewayIntentBits.DirectMessages,
  GatewayIntentBits.GuildMessageReactions,
  GatewayIntentBits.DirectMessageReactions,
] as const;

export const REST_TIMEOUT_MS = 20_000;
const MEMBERS_MAX = 200;
const USERS_MAX = 500;
const WAIT_TOLD_MS = 30_000;

export function createClient(parts: ClientParts): Client {
  return new Client({
    intents: INTENTS,
    // Reactions to messages of months ago, and direct channels nobody wrote in since the start.
    partials: [Partials.Channel, Partials.Message, Partials.Reaction, Partials.User, Partials.GuildMember],
    shards: 'auto',
    allowedMentions: NOBODY,
    // Messages are in the database of Easel; of people only who was here lately is kept.
    makeCache: Options.cacheWithLimits({
      ...Options.DefaultMakeCacheSettings,
      MessageManager: 0,
      ReactionManager: 0,
      PresenceManager: 0,
      GuildBanManager: 0,
      GuildInviteManager: 0,
      GuildEmojiManager: 0,
      GuildStickerManager: 0,
      VoiceStateManager: 0,
      StageInstanceManager: 0,
      GuildScheduledEventManager: 0,
      AutoModerationRuleManager: 0,
      GuildMemberManager: { maxSize: MEMBERS_MAX, keepOverLimit: (member) => member.id === member.client.user.id },
      UserManager: { maxSize: USERS_MAX, keepOverLimit: (user) => user.id === user.client.user.id },
    }),
    // Answers to interactions do not count; what does is asked elsewhere.
    rest: { ...restOptions(parts), globalRequestsPerSecond: Number.POSITIVE_INFINITY },
    ws: {
      buildStrategy: (manager) => createPatientSharding(manager, parts),
      buildIdentifyThrottler: (manager) => createIdentifyThrottler(manager, parts),
    },
  });
}

export function restOptions({ apiUrl, userAgent }: Pick<ClientParts, 'apiUrl' | 'userAgent'>) {
  return {
    ...(apiUrl === null ? {} : { api: apiUrl }),
    timeout: REST_TIMEOUT_MS,
    userAgentAppendix: userAgent,
  };
}

/** The library connects again every half second; here each shard waits longer each time it fails. */
function createPatientSharding(manager: GatewayManager, { signal, onWait }: ClientParts): IShardingStrategy {
  const strategy = new SimpleShardingStrategy(manager);
  const backOffs = new Map<number, BackOff>();
  const backOffOf = (shardId: number): BackOff => {
    const backOff = backOffs.get(shardId) ?? createBackOff();
    backOffs.set(shardId, backOff);
    return backOff;
  };
  for (const event of ['ready', 'resumed'] as ShardEvent[]) {
    manager.on(event, ({ shardId }: { shardId: number }) => backOffOf(shardId).succeeded());
  }
  const { retrieveSessionInfo } = manager.options;
  // Asked before each connection, while the shard is idle, and at other times when it is not.
  manager.options.retrieveSessionInfo = async (shardId) => {
    const statuses = await strategy.fetchStatus();
    if (statuses.get(shardId) === WebSocketShardStatus.Idle) {
      const waitMs = backOffOf(shardId).nextMs();
      if (waitMs >= WAIT_TOLD_MS) onWait('connect', waitMs);
      await waitOrNever(waitMs, signal);
    }
    return retrieveSessionInfo(shardId);
  };
  return strategy;
}

async function createIdentifyThrottler(manager: GatewayManager, parts: ClientParts): Promise<IIdentifyThrottler> {
  const { shards, session_start_limit: limit } = await manager.fetchGatewayInformation();
  const budget: IdentifyBudget = await openIdentifyBudget(join(parts.dataDir, 'discord', 'identifies.json'), {
    total: limit.total,
    shards,
  });
  const concurrency = new SimpleIdentifyThrottler(limit.max_concurrency);
  return {
    async waitForIdentify(shardId, closed) {
      await concurrency.waitForIdentify(shardId, closed);
      for (let waitMs = budget.waitMs(); waitMs > 0; waitMs = budget.waitMs()) {
        if (waitMs >= WAIT_TOLD_MS) parts.onWait('identify', waitMs);
        await sleep(waitMs, undefined, { signal: AbortSignal.any([closed, parts.signal]) });
      }
      await budget.take();
    },
  };
}

/** A shard that is waiting cannot be told to stop: one that is not wanted any more never goes on. */
async function waitOrNever(waitMs: number, signal: AbortSignal): Promise<void> {
  if (waitMs > 0) await sleep(waitMs, undefined, { signal }).catch(() => {});
  if (signal.aborted) await new Promise<never>(() => {});
}
