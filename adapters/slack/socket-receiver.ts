// Socket Mode: events come over a connection that this machine opens, so no port and no public address is needed.

import { type App, type Logger, type Receiver, SocketModeReceiver } from '@slack/bolt';
import { z } from 'zod';
import type { AppError, Clock, Log } from '../../src/index.ts';
import { reasonOf, TOKEN_ERRORS, tokenError, toSlackError } from './api-errors.ts';

export type SocketSetting = {
  readonly appToken: string;
  readonly apiUrl: string | null;
  readonly logger: Logger;
  readonly log: Log;
  readonly clock: Clock;
};

const CALL_TIMEOUT_MS = 10_000;
const HELLO_WITHIN_MS = 20_000;
/** Slack's own is 5 s, which a busy machine can miss. */
const PONG_WITHIN_MS = 10_000;
const PING_WITHIN_MS = 60_000;
const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 60_000;
/** A connection that lived so long was a good one: the next is opened at once. */
const GOOD_AFTER_MS = 10_000;
const TOKEN_RETRY_MS = 300_000;
/** How long a connection that Slack is about to end is kept for what it still brings. */
const LINGER_MS = 8_000;

/** One open connection. */
type Line = {
  readonly openedAtMs: number;
  /** Resolves when Slack warned that it will end, or when it ended. */
  readonly ending: Promise<void>;
  close(): void;
};

/**
 * The library's own way to reconnect waits five seconds each time, and gives up with an unhandled rejection when Slack cannot
 * be reached; so connections are kept open here. When Slack warns that one will end, the next is opened first.
 */
export function createSocketReceiver({ appToken, apiUrl, logger, log, clock }: SocketSetting): Receiver {
  const stopping = new AbortController();
  const lines = new Set<Line>();
  let app: App | null = null;
  let keeping: Promise<void> = Promise.resolve();

  async function open(): Promise<Line> {
    const receiver = new SocketModeReceiver({
      appToken,
      logger,
      autoReconnectEnabled: false,
      clientPingTimeout: PONG_WITHIN_MS,
      serverPingTimeout: PING_WITHIN_MS,
      installerOptions: {
        clientOptions: {
          ...(apiUrl === null ? {} : { slackApiUrl: apiUrl }),
          timeout: CALL_TIMEOUT_MS,
          retryConfig: { retries: 0 },
          rejectRateLimitedCalls: true,
        },
      },
      customPropertiesExtractor: ({ envelope_id: envelopeId }: { envelope_id?: unknown }) => ({ envelopeId }),
    });
    if (app !== null) receiver.init(app);
    const { client } = receiver;
    const close = (): void => void client.disconnect().catch(() => {});
    const ending = new Promise<void>((resolve) => {
      client.once('disconnected', () => resolve());
      holdOpen(client, resolve);
    });
    const patience = new AbortController();
    const late = clock.sleep(HELLO_WITHIN_MS, AbortSignal.any([patience.signal, stopping.signal])).then(() => {
      throw new Error('Slack opened a connection and said nothing.');
    });
    try {
      await Promise.race([receiver.start(), late]);
    } catch (thrown) {
      close();
      throw thrown instanceof Error ? thrown : new Error('The connection to Slack ended before it was ready.');
    } finally {
      patience.abort();
      late.catch(() => {});
    }
    const line: Line = { openedAtMs: clock.nowMs(), ending, close };
    lines.add(line);
    client.once('disconnected', () => lines.delete(line));
    return line;
  }

  /** @param first a connection, or why there is none yet */
  async function keep(first: Line | AppError): Promise<void> {
    let line = 'ending' in first ? first : null;
    let failures = 0;
    if (!('ending' in first)) {
      failures = 1;
      await report(first);
    }
    while (!stopping.signal.aborted) {
      if (line !== null) {
        log.info('slack is connected');
        await Promise.race([line.ending, aborted(stopping.signal)]);
        if (stopping.signal.aborted) return;
        failures = clock.nowMs() - line.openedAtMs > GOOD_AFTER_MS ? 0 : failures;
      }
      if (failures > 0) await clock.sleep(retryMs(failures), stopping.signal).catch(() => {});
      if (stopping.signal.aborted) return;
      const before: Line | null = line;
      try {
        line = await open();
        failures = before === null || clock.nowMs() - before.openedAtMs > GOOD_AFTER_MS ? 0 : failures + 1;
      } catch (thrown) {
        line = null;
        failures += 1;
        await report(toSocketError(thrown));
      }
      // What the old connection still brings is taken; then it goes, if Slack has not ended it.
      if (before !== null) void clock.sleep(LINGER_MS, stopping.signal).then(before.close, () => {});
    }
  }

  async function report(error: AppError): Promise<void> {
    log.error('slack is not connected', error);
    const retryAfterMs = error.details['retryAfterMs'];
    const waitMs =
      error.code === 'ADAPTER_TOKEN' ? TOKEN_RETRY_MS : typeof retryAfterMs === 'number' ? retryAfterMs : 0;
    if (waitMs > 0) await clock.sleep(waitMs, stopping.signal).catch(() => {});
  }

  return {
    init(initialised) {
      app = initialised;
    },
    /** Resolves also when Slack cannot be reached yet: it is tried on. @throws {AppError} `ADAPTER_TOKEN` */
    async start() {
      const first = await open().catch(toSocketError);
      if (!('ending' in first) && first.code === 'ADAPTER_TOKEN') throw first;
      keeping = keep(first);
    },
    async stop() {
      stopping.abort();
      for (const line of lines) line.close();
      await keeping;
    },
  };
}

/**
 * Stands between the connection and the library, which would close a warned connection at once (what Slack sends in between
 * would be answered by nobody) and ends the program with a frame that is no message.
 */
function holdOpen(client: SocketModeReceiver['client'], onWarning: () => void): void {
  const handlers = client.listeners('ws_message');
  client.removeAllListeners('ws_message');
  client.on('ws_message', (data: unknown, isBinary: unknown) => {
    const read = typeof data === 'string' ? frame.safeParse(readJson(data)) : null;
    if (read?.success !== true) return;
    const { type, reason, payload } = read.data;
    if (type === 'events_api' && payload?.event === undefined) return;
    if (type === 'disconnect' && reason === 'warning') onWarning();
    else for (const handle of handlers) handle.call(client, data, isBinary);
  });
}

/** As far as the library reads a message without looking; what has no payload says so by leaving it out. */
const frame = z.object({
  type: z.string(),
  reason: z.string().optional(),
  payload: z.object({ event: z.object({ type: z.string() }).optional() }).optional(),
});

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function toSocketError(thrown: unknown): AppError {
  const reason = reasonOf(thrown);
  if (reason !== null && TOKEN_ERRORS.includes(reason)) return tokenError('SLACK_APP_TOKEN', reason, thrown);
  return toSlackError(thrown, 'apps.connections.open');
}

function retryMs(failures: number): number {
  const delayMs = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1));
  // Many programs that lost Slack together must not come back together.
  return delayMs * (0.5 + Math.random() / 2);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
