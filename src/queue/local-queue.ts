/** The queue of one process: all unfinished jobs in memory as data, the picker, and p-queue to bound what runs at once. */
import PQueue from 'p-queue';
import { AppError, toAppError } from '../errors.ts';
import type { Clock } from '../ops/clock.ts';
import { createPicker, type WaitingJob, type Weights } from '../policy/picker.ts';
import type { BlobStore } from '../store/blob-store.ts';
import type { Generation, QueuedJob, SlotKey } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import type { WorkerSupervisor } from '../worker/supervisor.ts';
import { type DrawTools, drawSlot, type SlotOutcome } from './draw-slot.ts';
import type { EventBus } from './events.ts';
import type { JobQueue } from './job-queue.ts';
import type { JobStatus } from './job-status.ts';
import { createPlaces, PLACES_KNOWN } from './places.ts';
import { createSpeed } from './speed.ts';

export type LocalQueueParts = {
  store: Store;
  blobs: BlobStore;
  supervisor: WorkerSupervisor;
  weights: Weights;
  events: EventBus;
  clock: Clock;
  /** What went wrong and was not the person's doing; ids and codes only. */
  onTrouble(generationId: string | null, error: AppError): void;
};

/** A job with a slot: its pictures that still wait go before any new pick, so that a sheet is finished once begun. */
type OpenJob = {
  job: WaitingJob;
  generation: Generation | null;
  waiting: number[];
  drawing: Map<number, { controller: AbortController; doneShare: number }>;
};

/** Upscales need no device: they pass by the picker, two at a time. */
const UPSCALES_AT_ONCE = 2;
/** A device that answers every slot with a failure is not asked without a pause. */
const RELEASED_PAUSE_MS = 1_000;

