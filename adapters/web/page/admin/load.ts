// Loading and doing, with what may go wrong said to the person.

import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { api, type LimitAction, Refusal } from './api.ts';
import { doorReason, here, me, say } from './state.ts';

export type Loaded<T> = {
  readonly value: Signal<T | null>;
  readonly problem: Signal<string>;
  readonly again: () => void;
};

/** Loads when the view opens, and again when the place or one of `keys` changes; the last answer stays until then. */
export function useLoaded<T>(load: () => Promise<T>, keys: readonly unknown[] = []): Loaded<T> {
  const value = useSignal<T | null>(null);
  const problem = useSignal('');
  const turn = useSignal(0);
  useEffect(() => {
    let isWanted = true;
    load().then(
      (loaded) => {
        if (!isWanted) return;
        value.value = loaded;
        problem.value = '';
      },
      (thrown: unknown) => {
        if (isWanted) problem.value = wordsOf(thrown);
      },
    );
    return () => {
      isWanted = false;
    };
  }, [here.value, turn.value, ...keys]);
  return {
    value,
    problem,
    again: () => {
      turn.value += 1;
    },
  };
}

export type Pages<T> = {
  readonly items: readonly T[];
  /** The first page came, if only with nothing. */
  readonly isLoaded: boolean;
  readonly hasMore: boolean;
  readonly problem: Signal<string>;
  readonly more: () => void;
  readonly again: () => void;
};

/** A list that comes page by page; it begins anew when the place or one of `keys` changes. */
export function usePages<T>(
  load: (before: string | null) => Promise<{ readonly items: readonly T[]; readonly next: string | null }>,
  keys: readonly unknown[],
): Pages<T> {
  const later = useSignal<readonly T[]>([]);
  const next = useSignal<string | null>(null);
  const first = useLoaded(async () => {
    const page = await load(null);
    later.value = [];
    next.value = page.next;
    return page.items;
  }, keys);
  const loadMore = async () => {
    const page = await load(next.value);
    later.value = [...later.value, ...page.items];
    next.value = page.next;
  };
  return {
    items: [...(first.value.value ?? []), ...later.value],
    isLoaded: first.value.value !== null,
    hasMore: next.value !== null,
    problem: first.problem,
    more: () => void loadMore().catch((thrown: unknown) => say(wordsOf(thrown))),
    again: first.again,
  };
}

/** @returns whether it was done */
export async function attempt(work: () => Promise<unknown>, done = ''): Promise<boolean> {
  try {
    await work();
    if (done !== '') say(done);
    return true;
  } catch (thrown) {
    say(wordsOf(thrown));
    return false;
  }
}

/** A change of limits, which can be taken back while its word is shown. */
export async function change(action: LimitAction, done: string, again: () => void): Promise<boolean> {
  try {
    const { id } = await api.act(action);
    again();
    say(done, () => {
      attempt(() => api.act({ do: 'undo', entry: id }), 'Undone.').then(again, () => {});
    });
    return true;
  } catch (thrown) {
    say(wordsOf(thrown));
    return false;
  }
}

export function wordsOf(thrown: unknown): string {
  if (!(thrown instanceof Refusal)) return 'Easel cannot be reached. Try again when the connection is back.';
  if (thrown.status === 401) {
    me.value = null;
    doorReason.value = thrown.message;
  }
  return thrown.message;
}
