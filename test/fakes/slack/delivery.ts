/** What Slack sends to the app: each envelope until it is acknowledged in 3 s, events three times more. */
import type { ProtocolClock } from '../protocol/clock.ts';
import type { Ids } from './ids.ts';

export type EnvelopeKind = 'slash_commands' | 'interactive' | 'events_api';
export type Payload = Readonly<Record<string, unknown>>;

export type Envelope = {
  readonly id: string;
  readonly kind: EnvelopeKind;
  readonly payload: Payload;
  /** Whether the acknowledgement may say something: a message, errors of a form. */
  readonly takesAnswer: boolean;
  /** 0 the first time. */
  readonly retryNumber: number;
  /** Why the last try failed. */
  readonly retryReason: string;
};

export type Attempt = {
  readonly envelope: Envelope;
  readonly atMs: number;
  /** `timeout`: not in 3 s. Otherwise why it could not be sent, or was not taken. */
  outcome: 'waiting' | 'acknowledged' | 'timeout' | 'connection_failed' | 'http_error';
  /** Of the wall clock; null as long as it is not acknowledged. */
  ackMs: number | null;
};

/** It was acknowledged, with what the app said, or given up on. */
export type DeliveryEnd = { isAcknowledged: boolean; answer: Payload };

export type Delivery = {
  readonly kind: EnvelopeKind;
  readonly payload: Payload;
  readonly attempts: readonly Attempt[];
  readonly done: Promise<DeliveryEnd>;
};

export type Sent = { outcome: Exclude<Attempt['outcome'], 'waiting'>; answer?: Payload; stopRetries?: boolean };

/** Brings an envelope to the app and waits for what it says. */
export type Transport = { send(envelope: Envelope): Promise<Sent> };

export const ACK_WITHIN_MS = 3_000;
/** At once, a minute later, five minutes later. https://docs.slack.dev/apis/events-api/#retries */
export const RETRY_AFTER_MS: readonly number[] = [0, 60_000, 300_000];

export type Courier = {
  readonly deliveries: readonly Delivery[];
  /**
   * @param takesAnswer whether the acknowledgement may say something
   * @param onDone what a person's client makes of it; before `done` settles
   */
  deliver(kind: EnvelopeKind, payload: Payload, takesAnswer: boolean, onDone?: (end: DeliveryEnd) => void): Delivery;
  /** The same once more, as Slack sometimes does although it was acknowledged; `new`: under another envelope id. */
  again(delivery: Delivery, envelope: 'same' | 'new'): Delivery;
};

export function createCourier(clock: ProtocolClock, ids: Ids, transport: () => Transport): Courier {
  const deliveries: Delivery[] = [];

  type First = Omit<Envelope, 'retryNumber' | 'retryReason'>;
  function start(first: First, onDone: (end: DeliveryEnd) => void = () => undefined): Delivery {
    const attempts: Attempt[] = [];
    const run = async (): Promise<DeliveryEnd> => {
      let reason = '';
      for (let retryNumber = 0; ; retryNumber += 1) {
        const id = retryNumber === 0 ? first.id : `${first.id}-retry-${retryNumber}`;
        const envelope: Envelope = { ...first, id, retryNumber, retryReason: reason };
        const attempt: Attempt = { envelope, atMs: clock.nowMs(), outcome: 'waiting', ackMs: null };
        attempts.push(attempt);
        const startedMs = performance.now();
        const { outcome, answer = {}, stopRetries = false } = await transport().send(envelope);
        attempt.outcome = outcome;
        if (outcome === 'acknowledged') {
          attempt.ackMs = performance.now() - startedMs;
          return { isAcknowledged: true, answer };
        }
        const delayMs = RETRY_AFTER_MS[retryNumber];
        if (first.kind !== 'events_api' || delayMs === undefined || stopRetries)
          return { isAcknowledged: false, answer: {} };
        reason = outcome;
        if (delayMs > 0) await clock.sleep(delayMs);
      }
    };
    const done = run().then((end) => {
      onDone(end);
      return end;
    });
    const delivery: Delivery = { kind: first.kind, payload: first.payload, attempts, done };
    deliveries.push(delivery);
    return delivery;
  }

  const newId = () => {
    const hex = ids.secret();
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  };
  return {
    deliveries,
    deliver: (kind, payload, takesAnswer, onDone) => start({ id: newId(), kind, payload, takesAnswer }, onDone),
    again({ kind, payload, attempts }, envelope) {
      const [first] = attempts;
      if (first === undefined) throw new Error('Nothing was sent.');
      const { id, takesAnswer } = first.envelope;
      return start({ id: envelope === 'same' ? id : newId(), kind, payload, takesAnswer });
    },
  };
}
