/** The tracker of reactions over the store: claimed there first, so that two processes and a restart agree on who does what. */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../ops/clock.ts';
import { step } from '../ops/step.ts';
import type { Generation, ReactionKey } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import type { Asker, Asking, Outcome, Studio } from '../studio/studio.ts';
import { type ControlAction, readReaction } from './control.ts';
import type { Connection } from './desk/context.ts';
import type { MessageRef } from './messages.ts';
import type { ReactionAnswer, ReactionAsk, ReactionTracker, TellReaction } from './reactions.ts';
import type { View } from './view.ts';
import { outcomeView } from './views.ts';
import { toLocale } from './words.ts';

export type ReactionParts = {
  store: Pick<Store, 'reactions'>;
  studio: Studio;
  clock: Clock;
  connection(platform: string): Connection | undefined;
  /** Default: three seconds. */
  takeBackMs?: number;
};

export const TAKE_BACK_MS = 3_000;
/** A number after ⬆️ says which picture to upscale. */
const NUMBER_AFTER_MS = 30_000;
/** Nobody works so long on one: the process that claimed it is gone. */
const STALE_MS = 10_000;
const UPSCALE = '⬆️';
const KEEP = '⭐';
const NOTHING: ReactionAnswer = { outcome: null, view: null, waitsForNumber: false };

export function createReactionTracker(parts: ReactionParts): ReactionTracker {
  const { store, studio, clock } = parts;
  const takeBackMs = parts.takeBackMs ?? TAKE_BACK_MS;
  /** Being worked in this process: taking one back waits for it. */
  const working = new Map<string, Promise<unknown>>();

  async function add(asker: Asker, ask: ReactionAsk, tell?: TellReaction): Promise<ReactionAnswer> {
    const generation = await generationOf(asker, ask.message);
    if (generation === null) return NOTHING;
    const action = readReaction(ask.emoji, { generationId: generation.id, finished: isFinished(generation) });
    // A form cannot be opened from a reaction.
    if (action === null || action.kind === 'edit') return NOTHING;
    const key = keyOf(ask.message, asker, ask.emoji);
    const claim = {
      generationId: generation.id,
      requestKey: `reaction:${randomUUID()}`,
      ...{ nowMs: clock.nowMs(), staleMs: STALE_MS },
    };
    const requestKey = await step('reacted', () => store.reactions.add(key, claim));
    if (requestKey === null) return NOTHING;
    const answer = await work({ ...asker, requestKey, target: ask.target }, ask, generation, action);
    await step('reacted', () => store.reactions.done(key));
    if (answer.view !== null) await (tell ?? tellDirectly(asker, ask.message))(answer.view);
    return answer;
  }

  /** By the id that came with the message, where the platform knows it, else by where the message is. */
  async function generationOf(asker: Asker, message: MessageRef): Promise<Generation | null> {
    const { platform, channel, messageId, generationId } = message;
    if (typeof generationId !== 'string') return studio.ofMessage(platform, channel, messageId);
    const shown = await studio.show(asker, generationId);
    return shown.kind === 'found' ? shown.value : null;
  }

  async function work(
    asking: Asking,
    { message }: ReactionAsk,
    generation: Generation,
    asked: ControlAction,
  ): Promise<ReactionAnswer> {
    const action = asked.kind === 'vary' && (await isNumbering(asking, message)) ? upscaleOf(asked) : asked;
    const isAmbiguous = action.kind === 'upscale' && action.pictureIndex === null && generation.pictures.length > 1;
    if (isAmbiguous) return { ...NOTHING, waitsForNumber: true };
    const outcome =
      action.kind === 'keep' ? await studio.keep(asking, generation.id, true) : await studio.press(asking, action);
    return { outcome, view: outcome.kind === 'refused' ? await viewOf(asking, outcome) : null, waitsForNumber: false };
  }

  async function isNumbering(asker: Asker, message: MessageRef): Promise<boolean> {
    const sinceMs = await store.reactions.atMs(keyOf(message, asker, UPSCALE));
    return sinceMs !== null && clock.nowMs() - sinceMs <= NUMBER_AFTER_MS;
  }

  async function viewOf({ scope, locale }: Asker, outcome: Outcome): Promise<View | null> {
    const { language } = await studio.settings(scope);
    return outcomeView(outcome, language ?? toLocale(locale));
  }

  /** A direct message; who takes none sees a mark on the message, so that silence never means "no". */
  function tellDirectly({ scope }: Asker, message: MessageRef): TellReaction {
    return async (view) => {
      const connection = parts.connection(scope.platform);
      try {
        await step('direct', async () => connection?.messages.direct(scope, view));
      } catch {
        await step('warn', async () => connection?.warn?.(message)).catch(() => {});
      }
    };
  }

  async function takeBack(asker: Asker, ask: Omit<ReactionAsk, 'target'>): Promise<ReactionAnswer> {
    const key = keyOf(ask.message, asker, ask.emoji);
    const removed = await step('reacted', () => store.reactions.remove(key));
    if (removed === null) return NOTHING;
    const { generationId, requestKey, atMs } = removed;
    let outcome: Outcome | null = null;
    if (key.emoji === plain(KEEP)) {
      if ((await store.reactions.count(generationId, key.emoji)) > 0) return NOTHING;
      outcome = await studio.keep(asker, generationId, false);
    } else if (clock.nowMs() - atMs <= takeBackMs) {
      outcome = await studio.takeBack(asker, requestKey);
    }
    return { ...NOTHING, outcome: outcome?.kind === 'done' ? outcome : null };
  }

  /** What comes for the same reaction while it is worked waits its turn. */
  async function inTurn<T>(asker: Asker, message: MessageRef, emoji: string, task: () => Promise<T>): Promise<T> {
    const name = JSON.stringify(keyOf(message, asker, emoji));
    const before = working.get(name) ?? Promise.resolve();
    const turn = before.then(task, task);
    const settled = turn.catch(() => {});
    working.set(name, settled);
    try {
      return await turn;
    } finally {
      if (working.get(name) === settled) working.delete(name);
    }
  }

  return {
    add: (asker, ask, tell) => inTurn(asker, ask.message, ask.emoji, () => add(asker, ask, tell)),
    takeBack: (asker, ask) => inTurn(asker, ask.message, ask.emoji, () => takeBack(asker, ask)),
  };
}

function keyOf({ platform, channel, messageId }: MessageRef, { scope }: Asker, emoji: string): ReactionKey {
  return { platform, channel, messageId, user: scope.user, emoji: plain(emoji) };
}

/** Platforms differ in whether they send the selector that asks for a colourful glyph. */
function plain(emoji: string): string {
  return emoji.replaceAll('\uFE0F', '');
}

function upscaleOf(action: ControlAction): ControlAction {
  return { ...action, kind: 'upscale', strength: null };
}

function isFinished({ status }: Generation): boolean {
  return status !== 'queued' && status !== 'drawing';
}
