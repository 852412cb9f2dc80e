/** Signed HTTP: the same envelopes as requests to the app's own address. https://docs.slack.dev/authentication/verifying-requests-from-slack */
import { createHmac } from 'node:crypto';
import type { ProtocolClock } from '../protocol/clock.ts';
import type { Envelope, Payload, Sent, Transport } from './delivery.ts';

export type SignedRequest = { body: string; headers: Record<string, string> };

/** How a request is signed, or how somebody who is not Slack would try to. */
export type Signing = { secret: string; timestampS: number };

/** @returns a request as Slack makes it: commands as forms, interactions as a form with JSON in it, events as JSON */
export function signedRequest(
  { kind, payload, retryNumber, retryReason }: Envelope,
  { secret, timestampS }: Signing,
): SignedRequest {
  const isEvent = kind === 'events_api';
  const body = isEvent ? JSON.stringify(payload) : new URLSearchParams(formOf(kind, payload)).toString();
  const signature = createHmac('sha256', secret).update(`v0:${timestampS}:${body}`).digest('hex');
  return {
    body,
    headers: {
      'content-type': isEvent ? 'application/json' : 'application/x-www-form-urlencoded',
      'x-slack-signature': `v0=${signature}`,
      'x-slack-request-timestamp': String(timestampS),
      ...(retryNumber === 0
        ? {}
        : { 'x-slack-retry-num': String(retryNumber), 'x-slack-retry-reason': httpReason(retryReason) }),
    },
  };
}

function formOf(kind: Envelope['kind'], payload: Payload): Record<string, string> {
  if (kind === 'interactive') return { payload: JSON.stringify(payload) };
  return Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, String(value)]));
}

const httpReason = (reason: string): string => (reason === 'timeout' ? 'http_timeout' : reason);

export function createSignedHttp(
  clock: ProtocolClock,
  { url, secret, ackWithinMs }: { url: string; secret: string; ackWithinMs: number },
): Transport {
  return {
    async send(envelope): Promise<Sent> {
      const signed = signedRequest(envelope, { secret, timestampS: Math.floor(clock.nowMs() / 1_000) });
      const late = new AbortController();
      const stop = clock.after(ackWithinMs, () => late.abort());
      try {
        const response = await fetch(url, { method: 'POST', ...signed, signal: late.signal, redirect: 'error' });
        const text = await response.text();
        const stopRetries = response.headers.get('x-slack-no-retry') === '1';
        if (!response.ok) return { outcome: 'http_error', stopRetries };
        return { outcome: 'acknowledged', answer: readAnswer(text) };
      } catch {
        return { outcome: late.signal.aborted ? 'timeout' : 'connection_failed' };
      } finally {
        stop();
      }
    },
  };
}

function readAnswer(text: string): Payload {
  if (text === '') return {};
  return text.startsWith('{') ? (JSON.parse(text) as Payload) : { text };
}
