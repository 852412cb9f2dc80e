/** Works the outbox: every accepted generation gets one message, and that message becomes its result, whatever happens in between. */
import { setMaxListeners } from 'node:events';
import PQueue from 'p-queue';
import { type AppError, toAppError } from '../errors.ts';
import type { Clock } from '../ops/clock.ts';
import { step } from '../ops/step.ts';
import type { SlotNotice } from '../pipeline/pipeline.ts';
import type { DrawTools } from '../queue/draw-slot.ts';
import type { EventBus, Preview, StudioEvent } from '../queue/events.ts';
import type { JobQueue } from '../queue/job-queue.ts';
import type { Generation, OutboxItem } from '../store/records.ts';
import { addressOf, directAddressOf, personOf } from './addresses.ts';
import { paintingImage, resultImage } from './images.ts';
import { createLiveMessages, type LiveMessages } from './live-messages.ts';
import type { ChatAdapter, MessageRef } from './messages.ts';
import { pingAfterLongWait } from './ping.ts';
import type { View } from './view.ts';
import { finalView, localeOf, refusedView, statusView } from './views.ts';
import { wordsFor } from './words.ts';

export type DelivererParts = Pick<DrawTools, 'store' | 'blobs' | 'supervisor'> & {
  queue: Pick<JobQueue, 'status' | 'waiting' | 'unfinishedIds'>;
  events: EventBus;
  clock: Clock;
  /** Takes a generation off the queue whose message can reach nobody. */
  cancel(generationId: string): Promise<void>;
  software: string;
  onTrouble(generationId: string | null, error: AppError): void;
};

export type Deliverer = {
  connect(adapter: Pick<ChatAdapter, 'platform' | 'limits' | 'messages'> & Pick<Partial<ChatAdapter>, 'ping'>): void;
  connection(platform: string): Pick<ChatAdapter, 'limits' | 'messages'> | undefined;
  start(): void;
  /** No more edits of this generation's message; resolves when none is on its way. */
  leave(generationId: string): Promise<void>;
  /** Deliveries on their way end, nothing new begins. */
  close(): Promise<void>;
};

type Connection = Pick<ChatAdapter, 'limits' | 'messages'> &
  Pick<Partial<ChatAdapter>, 'ping'> & { live: LiveMessages };

const DELIVERIES_AT_ONCE = 8;
const BATCH = 64;
/** Nobody wakes us when another process, or a clock, made something due. */
const IDLE_MS = 5_000;
const UNCONNECTED_DELAY_MS = 60_000;
const PARKED_MAX = 500;
const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 300_000;
/** After so long nobody waits for it any more. */
const HANG_UP_AFTER_MS = 5_000;
const GIVE_UP_AFTER_MS = 24 * 3_600_000;
/** Whose place is shown anew when the queue moves. */
const PLACES_SHOWN = 20;
const SPARE_BUDGET_SHARE = 0.5;

