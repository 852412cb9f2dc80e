/** What an interaction lends the app: a trigger_id (3 s, once) and a response_url (30 minutes, five times). */
import type { ProtocolClock } from '../protocol/clock.ts';
import type { Ids } from './ids.ts';
import { SlackRefusal } from './refusal.ts';

export const TRIGGER_LIFE_MS = 3_000;
export const RESPONSE_URL_LIFE_MS = 30 * 60_000;
export const RESPONSE_URL_USES = 5;

/** Where an answer through a response_url goes. */
export type ResponseTarget = {
  user: string;
  channel: string;
  threadTs: string | null;
  /** The message that was acted on, which may be replaced; an ephemeral one too. */
  originalTs: string | null;
};

export type Triggers = {
  issue(user: string): string;
  /** @returns whose it was. @throws {SlackRefusal} when it is unknown, late or spent */
  exchange(triggerId: string): string;
  issueResponseUrl(target: ResponseTarget): string;
  /** @param path of the response_url. @throws {SlackRefusal} `used_url`, `expired_url` */
  spendResponseUrl(path: string): ResponseTarget;
};

/** @param lifeMs of a trigger_id */
export function createTriggers(
  clock: Pick<ProtocolClock, 'nowMs'>,
  ids: Ids,
  origin: () => string,
  lifeMs: number,
): Triggers {
  const triggers = new Map<string, { user: string; atMs: number; isSpent: boolean }>();
  const urls = new Map<string, { target: ResponseTarget; atMs: number; uses: number }>();
  return {
    issue(user) {
      const id = `${clock.nowMs()}.${user}.${ids.secret()}`;
      triggers.set(id, { user, atMs: clock.nowMs(), isSpent: false });
      return id;
    },
    exchange(triggerId) {
      const trigger = triggers.get(triggerId);
      if (trigger === undefined) throw new SlackRefusal('invalid_trigger_id', {}, true);
      if (trigger.isSpent) throw new SlackRefusal('exchanged_trigger_id');
      if (clock.nowMs() - trigger.atMs > lifeMs) throw new SlackRefusal('expired_trigger_id');
      trigger.isSpent = true;
      return trigger.user;
    },
    issueResponseUrl(target) {
      const path = `/commands/${ids.secret()}`;
      urls.set(path, { target, atMs: clock.nowMs(), uses: 0 });
      return `${origin()}${path}`;
    },
    spendResponseUrl(path) {
      const url = urls.get(path);
      if (url === undefined) throw new SlackRefusal('no_such_url', {}, true);
      if (clock.nowMs() - url.atMs > RESPONSE_URL_LIFE_MS) throw new SlackRefusal('expired_url');
      if (url.uses >= RESPONSE_URL_USES) throw new SlackRefusal('used_url');
      url.uses += 1;
      return url.target;
    },
  };
}
