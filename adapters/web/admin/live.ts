// What happens now: the queue with its places, pictures as they are painted, and the drawing program.

import type { ServerResponse } from 'node:http';
import type { Easel, Generation, JobStatus, StudioEvent } from '../../../src/index.ts';
import { createPreviews } from '../previews.ts';
import type { Names, Place } from './names.ts';
import type { Visit } from './sessions.ts';
import type { WireGlimpse, WireJob, WireLive, WireWorker } from './wire.ts';

export type LiveParts = {
  readonly easel: Pick<Easel, 'studio' | 'queue' | 'events' | 'store' | 'status' | 'limits'>;
  readonly names: Names;
};

export type Live = {
  snapshot(visit: Visit): Promise<WireLive>;
  /** Server-sent events until the page goes; `isStill` is asked before each: a lost permission ends the stream. */
  open(visit: Visit, response: ServerResponse, isStill: () => Promise<boolean>): void;
  close(): void;
};

const JOBS_SHOWN = 60;
/** How often a page is told of a queue that moves all the time. */
const TELL_EVERY_MS = 700;
const HEARTBEAT_MS = 15_000;
/** A page that has not read so much is behind: it gets no glimpses. */
const SLOW_BYTES = 512 * 1024;

type Stream = {
  readonly visit: Visit;
  readonly response: ServerResponse;
  readonly isStill: () => Promise<boolean>;
  timer: ReturnType<typeof setTimeout> | null;
};

export function createLive({ easel, names }: LiveParts): Live {
  const { studio, queue, events, store, limits } = easel;
  const streams = new Set<Stream>();
  /** Where the generations that are shown belong: a preview goes to their own admins. */
  const homes = new Map<string, Place & { isPrivate: boolean }>();

  async function snapshot({ asker, place }: Visit): Promise<WireLive> {
    const { platform, tenant } = place;
    const ofPlace = { platform, tenant, unfinished: true, withPrivate: true, limit: JOBS_SHOWN } as const;
    const { generations } = await store.generations.history(ofPlace);
    const jobs = generations.flatMap((generation) => {
      const status = studio.status(generation.id);
      return status === null ? [] : [{ generation, status }];
    });
    for (const { generation } of jobs) {
      homes.set(generation.id, { ...place, isPrivate: generation.private });
    }
    let unfinished = 0;
    for (const _ of queue.unfinishedIds()) unfinished += 1;
    const rules = limits.rules(asker);
    const isPaused = (kind: 'host' | 'tenant') =>
      rules.some(({ limit, value, scope }) => limit === 'paused' && value !== null && scope.kind === kind);
    return {
      paused: { here: isPaused('tenant'), everywhere: isPaused('host') },
      jobs: (await Promise.all(jobs.map(toJob))).sort(byPlace),
      more: Math.max(0, unfinished - jobs.length),
      counts: queue.counts,
      workers: workersNow(),
    };
  }

  async function toJob({ generation, status }: { generation: Generation; status: JobStatus }): Promise<WireJob> {
    const { id, scope, prompt, private: isPrivate, pictures, createdAtMs } = generation;
    return {
      id,
      state: status.kind,
      place: status.kind === 'queued' ? status.place : null,
      doneShare: status.kind === 'painting' ? status.doneShare : 0,
      secondsLeft: 'secondsLeft' in status ? status.secondsLeft : null,
      who: await names.person(scope, scope.user),
      prompt: isPrivate ? null : prompt,
      pictures: pictures.length,
      createdAtMs,
    };
  }

  function workersNow(): readonly WireWorker[] {
    const { worker, device, model, slots, msPerPicture, workers } = easel.status();
    const common = { model: String(model ?? '') };
    const one = { state: worker, device, slots, msPerPicture, memoryBytes: null };
    const all = Array.isArray(workers) && workers.length > 0 ? (workers as readonly (typeof one)[]) : [one];
    const numberOrNull = (value: unknown) => (typeof value === 'number' ? value : null);
    return all.map((each) => ({
      ...common,
      state: String(each.state ?? 'down'),
      device: typeof each.device === 'string' ? each.device : null,
      slots: numberOrNull(each.slots),
      msPerPicture: numberOrNull(each.msPerPicture),
      memoryBytes: numberOrNull(each.memoryBytes),
    }));
  }

  function write({ response }: Stream, name: 'live' | 'glimpse', data: WireLive | WireGlimpse): void {
    response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  async function tell(stream: Stream): Promise<void> {
    if (!streams.has(stream)) return;
    if (await stream.isStill()) write(stream, 'live', await snapshot(stream.visit));
    else stream.response.end();
  }

  function soon(stream: Stream, delayMs = TELL_EVERY_MS): void {
    stream.timer ??= setTimeout(() => {
      stream.timer = null;
      tell(stream).catch(() => stream.response.end());
    }, delayMs);
  }

  const previews = createPreviews((id, pictureIndex, { png, rowsDone, rows }) => {
    const home = homes.get(id);
    if (home === undefined || png === null) return;
    for (const stream of streams) {
      const { place } = stream.visit;
      const isTheirs = place.platform === home.platform && place.tenant === home.tenant;
      if (!isTheirs || stream.response.writableLength > SLOW_BYTES) continue;
      write(stream, 'glimpse', { id, pictureIndex, png, doneShare: rowsDone / rows });
    }
  });

  function onEvent(event: StudioEvent): void {
    if (event.kind === 'finished') {
      homes.delete(event.generation.id);
      previews.forget(event.generation.id);
    }
    if (streams.size === 0) return;
    if (event.kind === 'progress') {
      const home = homes.get(event.generationId);
      if (home === undefined || home.isPrivate || event.preview === null) return;
      previews.show(event.generationId, event.pictureIndex, event);
      return;
    }
    for (const stream of streams) soon(stream);
  }

  const stopListening = events.subscribe(onEvent);
  const heartbeat = setInterval(() => {
    for (const stream of streams) {
      stream.response.write(': beat\n\n');
      soon(stream);
    }
  }, HEARTBEAT_MS);
  heartbeat.unref();

  return {
    snapshot,
    open(visit, response, isStill) {
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
        connection: 'keep-alive',
      });
      const stream: Stream = { visit, response, isStill, timer: null };
      streams.add(stream);
      response.on('error', () => {});
      response.on('close', () => {
        streams.delete(stream);
        if (stream.timer !== null) clearTimeout(stream.timer);
      });
      soon(stream, 0);
    },
    close() {
      stopListening();
      clearInterval(heartbeat);
      for (const { response } of streams) response.end();
    },
  };
}

function byPlace(one: WireJob, other: WireJob): number {
  if (one.state === 'painting' && other.state !== 'painting') return -1;
  if (other.state === 'painting' && one.state !== 'painting') return 1;
  return (one.place ?? Number.MAX_SAFE_INTEGER) - (other.place ?? Number.MAX_SAFE_INTEGER);
}
