// Where Easel may post: asked before anything is drawn, so that nobody waits for a picture that cannot come.

import { type AppError, type Clock, toAppError } from '../../src/index.ts';
import type { SlackApi } from './api.ts';
import { isDirect } from './scope.ts';

export type SlackPlaces = {
  /**
   * Whether the bot can post in this channel. What cannot be found out counts as yes: then Slack's answer to the post says it.
   *
   * @param user who asks there, for direct messages: between two people the bot is nowhere
   */
  mayPost(channel: string, user: string): Promise<boolean>;
  /** Why not, for the doctor; null: it may. */
  problem(channel: string, user: string): Promise<AppError | 'outside' | 'archived' | null>;
};

export type PlaceParts = {
  readonly api: SlackApi;
  readonly clock: Clock;
  directChannel(user: string): Promise<string>;
};

/** Long enough for a burst of requests, short enough for who has just invited the bot. */
const KEPT_MS = 30_000;
const KEPT_MAX = 2_000;
const PATIENCE_MS = 1_000;

export function createSlackPlaces({ api, clock, directChannel }: PlaceParts): SlackPlaces {
  const known = new Map<string, number>();

  async function problem(channel: string, user: string): Promise<AppError | 'outside' | 'archived' | null> {
    try {
      if (isDirect(channel)) return (await directChannel(user)) === channel ? null : 'outside';
      const { channel: found } = await api.run(
        'conversations.info',
        (client) => client.conversations.info({ channel }),
        { patienceMs: PATIENCE_MS },
      );
      if (found?.is_archived === true) return 'archived';
      return found?.is_member === false ? 'outside' : null;
    } catch (thrown) {
      const error = toAppError(thrown, 'ADAPTER_UNAVAILABLE');
      // A private channel that the bot is not in is not there for it.
      return error.code === 'ADAPTER_CHANNEL_GONE' ? 'outside' : error;
    }
  }

  return {
    problem,
    async mayPost(channel, user) {
      const untilMs = known.get(channel) ?? 0;
      if (untilMs > clock.nowMs()) return true;
      const found = await problem(channel, user);
      if (found === 'outside' || found === 'archived') return false;
      known.delete(channel);
      known.set(channel, clock.nowMs() + KEPT_MS);
      const oldest = known.keys().next().value;
      if (known.size > KEPT_MAX && oldest !== undefined) known.delete(oldest);
      return true;
    },
  };
}
