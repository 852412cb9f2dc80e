// What Discord needs to answer a request, kept with it: the thread, and the interaction's token while it lives.

import { z } from 'zod';
import type { JsonObject } from '../../src/index.ts';

const targetSchema = z.object({
  /** A thread or a post of a forum in the scope's channel. */
  thread: z.string().nullable().default(null),
  /** Of the interaction: answers to one person go by it while it lives. */
  token: z.string().nullable().default(null),
  tokenUntilMs: z.number().default(0),
  /** The bot is not in this place (an app that a person installed for themselves): only the token reaches it. */
  byTokenOnly: z.boolean().default(false),
  /** Everyone may not write there: a direct channel. */
  isDirect: z.boolean().default(false),
});
export type Target = z.infer<typeof targetSchema>;

const TOKEN_LIFE_MS = 15 * 60_000;
/** A request that is on its way when it dies comes too late. */
const TOKEN_MARGIN_MS = 30_000;

export function readTarget(target: JsonObject): Target {
  const read = targetSchema.safeParse(target);
  return read.success ? read.data : targetSchema.parse({});
}

export function writeTarget(target: Partial<Target>): JsonObject {
  return { ...target };
}

/** @param createdAtMs of the interaction */
export function tokenUntil(createdAtMs: number): number {
  return createdAtMs + TOKEN_LIFE_MS - TOKEN_MARGIN_MS;
}

export function liveToken({ token, tokenUntilMs }: Target, nowMs: number): string | null {
  return nowMs < tokenUntilMs ? token : null;
}

const BY_TOKEN = '@token:';

/** A message that only a token reaches is kept under it: the id of its channel would not help. */
export function toTokenChannel(token: string): string {
  return `${BY_TOKEN}${token}`;
}

/** @returns null for an ordinary channel */
export function tokenOfChannel(channel: string): string | null {
  return channel.startsWith(BY_TOKEN) ? channel.slice(BY_TOKEN.length) : null;
}
