// Where a request on Slack comes from, in the core's words. Slack's words (team, ts, trigger) stop at this adapter.

import type { JsonObject } from '../../src/index.ts';

export const PLATFORM = 'slack';

/** What a request needs to be answered where it was asked: the thread it was asked in. */
export type SlackTarget = { readonly thread: string | null };

export function toTarget(thread: string | null | undefined): JsonObject {
  return thread === null || thread === undefined ? {} : { thread };
}

/** @param target stored with a request, perhaps by an older version */
export function readTarget(target: JsonObject): SlackTarget {
  const thread = target['thread'];
  return { thread: typeof thread === 'string' && /^\d+\.\d+$/u.test(thread) ? thread : null };
}

/** Direct messages between two people, and those with the bot, look the same: a `D`. */
export function isDirect(channel: string): boolean {
  return channel.startsWith('D');
}
