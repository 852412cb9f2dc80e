/** Accepting: from wishes to generations in one transaction, asked of the policy first. */
import { randomInt } from 'node:crypto';
import { AppError, toAppError } from '../errors.ts';
import type { Clock } from '../ops/clock.ts';
import { step } from '../ops/step.ts';
import type { Decision } from '../policy/decision.ts';
import type { Policy, PolicyQuestion, Press } from '../policy/policy.ts';
import type { Notice } from '../prompt/types.ts';
import type { EventBus } from '../queue/events.ts';
import type { JobQueue } from '../queue/job-queue.ts';
import { newGenerationId } from '../store/generation-id.ts';
import type { Generation, GenerationKind, NewGeneration } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { type GenerationOptions, writeOptions } from './options.ts';
import type { Asker, Asking, Outcome } from './studio.ts';

/** One generation that somebody wants, before it has an id. */
export type Wish = {
  kind: GenerationKind;
  parent: { generationId: string; pictureIndex: number | null } | null;
  prompt: string;
  options: GenerationOptions;
  /** null: a new one. */
  seed: number | null;
  model: { name: string; hash: string };
  pictures: number;
  chargedPictures: number;
};

export type Acceptor = {
  /** @param press of a control on a picture; null: a request of its own */
  accept(
    asking: Asking,
    wishes: readonly Wish[],
    isPrivate: boolean,
    notices: readonly Notice[],
    press: Press | null,
  ): Promise<Outcome>;
  /** Nothing more is accepted; resolves when what is being accepted is stored. */
  close(): Promise<void>;
};

export type AcceptorParts = {
  store: Store;
  queue: JobQueue;
  policy: Policy;
  events: EventBus;
  clock: Clock;
  /** What went wrong beside the request. */
  onTrouble(thrown: unknown): void;
};

const SEEDS = 2 ** 32;
/** For the same key twice, and for reactions that are taken back within seconds. */
const RECENT_MAX = 1_000;

export function createAcceptor({ store, queue, policy, events, clock, onTrouble }: AcceptorParts): Acceptor {
  const recent = new Map<string, readonly string[]>();
  const accepting = new Set<Promise<unknown>>();
  let isClosed = false;

  async function accept(
    asking: Asking,
    wishes: readonly Wish[],
    isPrivate: boolean,
    notices: readonly Notice[],
    press: Press | null,
  ): Promise<Outcome> {
    const { requestKey, scope, target } = asking;
    const nowMs = clock.nowMs();
    const question: PolicyQuestion = {
      scope,
      kind: wishes[0]?.kind ?? 'imagine',
      prompts: wishes.map(({ prompt }) => prompt),
      model: wishes[0]?.model.name ?? '',
      styles: wishes.flatMap(({ options }) => options.style ?? []),
      pictures: wishes.reduce((sum, { chargedPictures }) => sum + chargedPictures, 0),
      jobs: wishes.length,
      press,
      timeZone: asking.timeZone ?? null,
      atMs: nowMs,
    };
    const prepared = await policy.prepare(question);
    // What was accepted before is answered again, whatever the rules say now.
    const early = recent.has(requestKey) ? null : prepared.decide(null);
    if (early !== null && !early.allowed) return refuse(question, early);
    // Prompts without a seed share one, so that only the words differ.
    const sharedSeed = randomInt(SEEDS);
    const generations = wishes.map((wish) => toNewGeneration(wish, wish.seed ?? sharedSeed, nowMs));
    const accepted = await step('accept', () =>
      store.accept({
        requestKey,
        scope,
        private: isPrivate,
        target,
        acceptedAtMs: nowMs,
        generations,
        reservation: prepared.reservation,
      }),
    );
    if (accepted.refused) return refuse(question, prepared.decide(accepted.counted));
    if (accepted.created) tellShadows(question, prepared.decide(accepted.counted));
    remember(requestKey, accepted.generations);
    if (accepted.created) {
      for (const generation of accepted.generations) {
        // The deliverer must know it as new before the queue can finish it.
        events.emit({ kind: 'accepted', generation });
        queue.add(generation);
      }
    }
    return { kind: 'accepted', created: accepted.created, generations: accepted.generations, notices };
  }

  async function refuse(question: PolicyQuestion, decision: Decision): Promise<Outcome> {
    const complete = await policy.refused(question, decision);
    if (complete.refusal === null) throw new AppError('INTERNAL', 'A refusal has no reason.');
    return { ...refused(complete.refusal), decision: complete };
  }

  /** Nobody waits for what would have been refused to be counted; closing does. */
  function tellShadows(question: PolicyQuestion, decision: Decision): void {
    if (!decision.chain.some(({ outcome }) => outcome === 'shadow')) return;
    const telling = policy.shadowed(question, decision).catch(onTrouble);
    accepting.add(telling);
    void telling.finally(() => accepting.delete(telling));
  }

  function remember(requestKey: string, generations: readonly Generation[]): void {
    recent.set(
      requestKey,
      generations.map(({ id }) => id),
    );
    const oldest = recent.keys().next().value;
    if (recent.size > RECENT_MAX && oldest !== undefined) recent.delete(oldest);
  }

  return {
    async accept(asking, wishes, isPrivate, notices, press) {
      if (isClosed) {
        return refused(
          new AppError('JOB_CLOSING', 'Easel is closing. What was accepted is kept; try again in a minute.'),
        );
      }
      const work = accept(asking, wishes, isPrivate, notices, press);
      accepting.add(work);
      try {
        return await work;
      } finally {
        accepting.delete(work);
      }
    },
    async close() {
      isClosed = true;
      await Promise.allSettled(accepting);
    },
  };
}

/** Turns what was thrown into a refusal if a person can do something about it; else throws it on. */
export function toRefusal(thrown: unknown, generation: Generation | null = null) {
  const error = toAppError(thrown);
  if (error.audience !== 'user') throw error;
  return refused(error, generation);
}

export function refused(error: AppError, generation: Generation | null = null) {
  return { kind: 'refused', error, generation } as const;
}

export type { Asker };

function toNewGeneration(wish: Wish, seed: number, nowMs: number): NewGeneration {
  const { kind, parent, prompt, options, model, pictures, chargedPictures } = wish;
  return {
    id: newGenerationId(nowMs),
    kind,
    parentId: parent?.generationId ?? null,
    parentPictureIndex: parent?.pictureIndex ?? null,
    prompt,
    options: writeOptions(options),
    seed,
    model: model.name,
    modelHash: model.hash,
    pictures,
    chargedPictures,
  };
}
