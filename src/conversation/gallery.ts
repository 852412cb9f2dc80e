/** Copies of kept pictures in the channel that an admin chose: each posted once, with credit and a link, and taken down when nobody keeps it. */
import { setMaxListeners } from 'node:events';
import { AppError, toAppError } from '../errors.ts';
import type { Clock } from '../ops/clock.ts';
import { step } from '../ops/step.ts';
import type { DrawTools } from '../queue/draw-slot.ts';
import type { GalleryItem } from '../store/records.ts';
import type { Connection } from './desk/context.ts';
import { resultImage } from './images.ts';
import type { Address, MessageRef } from './messages.ts';
import type { View } from './view.ts';
import { finalView, localeOf } from './views.ts';
import { wordsFor } from './words.ts';

export type GalleryParts = Pick<DrawTools, 'store' | 'blobs' | 'supervisor'> & {
  clock: Clock;
  connection(platform: string): Connection | undefined;
  /** Those that are connected; the others' rows wait. */
  platforms(): readonly string[];
  software: string;
  onTrouble(generationId: string | null, error: AppError): void;
};

export type Gallery = {
  start(): void;
  /** Something was kept or un-kept: look now. */
  wake(): void;
  close(): Promise<void>;
};

const BATCH = 16;
/** Nobody wakes us for what another process kept, or what waits for its next try. */
const IDLE_MS = 30_000;
const FIRST_RETRY_MS = 2_000;
const MAX_RETRY_MS = 600_000;
const TRIES_MAX = 1_000;

export function createGallery(parts: GalleryParts): Gallery {
  const { store, clock, onTrouble } = parts;
  const closing = new AbortController();
  // Every wait for a next try listens.
  setMaxListeners(0, closing.signal);
  let nap = new AbortController();
  let isAwake = false;
  let loop: Promise<void> = Promise.resolve();

  async function work(): Promise<void> {
    while (!closing.signal.aborted) {
      isAwake = false;
      try {
        const items = await store.gallery.next(parts.platforms(), clock.nowMs(), BATCH);
        for (const item of items) if (!closing.signal.aborted) await handle(item);
        if (items.length > 0) continue;
      } catch (thrown) {
        onTrouble(null, toAppError(thrown, 'STORE_FAILED'));
      }
      nap = new AbortController();
      // A wake that came while rows were read must not be slept through.
      if (!isAwake) await clock.sleep(IDLE_MS, AbortSignal.any([nap.signal, closing.signal])).catch(() => {});
    }
  }

  async function handle(item: GalleryItem): Promise<void> {
    const connection = parts.connection(item.platform);
    try {
      if (connection === undefined) return;
      if (item.state === 'leaving') await takeDown(connection, item);
      else await show(connection, item);
    } catch (thrown) {
      const error = toAppError(thrown, 'ADAPTER_UNAVAILABLE');
      onTrouble(item.generationId, error);
      const isHopeless = error.code === 'ADAPTER_CHANNEL_GONE' || item.attempts >= TRIES_MAX;
      if (isHopeless) await step('shown', () => store.gallery.gone(item.generationId));
      else await later(item, delayOf(error, item));
    }
  }

  /** Repeatable: after a crash the copy that was posted is found before another one is. */
  async function show({ messages, limits, linkTo }: Connection, item: GalleryItem): Promise<void> {
    const { generation, generationId } = item;
    const address = addressOf(item);
    const found = await step('find', () => messages.find(address, generationId, closing.signal));
    const ref = found ?? (await post());
    const isWanted = await step('shown', () => store.gallery.posted(generationId, ref.messageId));
    if (!isWanted) await step('unpost', () => messages.remove(ref));

    async function post(): Promise<MessageRef> {
      const image = await resultImage(parts, generation, limits, parts.software);
      const original = await store.outbox.get(generationId);
      const { channel, messageId } = original ?? { channel: '', messageId: null };
      const link = messageId === null ? null : await linkTo?.({ platform: item.platform, channel, messageId });
      const view = galleryView(finalView(generation, image), localeOf(generation), link ?? null);
      return step('show-kept', () => messages.post(address, view, closing.signal));
    }
  }

  async function takeDown({ messages }: Connection, item: GalleryItem): Promise<void> {
    const { platform, channel, messageId, generationId } = item;
    const known = messageId === null ? null : { platform, channel, messageId };
    const ref = known ?? (await step('find', () => messages.find(addressOf(item), generationId, closing.signal)));
    if (ref !== null) {
      await step('unpost', () => messages.remove(ref, closing.signal)).catch((thrown: unknown) => {
        const isGone = thrown instanceof AppError && thrown.code === 'ADAPTER_MESSAGE_GONE';
        if (!isGone) throw thrown;
      });
    }
    await step('shown', () => store.gallery.gone(generationId));
  }

  async function later({ generationId }: GalleryItem, delayMs: number): Promise<void> {
    await step('later', () => store.gallery.later(generationId, clock.nowMs() + delayMs));
    void clock.sleep(delayMs, closing.signal).then(wake, () => {});
  }

  function wake(): void {
    isAwake = true;
    nap.abort();
  }

  return {
    start() {
      loop = work();
    },
    wake,
    async close() {
      closing.abort();
      await loop;
    },
  };
}

function addressOf({ platform, tenant, channel }: GalleryItem): Address {
  return { kind: 'channel', platform, tenant, channel, target: {} };
}

function delayOf(error: AppError, { attempts }: GalleryItem): number {
  const asked = error.details['retryAfterMs'];
  return typeof asked === 'number' ? asked : Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** attempts);
}

/** What strangers to the channel need: who drew it, and where it comes from. */
function galleryView(view: View, locale: View['locale'], link: string | null): View {
  const words = wordsFor(locale);
  return {
    ...view,
    heading: words.say('view.kept'),
    lines: [],
    link: link === null ? null : { label: words.say('line.original'), address: link },
    // A copy is neither cancelled nor redrawn here; what is deleted goes everywhere.
    controls: view.controls.filter(({ kind }) => kind !== 'edit'),
  };
}