export function createLocalQueue(parts: LocalQueueParts): JobQueue {
  const { store, supervisor, events, clock, onTrouble } = parts;
  const closing = new AbortController();
  const tools: DrawTools = {
    ...parts,
    closing: closing.signal,
    onRetry: (code) => onTrouble(null, new AppError('STORE_FAILED', `Trying again after ${code}.`)),
  };
  const picker = createPicker(parts.weights);
  /** Pictures to draw of each unfinished job; a sheet that was cut short by a crash waits for its rest only. */
  const indexes = new Map<string, number[]>();
  const open = new Map<string, OpenJob>();
  const unfinished = new Map<string, number>();
  const slots = () => Math.max(1, supervisor.info?.slots ?? 1);
  const loadedModel = () => supervisor.info?.model.name ?? null;
  const lane = new PQueue({ concurrency: 1 });
  const freeLane = new PQueue({ concurrency: UPSCALES_AT_ONCE });
  const speed = createSpeed(() => supervisor.info?.msPerPicture ?? null);
  const running = function* () {
    for (const { job, waiting, drawing } of open.values()) {
      yield { user: job.user, picturesLeft: waiting.length + drawing.size };
    }
  };
  const places = createPlaces(picker, loadedModel, running, clock);
  let isStarted = false;
  let isPaused = false;
  let downSinceMs: number | null = null;
  let stopListening = () => {};

  const changed = (): void => {
    places.changed();
    events.emit({ kind: 'queue' });
  };
  const count = (user: string, change: number): void => {
    const left = (unfinished.get(user) ?? 0) + change;
    if (left > 0) unfinished.set(user, left);
    else unfinished.delete(user);
  };

  function take(queued: QueuedJob): void {
    const id = queued.generationId;
    const waiting = [...queued.waiting, ...queued.drawing];
    if (indexes.has(id) || waiting.length === 0) return;
    indexes.set(id, waiting);
    const job = {
      id,
      tenant: `${queued.platform}:${queued.tenant}`,
      user: personKey(queued.platform, queued.user),
      model: queued.model,
      pictures: waiting.length,
    };
    count(job.user, 1);
    if (queued.kind === 'upscale') void freeLane.add(() => run(openJob(job), 0));
    else picker.add(job);
  }

  function openJob(job: WaitingJob): OpenJob {
    const opened: OpenJob = { job, generation: null, waiting: indexes.get(job.id) ?? [], drawing: new Map() };
    open.set(job.id, opened);
    return opened;
  }

  /** The next slot to fill: the rest of a sheet that was begun, else whatever the picker says. */
  function nextSlot(): { job: OpenJob; pictureIndex: number } | null {
    for (const job of open.values()) {
      const pictureIndex = job.waiting.shift();
      if (pictureIndex !== undefined) return { job, pictureIndex };
    }
    const picked = picker.pick(loadedModel(), isHeld);
    if (picked === undefined) return null;
    const job = openJob(picked);
    const pictureIndex = job.waiting.shift();
    return pictureIndex === undefined ? null : { job, pictureIndex };
  }

  /** As many of theirs are drawn as rules allow at once. */
  function isHeld(what: 'tenant' | 'user', tenant: string, user: string): boolean {
    const max =
      what === 'tenant' ? parts.weights.runningMaxOfTenant?.(tenant) : parts.weights.runningMaxOfUser?.(tenant, user);
    if (max === undefined || max === Number.POSITIVE_INFINITY) return false;
    return runningOf(what, what === 'tenant' ? tenant : user) >= max;
  }

  function runningOf(what: 'tenant' | 'user', key: string): number {
    let running = 0;
    for (const { job } of open.values()) if (job[what] === key) running += 1;
    return running;
  }

  function pump(): void {
    if (!isStarted || isPaused || closing.signal.aborted || supervisor.state !== 'ready') return;
    lane.concurrency = slots();
    let begun = 0;
    while (lane.pending + lane.size < slots()) {
      const slot = nextSlot();
      if (slot === null) break;
      begun += 1;
      void lane.add(() => run(slot.job, slot.pictureIndex)).finally(pump);
    }
    if (begun > 0) changed();
  }

  async function run(job: OpenJob, pictureIndex: number): Promise<void> {
    const slot: SlotKey = { generationId: job.job.id, pictureIndex };
    const controller = new AbortController();
    const drawing = { controller, doneShare: 0 };
    job.drawing.set(pictureIndex, drawing);
    try {
      const generation = job.generation ?? (await store.generations.get(slot.generationId));
      // Cancelled between its pick and now.
      if (generation === null || controller.signal.aborted || !open.has(job.job.id)) return end(job, pictureIndex);
      if (job.generation === null) events.emit({ kind: 'started', generationId: generation.id });
      job.generation = generation;
      const outcome = await drawSlot(
        tools,
        generation,
        slot,
        ({ rowsDone, rows, preview }) => {
          drawing.doneShare = rowsDone / rows;
          events.emit({ kind: 'progress', ...slot, rowsDone, rows, preview });
        },
        controller.signal,
      );
      await settle(job, pictureIndex, outcome);
    } catch (thrown) {
      await putBack(job, pictureIndex, toAppError(thrown));
    }
  }

  async function settle(job: OpenJob, pictureIndex: number, outcome: SlotOutcome): Promise<void> {
    const generationId = job.job.id;
    if (outcome.kind === 'released') return putBack(job, pictureIndex, outcome.error);
    if (outcome.kind === 'failed') onTrouble(generationId, outcome.error);
    if (outcome.kind === 'drawn') {
      speed.measured(outcome.drawMs);
      events.emit({ kind: 'picture', generationId, pictureIndex, blobKey: outcome.blobKey, notices: outcome.notices });
    }
    end(job, pictureIndex);
    const generation = outcome.kind === 'dropped' ? null : outcome.generation;
    if (generation !== null && isFinished(generation)) {
      forget(job.job);
      events.emit({ kind: 'finished', generation });
    }
  }

  async function putBack(job: OpenJob, pictureIndex: number, error: AppError): Promise<void> {
    job.drawing.delete(pictureIndex);
    if (closing.signal.aborted) return;
    onTrouble(job.job.id, error);
    if (open.has(job.job.id)) job.waiting.unshift(pictureIndex);
    await clock.sleep(RELEASED_PAUSE_MS, closing.signal).catch(() => {});
    if (job.generation?.kind === 'upscale' && open.has(job.job.id)) {
      job.waiting.shift();
      void freeLane.add(() => run(job, pictureIndex));
    }
  }

  function end(job: OpenJob, pictureIndex: number): void {
    job.drawing.delete(pictureIndex);
    if (job.waiting.length === 0 && job.drawing.size === 0) forget(job.job);
    changed();
  }

  function forget(job: WaitingJob): void {
    open.delete(job.id);
    if (indexes.delete(job.id)) count(job.user, -1);
  }

  function onState(): void {
    const before = downSinceMs;
    if (supervisor.state === 'ready') downSinceMs = null;
    else if (supervisor.state !== 'starting') downSinceMs ??= clock.nowMs();
    if (before !== downSinceMs) events.emit({ kind: 'device', downSinceMs });
    changed();
    pump();
  }

  return {
    async start() {
      for (const queued of await store.jobs.snapshot()) take(queued);
      isStarted = true;
      stopListening = supervisor.onState(onState);
      onState();
    },
    add(generation) {
      const { scope, kind, id: generationId, model, createdAtMs, pictures } = generation;
      const { platform, tenant, channel, user } = scope;
      const waiting = pictures.filter(({ state }) => state === 'waiting').map(({ index }) => index);
      const place = { platform, tenant, channel, user };
      take({ ...place, generationId, kind, model, createdAtMs, pictures: pictures.length, waiting, drawing: [] });
      changed();
      pump();
    },
    drop(generationId, drawing) {
      const job = open.get(generationId);
      const waiting = indexes.has(generationId);
      for (const { pictureIndex } of drawing) job?.drawing.get(pictureIndex)?.controller.abort();
      if (job !== undefined) {
        job.waiting.length = 0;
        for (const { controller } of job.drawing.values()) controller.abort();
        forget(job.job);
      } else if (waiting) {
        const queued = picker.get(generationId);
        picker.remove(generationId);
        if (queued !== undefined) forget(queued);
      }
      changed();
      pump();
    },
    status: (generationId) => status(generationId),
    waiting: () => places.order(),
    unfinishedIds: () => indexes.keys(),
    get counts() {
      return { waiting: picker.size, drawing: open.size };
    },
    jobsOf(platform, user) {
      const key = personKey(platform, user);
      const running = runningOf('user', key);
      return { waiting: (unfinished.get(key) ?? 0) - running, running };
    },
    pause() {
      isPaused = true;
      changed();
    },
    resume() {
      isPaused = false;
      changed();
      pump();
    },
    async close() {
      closing.abort();
      stopListening();
      await Promise.all([lane.onIdle(), freeLane.onIdle()]);
    },
  };

  function status(generationId: string): JobStatus | null {
    if (!indexes.has(generationId)) return null;
    if (downSinceMs !== null) return { kind: 'waiting', sinceMs: downSinceMs };
    const job = open.get(generationId);
    const pictureMs = speed.pictureMs;
    const secondsOf = (pictures: number) =>
      pictureMs === null ? null : Math.ceil((Math.ceil(pictures / slots()) * pictureMs) / 1_000);
    if (job !== undefined) {
      let done = job.job.pictures - job.waiting.length - job.drawing.size;
      for (const { doneShare } of job.drawing.values()) done += doneShare;
      const doneShare = Math.min(1, Math.max(0, done / job.job.pictures));
      return { kind: 'painting', doneShare, secondsLeft: secondsOf(job.job.pictures - done) };
    }
    if (isPaused) return { kind: 'paused' };
    const place = places.of(generationId);
    const pictures = indexes.get(generationId)?.length ?? 1;
    return {
      kind: 'queued',
      place: place?.place ?? null,
      placesKnown: PLACES_KNOWN,
      yoursAhead: place?.yoursAhead ?? 0,
      secondsLeft: place === null ? null : secondsOf(place.picturesAhead + pictures),
    };
  }
}

function personKey(platform: string, user: string): string {
  return `${platform}:${user}`;
}

function isFinished({ status }: Generation): boolean {
  return status !== 'queued' && status !== 'drawing';
}
