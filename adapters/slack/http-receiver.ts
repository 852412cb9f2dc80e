// Signed requests: Slack calls this machine, at one path of the web page's own server.

import type { IncomingHttpHeaders } from 'node:http';
import { parse as parseForm } from 'node:querystring';
import { type App, isValidSlackRequest, type Receiver } from '@slack/bolt';
import { type Clock, type Log, toAppError } from '../../src/index.ts';

/** Under the web page's address; the manifest of a host that uses it names it. */
export const EVENTS_PATH = '/slack/events';

export type SignedRequest = { readonly headers: IncomingHttpHeaders; readonly body: Buffer };
export type SignedAnswer = { readonly status: number; readonly type: string; readonly body: string };

export type HttpReceiver = Receiver & {
  readonly path: string;
  /** Answers within three seconds, whatever the request starts. */
  answer(request: SignedRequest): Promise<SignedAnswer>;
};

export type HttpSetting = { readonly signingSecret: string; readonly log: Log; readonly clock: Clock };

/** The library checks that a request is not five minutes old; one from the future would be good for as long as it likes. */
const AHEAD_S_MAX = 300;
const ANSWER_WITHIN_MS = 2_800;

export function createHttpReceiver({ signingSecret, log, clock }: HttpSetting): HttpReceiver {
  let app: App | null = null;
  let isOpen = false;

  function isSigned({ headers, body }: SignedRequest): boolean {
    const signature = headers['x-slack-signature'];
    const stamp = headers['x-slack-request-timestamp'];
    if (typeof signature !== 'string' || typeof stamp !== 'string' || !/^\d{1,12}$/u.test(stamp)) return false;
    const stampS = Number(stamp);
    if (stampS > clock.nowMs() / 1000 + AHEAD_S_MAX) return false;
    return isValidSlackRequest({
      signingSecret,
      body: body.toString('utf8'),
      headers: { 'x-slack-signature': signature, 'x-slack-request-timestamp': stampS },
      nowMilliseconds: clock.nowMs(),
    });
  }

  async function handle(body: Record<string, unknown>, headers: IncomingHttpHeaders): Promise<SignedAnswer> {
    const retryNum = Number(headers['x-slack-retry-num']);
    const reason = headers['x-slack-retry-reason'];
    const acknowledged = new Promise<SignedAnswer>((resolve) => {
      const handled = app?.processEvent({
        body,
        ack: async (answer: unknown) => resolve(toAnswer(answer)),
        ...(Number.isInteger(retryNum) && retryNum > 0 ? { retryNum } : {}),
        ...(typeof reason === 'string' ? { retryReason: reason } : {}),
      });
      handled?.catch((thrown: unknown) => {
        log.error('slack request failed', toAppError(thrown));
        resolve(plain(500, ''));
      });
    });
    const patience = new AbortController();
    // Slack sends again what is not answered.
    const late = clock.sleep(ANSWER_WITHIN_MS, patience.signal).then(
      () => plain(503, ''),
      () => plain(503, ''),
    );
    const answer = await Promise.race([acknowledged, late]);
    patience.abort();
    return answer;
  }

  return {
    path: EVENTS_PATH,
    init(initialised) {
      app = initialised;
    },
    async start() {
      isOpen = true;
    },
    async stop() {
      isOpen = false;
    },
    async answer(request) {
      const body = readBody(request);
      // Slack checks the certificate with it; it carries nothing and is not signed.
      if (body?.['ssl_check'] === '1') return plain(200, '');
      if (!isSigned(request)) return plain(401, '');
      if (body === null) return plain(400, '');
      if (body['type'] === 'url_verification' && typeof body['challenge'] === 'string') {
        return { status: 200, type: 'application/json', body: JSON.stringify({ challenge: body['challenge'] }) };
      }
      return isOpen ? handle(body, request.headers) : plain(503, '');
    },
  };
}

function readBody({ headers, body }: SignedRequest): Record<string, unknown> | null {
  try {
    const text = body.toString('utf8');
    if (!(headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded'))
      return toRecord(JSON.parse(text));
    const form = parseForm(text);
    return typeof form['payload'] === 'string' ? toRecord(JSON.parse(form['payload'])) : { ...form };
  } catch {
    return null;
  }
}

function toRecord(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
}

function toAnswer(answer: unknown): SignedAnswer {
  if (answer === undefined || answer === null || answer === '') return plain(200, '');
  if (typeof answer === 'string') return plain(200, answer);
  return { status: 200, type: 'application/json', body: JSON.stringify(answer) };
}

function plain(status: number, body: string): SignedAnswer {
  return { status, type: 'text/plain; charset=utf-8', body };
}
