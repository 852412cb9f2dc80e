/** The names that Slack gives: `C0000000001`, and times of messages that are their ids too. */
import { createHash } from 'node:crypto';
import type { ProtocolClock } from '../protocol/clock.ts';

export type Ids = {
  /** @param prefix C channel, D direct message, U user, F file, V view, Ev event */
  next(prefix: string): string;
  /** A time as Slack writes it, never the same twice. */
  nextTs(): string;
  /** Nobody can guess it, and every run of a test has the same. */
  secret(): string;
};

export function createIds({ nowMs }: Pick<ProtocolClock, 'nowMs'>): Ids {
  let last = 0;
  let lastMicros = 0;
  return {
    next: (prefix) => `${prefix}${String(++last).padStart(10, '0')}`,
    nextTs() {
      lastMicros = Math.max(nowMs() * 1_000, lastMicros + 1);
      return `${Math.floor(lastMicros / 1_000_000)}.${String(lastMicros % 1_000_000).padStart(6, '0')}`;
    },
    secret: () => createHash('sha256').update(`secret ${++last}`).digest('hex').slice(0, 32),
  };
}
