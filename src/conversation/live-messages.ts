/** Placeholders of one platform while their jobs wait and are drawn: who is edited next, within the budget they share. */
import { setMaxListeners } from 'node:events';
import { toAppError } from '../errors.ts';
import type { Clock } from '../ops/clock.ts';
import { step } from '../ops/step.ts';
import { createEditBudget, type EditBudget } from './edit-budget.ts';
import type { ChannelLimits, MessageRef, Messages } from './messages.ts';
import type { View } from './view.ts';

export type LiveMessagesParts = {
  messages: Messages;
  limits: ChannelLimits;
  clock: Clock;
  /** What the message should show now; null: it is at its end, leave it alone. */
  viewOf(generationId: string): Promise<View | null>;
  /** The message of a generation that was posted before this start; null: none yet. */
  lookUp(generationId: string): Promise<{ ref: MessageRef; createdAtMs: number } | null>;
  onTrouble(generationId: string, thrown: unknown): void;
};

export type LiveMessages = {
  readonly budget: EditBudget;
  /** @param view what it was posted with; absent: unknown, so that the next touch edits it */
  track(generationId: string, ref: MessageRef, createdAtMs: number, view?: View): void;
  /** It shows something older than what is true; edited when the budget allows, a painting before a waiting one. */
  touch(generationId: string, urgency: Urgency): void;
  /** No more edits of it; resolves when none is on its way, so that nothing can overtake the result. */
  stop(generationId: string): Promise<void>;
  close(): Promise<void>;
};

export type Urgency = 'painting' | 'waiting';

type Live = {
  ref: MessageRef;
  createdAtMs: number;
  editedAtMs: number;
  shown: string;
};

/** Edits on their way at once: one slow answer must not hold up the others. */
const EDITS_AT_ONCE = 4;
const RETRY_DELAY_MS = 1_000;

export function createLiveMessages(parts: LiveMessagesParts): LiveMessages {
  const { messages, limits, clock, viewOf, lookUp, onTrouble } = parts;
  const budget = createEditBudget(limits.editsPerMinute, clock);
  const live = new Map<string, Live>();
  const dirty = new Map<string, Urgency>();
  const stopped = new Set<string>();
  const closing = new AbortController();
  // Every edit on its way listens, and clients listen several times for one call.
  setMaxListeners(0, closing.signal);
  /** On their way, from looking their message up on: two of one message could land in the wrong order. */
  const edits = new Map<string, Promise<void>>();
  let timer = new AbortController();
  let isScheduled = false;

  const editableAtMs = (id: string) => (live.get(id)?.editedAtMs ?? 0) + limits.editGapMs;

  /** Paintings first; among equals the one that has waited longest. */
  function choose(nowMs: number): string | undefined {
    let best: string | undefined;
    for (const [id, urgency] of dirty) {
      if (editableAtMs(id) > nowMs || edits.has(id)) continue;
      if (best === undefined) best = id;
      else if (urgency !== dirty.get(best)) best = urgency === 'painting' ? id : best;
      else if (editableAtMs(id) < editableAtMs(best)) best = id;
    }
    return best;
  }

  function pump(): void {
    if (closing.signal.aborted) return;
    while (edits.size < EDITS_AT_ONCE && dirty.size > 0) {
      const id = choose(clock.nowMs());
      if (id === undefined || !budget.tryTake()) {
        schedule(id === undefined ? earliestMs() : budget.waitMs());
        return;
      }
      dirty.delete(id);
      const ended = edit(id).finally(() => {
        edits.delete(id);
        pump();
      });
      edits.set(id, ended);
    }
  }

  function earliestMs(): number {
    let atMs = Number.POSITIVE_INFINITY;
    // One on its way pumps again when it ends.
    for (const id of dirty.keys()) if (!edits.has(id)) atMs = Math.min(atMs, editableAtMs(id));
    return Math.max(1, atMs - clock.nowMs());
  }

  function schedule(delayMs: number): void {
    if (isScheduled || delayMs === Number.POSITIVE_INFINITY) return;
    isScheduled = true;
    timer = new AbortController();
    clock.sleep(Math.max(1, delayMs), AbortSignal.any([timer.signal, closing.signal])).then(
      () => {
        isScheduled = false;
        pump();
      },
      () => {
        isScheduled = false;
      },
    );
  }

  async function edit(id: string): Promise<void> {
    const message = live.get(id) ?? (await find(id));
    if (message === null || stopped.has(id)) return;
    if (clock.nowMs() - message.createdAtMs > limits.editableForMs) return;
    message.editedAtMs = clock.nowMs();
    await show(id, message);
  }

  async function show(id: string, message: Live): Promise<void> {
    try {
      const view = await viewOf(id);
      if (view === null || stopped.has(id)) return;
      const shown = signature(view);
      if (shown === message.shown) return;
      await step('show', () => messages.edit(message.ref, view, closing.signal));
      message.shown = shown;
    } catch (thrown) {
      const error = toAppError(thrown, 'ADAPTER_UNAVAILABLE');
      const retryAfterMs = error.details['retryAfterMs'];
      if (error.code === 'ADAPTER_BUSY')
        budget.slowDown(typeof retryAfterMs === 'number' ? retryAfterMs : RETRY_DELAY_MS);
      // The next change tries again; a message that is gone is the deliverer's matter.
      if (!closing.signal.aborted) onTrouble(id, error);
    }
  }

  async function find(id: string): Promise<Live | null> {
    try {
      const found = await lookUp(id);
      if (found === null || stopped.has(id)) return null;
      const known = live.get(id);
      if (known !== undefined) return known;
      const message = { ...found, editedAtMs: 0, shown: '' };
      live.set(id, message);
      return message;
    } catch (thrown) {
      onTrouble(id, thrown);
      return null;
    }
  }

  return {
    budget,
    track(id, ref, createdAtMs, view) {
      if (stopped.has(id) || live.has(id)) return;
      const shown = view === undefined ? '' : signature(view);
      live.set(id, { ref, createdAtMs, editedAtMs: clock.nowMs(), shown });
    },
    touch(id, urgency) {
      if (stopped.has(id)) return;
      if (dirty.get(id) !== 'painting') dirty.set(id, urgency);
      timer.abort();
      isScheduled = false;
      pump();
    },
    async stop(id) {
      stopped.add(id);
      dirty.delete(id);
      await edits.get(id);
      live.delete(id);
      stopped.delete(id);
    },
    async close() {
      closing.abort();
      await Promise.allSettled(edits.values());
    },
  };
}

/** Two views with the same signature look the same; a preview by its length, which is enough to tell rows apart. */
function signature({ image, ...view }: View): string {
  return JSON.stringify([view, image?.bytes.length ?? 0]);
}
