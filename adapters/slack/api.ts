// The Web API client: a real timeout, and one policy of trying again, under our own budgets.

import { type Logger, webApi } from '@slack/bolt';
import { AppError, type Clock, toAppError } from '../../src/index.ts';
import { busyError, toSlackError } from './api-errors.ts';
import type { Rendered } from './blocks.ts';
import type { Method } from './manifest.ts';

export type ApiSetting = {
  readonly token: string;
  /** null: Slack itself. */
  readonly apiUrl: string | null;
  readonly logger: Logger;
  readonly clock: Clock;
};

export type SlackApi = {
  /**
   * Calls one method.
   *
   * A method that only reads, or that can be repeated without harm, is tried again after a failure on the way. One that
   * Slack asked to leave alone for a while fails at once until then, and is waited for where somebody waits anyway.
   *
   * @param work must be safe to call twice where the plan says so
   * @throws {AppError} of the area ADAPTER, `details.reason` is Slack's own word
   */
  run<T>(method: Method, work: (client: webApi.WebClient) => Promise<T>, plan?: CallPlan): Promise<T>;
  /** Bytes to an address that Slack gave for one upload. @throws {AppError} `ADAPTER_UNAVAILABLE` */
  upload(url: string, bytes: Uint8Array, mediaType: string, signal?: AbortSignal): Promise<void>;
  /** An answer to one person, at the address that came with what they did. @throws {AppError} `ADAPTER_UNAVAILABLE` */
  respond(url: string, message: Rendered): Promise<void>;
};

export type CallPlan = {
  /** Default: as the table says. A post is never repeated: nobody knows whether the first one arrived. */
  readonly repeatable?: boolean;
  /** How long a pause that Slack asks for is waited for; longer ones fail with `ADAPTER_BUSY`. Default: 0. */
  readonly patienceMs?: number;
  readonly signal?: AbortSignal | undefined;
};

/** What may have happened already when its answer is lost, and must not happen twice. */
const UNREPEATABLE: readonly Method[] = ['chat.postMessage', 'chat.postEphemeral', 'views.open', 'views.push'];

const TIMEOUT_MS = 10_000;
const UPLOAD_TIMEOUT_MS = 60_000;
const CALLS_AT_ONCE = 32;
const TRIES = 3;
const FIRST_RETRY_MS = 300;

export function createSlackApi({ token, apiUrl, logger, clock }: ApiSetting): SlackApi {
  const client = new webApi.WebClient(token, {
    ...(apiUrl === null ? {} : { slackApiUrl: apiUrl }),
    timeout: TIMEOUT_MS,
    // Ours is below: the library's would wait half an hour while a person looks at nothing.
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    maxRequestConcurrency: CALLS_AT_ONCE,
    logger,
  });
  const quietUntilMs = new Map<Method, number>();

  async function once<T>(method: Method, work: (client: webApi.WebClient) => Promise<T>): Promise<T> {
    const quietMs = (quietUntilMs.get(method) ?? 0) - clock.nowMs();
    if (quietMs > 0) throw busyError(quietMs, method);
    try {
      return await work(client);
    } catch (thrown) {
      const error = toSlackError(thrown, method);
      const retryAfterMs = error.details['retryAfterMs'];
      if (error.code === 'ADAPTER_BUSY' && typeof retryAfterMs === 'number') {
        quietUntilMs.set(method, clock.nowMs() + retryAfterMs);
      }
      throw error;
    }
  }

  return {
    async run(method, work, { repeatable = !UNREPEATABLE.includes(method), patienceMs = 0, signal } = {}) {
      const patientUntilMs = clock.nowMs() + patienceMs;
      for (let tries = 1; ; tries += 1) {
        try {
          return await orAborted(once(method, work), signal);
        } catch (thrown) {
          const error = toAppError(thrown, 'ADAPTER_UNAVAILABLE');
          const delayMs = delayOf(error, tries, repeatable);
          const isLate =
            delayMs === null || (error.code === 'ADAPTER_BUSY' && clock.nowMs() + delayMs > patientUntilMs);
          if (isLate || signal?.aborted === true) throw error;
          await clock.sleep(delayMs, signal);
        }
      }
    },
    async upload(url, bytes, mediaType, signal) {
      for (let tries = 1; ; tries += 1) {
        try {
          return await put(url, new Uint8Array(bytes), mediaType, signal);
        } catch (thrown) {
          const error = toAppError(thrown, 'ADAPTER_UNAVAILABLE');
          if (tries >= TRIES || signal?.aborted === true) throw error;
          await clock.sleep(FIRST_RETRY_MS * 2 ** (tries - 1), signal);
        }
      }
    },
    respond: (url, message) =>
      put(url, JSON.stringify({ ...message, response_type: 'ephemeral', replace_original: false }), 'application/json'),
  };
}

/** @returns null: not again */
function delayOf(error: AppError, tries: number, repeatable: boolean): number | null {
  if (error.code === 'ADAPTER_BUSY') {
    // Refused before it did anything: that may be repeated whatever it is.
    const retryAfterMs = error.details['retryAfterMs'];
    return typeof retryAfterMs === 'number' ? retryAfterMs : FIRST_RETRY_MS;
  }
  if (error.code !== 'ADAPTER_UNAVAILABLE' || !repeatable || tries >= TRIES) return null;
  return FIRST_RETRY_MS * 2 ** (tries - 1);
}

async function put(
  url: string,
  body: Uint8Array<ArrayBuffer> | string,
  mediaType: string,
  signal?: AbortSignal,
): Promise<void> {
  const timeout = AbortSignal.timeout(UPLOAD_TIMEOUT_MS);
  let status: number;
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': mediaType },
      body,
      redirect: 'error',
      signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
    });
    await response.arrayBuffer();
    status = response.status;
  } catch (cause) {
    throw new AppError('ADAPTER_UNAVAILABLE', 'Slack could not be reached; it is tried again.', { cause });
  }
  if (status !== 200) {
    throw new AppError('ADAPTER_UNAVAILABLE', `Slack answered with ${status}; it is tried again.`, {
      details: { status },
    });
  }
}

/** The library cannot be told to stop: what it still does is left alone. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      reject(new AppError('ADAPTER_UNAVAILABLE', 'Easel closes; the call was given up.', { cause: signal.reason }));
    };
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
