/** Reactions as requests: what each asks for, done once however often a platform tells of it, and taken back with it. */
import type { JsonObject } from '../store/records.ts';
import type { Asker, Outcome } from '../studio/studio.ts';
import type { MessageRef } from './messages.ts';
import type { View } from './view.ts';

export type ReactionAsk = {
  message: MessageRef;
  /** As Unicode; a platform's own names (`one`, `repeat`) are the adapter's to translate. */
  emoji: string;
  /** For the message that answers it: a thread, say. */
  target: JsonObject;
};

export type ReactionAnswer = {
  /** null: not one of ours, told before, or one that asks for nothing. */
  outcome: Outcome | null;
  /** To be told to the person alone, and told already where the platform has messages: see `tell`. */
  view: View | null;
  /** It waits for a number by the same person: ⬆️ on a sheet. */
  waitsForNumber: boolean;
};

/** How an answer reaches the person. Default: a direct message, else a ⚠️ on the message. */
export type TellReaction = (view: View) => Promise<void>;

/**
 * One tracker for every platform; leave out what the bot itself and other bots do.
 *
 * A reaction is (message, person, emoji): the same again, also after a restart or in another process, does nothing.
 */
export type ReactionTracker = {
  add(asker: Asker, reaction: ReactionAsk, tell?: TellReaction): Promise<ReactionAnswer>;
  /** Within three seconds its request goes too: cancelled, or removed where it was drawn already. A ⭐ is un-kept at any time. */
  takeBack(asker: Asker, reaction: Omit<ReactionAsk, 'target'>): Promise<ReactionAnswer>;
};