export function createDeliverer(parts: DelivererParts): Deliverer {
  const { store, queue, events, clock, onTrouble } = parts;
  const connections = new Map<string, Connection>();
  const busy = new Set<string>();
  /** Of platforms that are not connected (yet), by generation. */
  const parked = new Map<string, string>();
  /** Accepted by this process and not tried yet: no message can exist, so none is searched. */
  const fresh = new Set<string>();
  const previews = new Map<string, Map<number, Preview>>();
  const notices = new Map<string, Set<string>>();
  /** Platforms of unfinished generations, as far as they are known: one is not looked up on all. */
  const homes = new Map<string, string>();
  const lane = new PQueue({ concurrency: DELIVERIES_AT_ONCE });
  const closing = new AbortController();
  /** Calls to platforms outlive `closing` by a moment: what is on its way may arrive. */
  const hangUp = new AbortController();
  // Every call on its way listens, and clients listen several times for one call.
  setMaxListeners(0, hangUp.signal);
  let nap = new AbortController();
  let isAwake = false;
  let loop: Promise<void> = Promise.resolve();
  let stopListening = () => {};

  const wake = (): void => {
    isAwake = true;
    nap.abort();
  };

  async function work(): Promise<void> {
    while (!closing.signal.aborted) {
      isAwake = false;
      let found = 0;
      try {
        const items = await store.outbox.next(clock.nowMs(), BATCH + busy.size + parked.size);
        for (const item of items) {
          if (busy.has(item.generationId) || parked.has(item.generationId)) continue;
          found += 1;
          busy.add(item.generationId);
          void lane
            .add(() => deliver(item))
            .finally(() => {
              busy.delete(item.generationId);
              wake();
            });
        }
      } catch (thrown) {
        onTrouble(null, toAppError(thrown, 'STORE_FAILED'));
      }
      if (found > 0) await lane.onSizeLessThan(BATCH);
      if (isAwake && found > 0) continue;
      nap = new AbortController();
      // A wake that came while the outbox was read must not be slept through.
      if (!isAwake) await clock.sleep(IDLE_MS, AbortSignal.any([nap.signal, closing.signal])).catch(() => {});
    }
  }

  /** One row of the outbox as far as it goes now. */
  async function deliver(item: OutboxItem): Promise<void> {
    if (closing.signal.aborted) return;
    const { generation } = item;
    const connection = connections.get(item.platform);
    try {
      if (connection === undefined) return await park(item);
      const ref = refOf(item) ?? (await placeholder(connection, item));
      if (ref === null || !isFinished(generation)) return;
      await tellEnd(connection, item, ref);
    } catch (thrown) {
      await retryLater(item, toAppError(thrown, 'ADAPTER_UNAVAILABLE'));
    }
  }

  /** Waits for its platform to connect: right after a start in memory, so that nobody waits for a retry. */
  async function park({ generationId, platform }: OutboxItem): Promise<void> {
    if (parked.size < PARKED_MAX) {
      parked.set(generationId, platform);
      return;
    }
    const atMs = clock.nowMs() + UNCONNECTED_DELAY_MS;
    await step('later', () => store.outbox.later(generationId, atMs));
  }

  /** Finds or posts the message that becomes the result. @returns null when there is nobody to tell */
  async function placeholder(connection: Connection, item: OutboxItem): Promise<MessageRef | null> {
    const { generation, generationId } = item;
    const mayExist = !fresh.delete(generationId) || item.attempts > 0;
    let ref = mayExist ? await find(connection, generation) : null;
    if (ref === null && generation.status === 'cancelled') {
      await step('refund', () => store.outbox.giveUp(generationId, clock.nowMs()));
      return null;
    }
    const view = currentView(generation);
    const isFound = ref !== null;
    ref ??= await post(connection, generation, view);
    if (ref === null) return null;
    const { channel, messageId } = ref;
    await step('placed', () => store.outbox.placeholder(generationId, channel, messageId));
    connection.live.track(generationId, ref, clock.nowMs(), isFound ? undefined : view);
    // What happened while it was being posted had no message to show it.
    touch(generationId, 'painting');
    return ref;
  }

  async function find({ messages }: Connection, generation: Generation): Promise<MessageRef | null> {
    const found = await step('find', () => messages.find(addressOf(generation), generation.id, hangUp.signal));
    if (found !== null || generation.private) return found;
    return null;
  }

  /** Posts in the channel; where that is gone, to the person. */
  async function post(connection: Connection, generation: Generation, view: View): Promise<MessageRef | null> {
    const { messages } = connection;
    try {
      if (generation.private) return await direct(connection, generation, view);
      return await step('placeholder', () => messages.post(addressOf(generation), view, hangUp.signal));
    } catch (thrown) {
      const error = toAppError(thrown, 'ADAPTER_UNAVAILABLE');
      if (error.code === 'ADAPTER_CHANNEL_GONE' && !generation.private) {
        return await direct(connection, generation, view).catch((again) => unreachable(connection, generation, again));
      }
      return unreachable(connection, generation, error);
    }
  }

  async function direct({ messages }: Connection, generation: Generation, view: View): Promise<MessageRef> {
    const found = await step('find', () => messages.find(directAddressOf(generation), generation.id, hangUp.signal));
    return found ?? (await step('direct', () => messages.direct(personOf(generation), view, hangUp.signal)));
  }

  /** Nobody could see the result: it is not drawn, and the person told in private where that works. */
  async function unreachable({ messages }: Connection, generation: Generation, thrown: unknown): Promise<null> {
    const error = toAppError(thrown, 'ADAPTER_UNAVAILABLE');
    if (error.code !== 'ADAPTER_DIRECT_CLOSED' && error.code !== 'ADAPTER_CHANNEL_GONE') throw error;
    await parts.cancel(generation.id);
    const view = refusedView(error, localeOf(generation), generation.id);
    const { scope, target } = generation;
    await step('reply', () => messages.privateReply(scope, target, view, hangUp.signal)).catch(() => {});
    await step('refund', () => store.outbox.giveUp(generation.id, clock.nowMs()));
    return null;
  }

  /** Turns the placeholder into the end. Repeatable: after a crash the same edit is made again. */
  async function tellEnd(connection: Connection, item: OutboxItem, placed: MessageRef): Promise<void> {
    const { generationId, generation } = item;
    await connection.live.stop(generationId);
    if (!(await step('posting', () => store.outbox.posting(generationId)))) return;
    const view = await endView(connection, generation);
    connection.live.budget.take();
    let ref: MessageRef | null = placed;
    try {
      await step('post', () => connection.messages.edit(placed, view, hangUp.signal));
    } catch (thrown) {
      const { code } = toAppError(thrown);
      if (code !== 'ADAPTER_MESSAGE_GONE' && code !== 'ADAPTER_CHANNEL_GONE') throw thrown;
      // Somebody deleted the placeholder, or a crash came after the new message and before its id was stored.
      ref = code === 'ADAPTER_MESSAGE_GONE' ? await find(connection, generation) : null;
      ref ??= await post(connection, generation, view);
      if (ref === null) return;
    }
    const { channel, messageId } = ref;
    const name = generation.status === 'drawn' ? 'settle' : 'refund';
    await step(name, () => store.outbox.told(generationId, channel, messageId, clock.nowMs()));
    notices.delete(generationId);
    events.emit({ kind: 'delivered', generationId });
    await pingAfterLongWait(store, connection, generation, ref).catch((thrown: unknown) =>
      onTrouble(generationId, toAppError(thrown, 'ADAPTER_UNAVAILABLE')),
    );
  }

  async function endView({ limits }: Connection, generation: Generation): Promise<View> {
    const told = withNotices(generation);
    if (generation.status !== 'drawn') return finalView(told, null);
    try {
      return finalView(told, await resultImage(parts, generation, limits, parts.software));
    } catch (thrown) {
      const error = toAppError(thrown);
      if (error.retryable || error.code === 'INTERNAL') throw error;
      // No form of it fits the platform, or its file and its model are gone: said, not tried for ever.
      onTrouble(generation.id, error);
      const view = finalView(told, null);
      return { ...view, lines: [...view.lines, wordsFor(localeOf(generation)).sayError(error)] };
    }
  }

  async function retryLater(item: OutboxItem, error: AppError): Promise<void> {
    if (closing.signal.aborted) return;
    onTrouble(item.generationId, error);
    const nowMs = clock.nowMs();
    const asked = error.details['retryAfterMs'];
    const delayMs = typeof asked === 'number' ? asked : Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** item.attempts);
    if (error.code === 'ADAPTER_BUSY') connections.get(item.platform)?.live.budget.slowDown(delayMs);
    try {
      if (nowMs - item.createdAtMs > GIVE_UP_AFTER_MS && isFinished(item.generation)) {
        await step('refund', () => store.outbox.giveUp(item.generationId, nowMs));
        return;
      }
      await step('later', () => store.outbox.later(item.generationId, nowMs + delayMs));
      void clock.sleep(delayMs, closing.signal).then(wake, () => {});
    } catch (thrown) {
      onTrouble(item.generationId, toAppError(thrown, 'STORE_FAILED'));
    }
  }

  function currentView(generation: Generation): View {
    const beforePlace = { kind: 'queued', place: null, placesKnown: 0, yoursAhead: 0, secondsLeft: null } as const;
    return statusView(generation, queue.status(generation.id) ?? beforePlace);
  }

  async function liveView(generationId: string): Promise<View | null> {
    const status = queue.status(generationId);
    if (status === null) return null;
    const generation = await store.generations.get(generationId);
    if (generation === null || isFinished(generation)) return null;
    const painted = previews.get(generationId);
    const image = status.kind === 'painting' && painted !== undefined ? await paintingImage(generation, painted) : null;
    return statusView(generation, status, image);
  }

  function withNotices(generation: Generation): Generation {
    const more = notices.get(generation.id);
    if (more === undefined) return generation;
    const before = generation.options['notices'];
    const words = wordsFor(localeOf(generation));
    const said = [...more].map((notice) => (isSlotNotice(notice) ? words.say(`notice.${notice}`) : notice));
    const all = [...(Array.isArray(before) ? before : []), ...said];
    return { ...generation, options: { ...generation.options, notices: all } };
  }

  function onEvent(event: StudioEvent): void {
    switch (event.kind) {
      case 'accepted':
        fresh.add(event.generation.id);
        homes.set(event.generation.id, event.generation.scope.platform);
        wake();
        return;
      case 'progress': {
        if (event.preview !== null) {
          const painted = previews.get(event.generationId) ?? new Map<number, Preview>();
          previews.set(event.generationId, painted.set(event.pictureIndex, event.preview));
        }
        touch(event.generationId, 'painting');
        return;
      }
      case 'started':
        touch(event.generationId, 'painting');
        return;
      case 'picture':
        for (const notice of event.notices) {
          notices.set(event.generationId, (notices.get(event.generationId) ?? new Set()).add(notice));
        }
        return;
      case 'finished':
        previews.delete(event.generation.id);
        homes.delete(event.generation.id);
        wake();
        return;
      case 'device':
        for (const id of queue.unfinishedIds()) touch(id, 'painting');
        return;
      case 'queue':
        for (const { id } of queue.waiting().slice(0, PLACES_SHOWN)) touch(id, 'waiting');
        return;
      case 'delivered':
        return;
    }
  }

  function touch(generationId: string, urgency: 'painting' | 'waiting'): void {
    const home = homes.get(generationId);
    for (const [platform, { live }] of connections) {
      if (home !== undefined && home !== platform) continue;
      if (urgency === 'painting' || live.budget.fullShare > SPARE_BUDGET_SHARE) live.touch(generationId, urgency);
    }
  }

  return {
    connect({ platform, limits, messages, ping }) {
      const live = createLiveMessages({
        messages,
        limits,
        clock,
        viewOf: liveView,
        async lookUp(generationId) {
          const item = await store.outbox.get(generationId);
          if (item !== null) homes.set(generationId, item.platform);
          const ref = item?.platform === platform && item.state === 'placeholder' ? refOf(item) : null;
          return ref === null || item === null ? null : { ref, createdAtMs: item.createdAtMs };
        },
        onTrouble: (generationId, thrown) => onTrouble(generationId, toAppError(thrown, 'ADAPTER_UNAVAILABLE')),
      });
      connections.set(platform, { limits, messages, live, ...(ping === undefined ? {} : { ping }) });
      for (const [generationId, home] of parked) if (home === platform) parked.delete(generationId);
      wake();
    },
    connection: (platform) => connections.get(platform),
    start() {
      stopListening = events.subscribe(onEvent);
      loop = work();
    },
    async leave(generationId) {
      await Promise.all([...connections.values()].map(({ live }) => live.stop(generationId)));
    },
    async close() {
      stopListening();
      closing.abort();
      await loop;
      const idle = lane.onIdle();
      const patience = new AbortController();
      await Promise.race([idle, clock.sleep(HANG_UP_AFTER_MS, patience.signal).catch(() => {})]);
      patience.abort();
      hangUp.abort();
      await idle;
      await Promise.all([...connections.values()].map(({ live }) => live.close()));
    },
  };
}

function refOf({ platform, channel, messageId }: OutboxItem): MessageRef | null {
  return messageId === null ? null : { platform, channel, messageId };
}

function isSlotNotice(notice: string): notice is SlotNotice {
  return notice === 'CAPTION_CUT' || notice === 'UNWANTED_CUT';
}

function isFinished({ status }: Generation): boolean {
  return status !== 'queued' && status !== 'drawing';
}
