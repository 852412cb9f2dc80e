/**
 * A Discord on loopback, for tests: API v10 and the gateway as far as a bot uses them, as strict as the real one.
 *
 * The real discord.js connects with `rest: { api: server.api }`. Nothing of Easel is known here.
 */
import { randomBytes } from 'node:crypto';
import { createProtocolClock, type ProtocolClock } from '../protocol/clock.ts';
import type { Faults } from '../protocol/faults.ts';
import type { Recorder } from '../protocol/recorder.ts';
import { startProtocolServer } from '../protocol/server.ts';
import { createApi } from './api.ts';
import { createCdn } from './cdn.ts';
import type { Discord } from './discord.ts';
import { createGateway, type Gateway, type GatewayOptions } from './gateway.ts';
import { createHost, type Host } from './host.ts';
import { ACKNOWLEDGE_WITHIN_MS } from './interactions.ts';
import { createRateLimits, DISCORD_RATE_LIMITS, type RateLimitOptions, type RateLimits } from './rate-limits.ts';
import { isRefusalCode, Refusal } from './refusal.ts';
import { createWorld, type World } from './world.ts';

export type DiscordServerOptions = {
  clock?: ProtocolClock;
  botName?: string;
  /** How many times longer the three seconds last where a busy machine must not be late by accident. Default: once. */
  patience?: number;
  /** Command creates a day. */
  createsMax?: number;
  uploadBytesMax?: number;
  gateway?: Partial<GatewayOptions>;
  rateLimits?: Partial<RateLimitOptions>;
};

export type DiscordServer = Host & {
  /** For `rest: { api }` and DISCORD_API_URL. */
  readonly api: string;
  readonly token: string;
  readonly clock: ProtocolClock;
  readonly world: World;
  readonly discord: Discord;
  readonly gateway: Gateway;
  readonly rateLimits: RateLimits;
  readonly faults: Faults;
  readonly record: Recorder;
  /** Answers of this server that are not as Discord's: always empty, or the server is wrong. */
  readonly faultsOfItsOwn: readonly string[];
  /** Against the protocol, so far. */
  readonly violations: readonly string[];
  /** Every connection ends and no new one begins, until `restore`. */
  cut(): void;
  restore(): void;
  close(): Promise<void>;
};

export async function startDiscordServer(options: DiscordServerOptions = {}): Promise<DiscordServer> {
  const clock = options.clock ?? createProtocolClock();
  const world = createWorld({ clock, botName: options.botName ?? 'Easel' });
  // Its first part is the application's id, as a real token's is.
  const token = [
    Buffer.from(world.bot.id).toString('base64url'),
    randomBytes(4).toString('base64url'),
    randomBytes(24).toString('base64url'),
  ].join('.');
  let violation = (_text: string): void => {};
  let host = '';
  const say = (text: string) => violation(text);
  const gateway = createGateway(
    world,
    {
      token,
      shards: 1,
      heartbeatIntervalMs: 41_250,
      identifyGapMs: 5_000,
      maxConcurrency: 1,
      startsMax: 1_000,
      resumableForMs: 300_000,
      privilegedIntents: 0,
      ...options.gateway,
    },
    () => `ws://${host}`,
    say,
  );
  const cdn = createCdn(world, () => `http://${host}`);
  const discord: Discord = {
    world,
    gateway,
    cdn,
    interactions: new Map(),
    uploadBytesMax: options.uploadBytesMax ?? 10 * 1024 * 1024,
    acknowledgeWithinMs: ACKNOWLEDGE_WITHIN_MS * (options.patience ?? 1),
    token,
    creates: { dayMs: clock.nowMs(), count: 0, max: options.createsMax ?? 200 },
  };
  const rateLimits = createRateLimits(clock, { ...DISCORD_RATE_LIMITS, ...options.rateLimits }, say);
  const faultsOfItsOwn: string[] = [];
  const api = createApi(discord, rateLimits, { violation: say, fault: (text) => void faultsOfItsOwn.push(text) });
  const server = await startProtocolServer({
    clock,
    handle: (request) => cdn.answer(request) ?? api(request),
    answerOf(fault) {
      if (fault.kind === 'rateLimit')
        return rateLimits.refuse(fault.scope === 'route' ? 'user' : fault.scope, fault.retryAfterMs);
      if (!isRefusalCode(fault.code)) throw new Error(`${fault.code} is no code of Discord's that this server knows.`);
      return new Refusal(fault.code).toAnswer();
    },
    connect: (path, query) =>
      path === '/gateway' || path === '/resume' || path === '/gateway/' ? gateway.connect(query) : 404,
  });
  ({ host } = server);
  violation = server.record.violation;
  return {
    ...createHost(discord),
    api: `http://${host}/api`,
    token,
    clock,
    world,
    discord,
    gateway,
    rateLimits,
    faults: server.faults,
    record: server.record,
    faultsOfItsOwn,
    violations: server.record.violations,
    cut: server.cut,
    restore: server.restore,
    close: server.close,
  };
}
