// Keeps a client connected: tries again while Discord is away, gives up when the token is no bot's.

import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, Events, REST, type RESTGetAPIGatewayBotResult, Routes } from 'discord.js';
import type { Easel } from '../../src/index.ts';
import { createBackOff } from './back-off.ts';
import { type ClientParts, createClient, restOptions } from './client.ts';
import { isBadToken, toPlatformError } from './platform-error.ts';

export type ConnectionParts = Omit<ClientParts, 'onWait'> & {
  readonly token: string;
  readonly log: Easel['log'];
  /** Hears of events before it connects. */
  listen(client: Client): void;
  onReady(client: Client<true>): Promise<void>;
};

export type Connection = {
  /** Connected now. */
  readonly client: Client<true> | null;
  /** Discord said that the token is no bot's: nothing is asked of it any more. */
  readonly isRefused: boolean;
  /** Resolves when it is connected and its commands are there, has been refused, or has failed once: it goes on trying by itself. */
  readonly settled: Promise<void>;
  close(): Promise<void>;
};

/** Left to other programs on the same token. */
const KEPT_SESSIONS_SHARE = 0.05;
const REFUSED_CLOSE_CODES: readonly number[] = [4_004, 4_010, 4_012, 4_013, 4_014];

export function connect(parts: ConnectionParts): Connection {
  const { token, log } = parts;
  const ended = new AbortController();
  const signal = AbortSignal.any([parts.signal, ended.signal]);
  const clientParts: ClientParts = {
    ...parts,
    signal,
    onWait: (why, waitMs) =>
      log.warn(
        why === 'identify'
          ? 'Discord counts connections: the next one waits, so that the token is not reset'
          : 'Discord cannot be reached: trying again later',
        { waitMs },
      ),
  };
  let client: Client | null = null;
  let isRefused = false;
  let settle = () => {};
  const settled = new Promise<void>((resolve) => {
    settle = resolve;
  });

  async function run(): Promise<void> {
    const backOff = createBackOff();
    while (!signal.aborted && !isRefused) {
      try {
        await sleep(backOff.nextMs(), undefined, { signal });
        await waitForSessions();
        await login();
        return;
      } catch (thrown) {
        if (signal.aborted) return;
        if (isBadToken(thrown))
          refuse('Discord does not know DISCORD_TOKEN. Copy the token of the Bot page anew, then start again.');
        else if (!isRefused)
          log.warn('Discord cannot be reached, trying again', { code: toPlatformError(thrown).code });
        settle();
      }
    }
  }

  /** A program that starts again and again would have the token reset. */
  async function waitForSessions(): Promise<void> {
    const rest = new REST(restOptions(parts)).setToken(token);
    for (;;) {
      const { shards, session_start_limit: limit } = (await rest.get(Routes.gatewayBot(), {
        signal,
      })) as RESTGetAPIGatewayBotResult;
      if (limit.remaining >= shards + Math.floor(limit.total * KEPT_SESSIONS_SHARE)) return;
      clientParts.onWait('identify', limit.reset_after);
      settle();
      await sleep(limit.reset_after, undefined, { signal });
    }
  }

  async function login(): Promise<void> {
    const next = createClient(clientParts);
    // Errors of a shard are told by its close; without listeners they would end the program.
    next.on(Events.Error, (error) => log.warn('Discord', { code: toPlatformError(error).code }));
    next.on(Events.ShardError, (_error, shardId) => log.debug('Discord: a connection broke', { shardId }));
    next.on(Events.ShardReconnecting, (shardId) => {
      if (!signal.aborted) log.info('Discord: connecting again', { shardId });
    });
    next.on(Events.ShardDisconnect, ({ code }) => {
      if (REFUSED_CLOSE_CODES.includes(code)) refuse(whyClosed(code));
    });
    next.once(Events.ClientReady, (ready) => {
      client = ready;
      parts
        .onReady(ready)
        .catch((thrown: unknown) => log.error('Discord: after connecting', toPlatformError(thrown)))
        .finally(settle);
    });
    parts.listen(next);
    client = next;
    try {
      await next.login(token);
    } catch (thrown) {
      client = null;
      await next.destroy().catch(() => {});
      throw thrown;
    }
  }

  /** The adapter ends; the rest of Easel goes on. */
  function refuse(why: string): void {
    if (isRefused) return;
    isRefused = true;
    log.warn(`Discord is not connected: ${why}`);
    settle();
    ended.abort();
    void client?.destroy().catch(() => {});
  }

  const running = run();
  return {
    get client() {
      return client?.isReady() === true ? client : null;
    },
    get isRefused() {
      return isRefused;
    },
    settled,
    async close() {
      ended.abort();
      await client?.destroy().catch(() => {});
      await running.catch(() => {});
    },
  };
}

function whyClosed(code: number): string {
  switch (code) {
    case 4_004:
      return 'it does not know DISCORD_TOKEN. Copy the token of the Bot page anew, then start again.';
    case 4_013:
    case 4_014:
      return 'it does not let this application use the intents Easel asks for, none of which is privileged. Is the token the right one?';
    default:
      return `it closed the connection for good (code ${code}). Update Easel, then start again.`;
  }
}
