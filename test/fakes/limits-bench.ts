/** Limits over a real store with a clock turned by hand: requests are accepted as the studio accepts them, and nothing draws them. */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../src/ops/clock.ts';
import { type OpenedLimits, openLimits } from '../../src/policy/create-limits.ts';
import type { Filter } from '../../src/policy/filter.ts';
import type { Press } from '../../src/policy/policy.ts';
import { createEventBus } from '../../src/queue/events.ts';
import type { JobQueue } from '../../src/queue/job-queue.ts';
import type { Generation, GenerationKind, Scope } from '../../src/store/records.ts';
import type { Store } from '../../src/store/store.ts';
import { createAcceptor, type Wish } from '../../src/studio/accept.ts';
import { readOptions } from '../../src/studio/options.ts';
import type { Answer, Asker, Outcome } from '../../src/studio/studio.ts';

export const MODEL = 'easel-nano';

export type Ask = {
  pictures?: number;
  prompts?: readonly string[];
  style?: string;
  kind?: GenerationKind;
  press?: Press;
  requestKey?: string;
  timeZone?: string;
};

export type LimitsBench = OpenedLimits & {
  nowMs: number;
  readonly troubles: unknown[];
  ask(scope: Scope, ask?: Ask): Promise<Outcome>;
  /** Draws every picture of it, each taking so long of the device, and delivers it. */
  settle(generation: Generation, engineMs?: number): Promise<void>;
  cancel(generation: Generation): Promise<void>;
  fail(generation: Generation): Promise<void>;
  /** A hundred pictures took so long of the device each. */
  teach(engineMs: number): void;
  /** The same over the same store, as after a restart. */
  reopen(): Promise<void>;
};

export async function openLimitsBench(
  store: Store,
  startMs: number,
  filters: readonly Filter[] = [],
): Promise<LimitsBench> {
  const bench = { nowMs: startMs, troubles: [] as unknown[] } as LimitsBench;
  const clock: Clock = { nowMs: () => bench.nowMs, sleep: () => new Promise(() => {}) };
  const queue = { add: () => {} } as unknown as JobQueue;
  const onTrouble = (thrown: unknown) => void bench.troubles.push(thrown);
  const events = createEventBus(onTrouble);

  async function open(): Promise<void> {
    const opened = await openLimits({
      ...{ store, clock, filters, model: MODEL },
      cancel: async (id) => (await store.generations.cancel(id, bench.nowMs)).cancelled,
      jobsOf: () => ({ waiting: 0, running: 0 }),
    });
    const acceptor = createAcceptor({ store, queue, policy: opened.policy, events, clock, onTrouble });
    const ask: LimitsBench['ask'] = (scope, wish = {}) => {
      const { requestKey = randomUUID(), press = null, timeZone = null } = wish;
      return acceptor.accept({ scope, requestKey, target: {}, timeZone }, toWishes(wish), false, [], press);
    };
    Object.assign(bench, opened, { ask });
  }

  bench.reopen = open;
  bench.settle = async (generation, engineMs = 400) => {
    const slots = generation.pictures.map(({ index }) => ({ generationId: generation.id, pictureIndex: index }));
    await store.jobs.begin(slots, randomUUID(), bench.nowMs);
    for (const slot of slots) {
      const file = { blobKey: randomUUID(), sizeBytes: 1, widthPx: 8, heightPx: 8 };
      await store.jobs.drawn({ ...slot, ...file, ids: [], drawMs: engineMs, engineMs, finishedAtMs: bench.nowMs });
    }
    await store.outbox.told(generation.id, generation.scope.channel, randomUUID(), bench.nowMs);
    const drawn = await store.generations.get(generation.id);
    if (drawn !== null) bench.finished(drawn);
  };
  bench.teach = (engineMs) => {
    const pictures = Array.from({ length: 100 }, () => ({ engineMs }));
    bench.finished({ kind: 'imagine', model: MODEL, pictures } as Generation);
  };
  bench.cancel = async ({ id }) => void (await store.generations.cancel(id, bench.nowMs));
  bench.fail = async ({ id, pictures }) => {
    for (const { index } of pictures) {
      await store.jobs.failed({ generationId: id, pictureIndex: index }, 'WORKER_DIED', bench.nowMs);
    }
  };
  await open();
  return bench;
}

function toWishes({ pictures = 4, prompts = ['a red fox'], style, kind = 'imagine' }: Ask): Wish[] {
  const isUpscale = kind === 'upscale';
  return prompts.map((prompt) => ({
    kind,
    parent: null,
    prompt,
    options: { ...readOptions({ options: {} }), style: style ?? null },
    seed: 1,
    model: { name: MODEL, hash: 'c0ffee' },
    pictures: isUpscale ? 1 : pictures,
    chargedPictures: isUpscale ? 0 : pictures,
  }));
}

export function acceptedOf(outcome: Outcome): Generation {
  const generation = outcome.kind === 'accepted' ? outcome.generations[0] : undefined;
  if (generation === undefined) throw new Error(`Not accepted: ${JSON.stringify(outcome)}`);
  return generation;
}

export function refusalOf(outcome: Outcome) {
  if (outcome.kind !== 'refused') throw new Error(`Not refused: ${outcome.kind}`);
  return outcome;
}

export function got<T>(answer: Answer<T>): T {
  if (answer.kind === 'refused') throw answer.error;
  return answer.value;
}

/** Somebody who may set everything here. */
export function admin(scope: Scope, more: Partial<Asker> = {}): Asker {
  return { scope: { ...scope, user: 'admin' }, mayAdminister: async () => true, isHost: async () => true, ...more };
}
