/** Easel whole: opened in order, closed in the reverse of it. Adapters are connected from outside. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config, Environment } from '../config.ts';
import { createCourier } from '../conversation/courier.ts';
import { createMessageActions } from '../conversation/create-message-actions.ts';
import { createReactionTracker } from '../conversation/create-reactions.ts';
import { createDeliverer } from '../conversation/deliverer.ts';
import type { Connection } from '../conversation/desk/context.ts';
import { createDesk } from '../conversation/desk/create-desk.ts';
import type { Desk } from '../conversation/desk/desk.ts';
import type { Directory } from '../conversation/directory.ts';
import { createGallery } from '../conversation/gallery.ts';
import type { MessageActions } from '../conversation/message-actions.ts';
import type { ChatAdapter } from '../conversation/messages.ts';
import { createOnce, type Once } from '../conversation/once.ts';
import { createQuietMessages } from '../conversation/quiet-messages.ts';
import type { ReactionTracker } from '../conversation/reactions.ts';
import { type AppError, toAppError } from '../errors.ts';
import { loadCatalog } from '../models/catalog.ts';
import { findPackageRoot } from '../models/package-root.ts';
import { type Clock, systemClock } from '../ops/clock.ts';
import { createLog, type Log } from '../ops/log.ts';
import { createMetrics, type Metrics } from '../ops/metrics.ts';
import { createShutdown } from '../ops/shutdown.ts';
import { step } from '../ops/step.ts';
import { blockedWordsFilter } from '../policy/blocked-words.ts';
import { openLimits } from '../policy/create-limits.ts';
import { createDoor, DEFAULT_FLOOD_LIMIT, type FloodLimit } from '../policy/door.ts';
import type { Filter } from '../policy/filter.ts';
import type { Limits } from '../policy/limits.ts';
import { readPromptModels } from '../prompt/prompt-model.ts';
import { createEventBus, type EventBus } from '../queue/events.ts';
import type { JobQueue } from '../queue/job-queue.ts';
import { createLocalQueue } from '../queue/local-queue.ts';
import { serveAdmin } from '../store/admin-socket.ts';
import { openDataFolder } from '../store/data-folder.ts';
import { applyRetention, DEFAULT_RETENTION, type RetentionLimits, sweepOrphans } from '../store/retention.ts';
import type { OpenedStore } from '../store/store.ts';
import type { WorkerInfo } from '../worker/protocol.ts';
import { defaultSelfTestPath } from '../worker/self-test-path.ts';
import type { WorkerSupervisor } from '../worker/supervisor.ts';
import { createWorkerPool } from '../worker/worker-pool.ts';
import { type AdminStatus, createAdminHandler } from './admin-commands.ts';
import { createStudio } from './create-studio.ts';
import { guardStudio } from './guarded-studio.ts';
import { TERMINAL_PLATFORM } from './platforms.ts';
import { createSignIns, type SignIns } from './sign-ins.ts';
import type { Studio } from './studio.ts';

export type Easel = {
  readonly studio: Studio;
  /** Answers `/easel …`. */
  readonly desk: Desk;
  /** What people react to messages with. */
  readonly reactions: ReactionTracker;
  /** Context menus, and replies with other words. */
  readonly messageActions: MessageActions;
  /** Sessions of the web admin. */
  readonly signIns: SignIns;
  /** For what platforms tell more than once. */
  readonly once: Once;
  /** Who may draw how much. */
  readonly limits: Limits;
  /** Names for ids, of a connected platform. */
  directory(platform: string): Directory | undefined;
  readonly queue: Pick<JobQueue, 'pause' | 'resume' | 'counts' | 'waiting' | 'status' | 'unfinishedIds'>;
  readonly events: EventBus;
  readonly store: OpenedStore;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Of the shipped or chosen model; requests are taken before the worker is ready. */
  readonly model: { name: string; hash: string };
  /** Resolves when the first picture can be drawn; rejects when this machine cannot draw at all. */
  readonly ready: Promise<WorkerInfo>;
  /** Starts an adapter; its messages are delivered from now on, older ones too. */
  connect(adapter: ChatAdapter): Promise<void>;
  /** For `/healthz` and `easel status`. */
  status(): AdminStatus;
  /** No new requests, running rows end, deliveries end, adapters close, then the database. Safe to call twice. */
  close(): Promise<void>;
};

export type EaselOptions = {
  clock?: Clock;
  log?: Log;
  /** What reads the words of a request before it costs anything. */
  filters?: readonly Filter[];
  /** Of this program: what its workers may know of it. */
  environment?: Environment;
  /** Another way to draw, for tests. */
  supervisor?: WorkerSupervisor;
  /** Folder that holds `catalog.json`; default: `models/` of this package. */
  modelsDir?: string;
  retention?: RetentionLimits;
  /** Where kept pictures of a place are shown. */
  galleryOf?: (place: { platform: string; tenant: string }) => string | null;
  /** How many actions of one person are let in; default: 40 in ten seconds; null: all. */
  flood?: FloodLimit | null;
  /** How soon a reaction must be taken back to take its request back; default: three seconds. */
  takeBackMs?: number;
  /** Hears of each step of closing as it begins. */
  onClosing?: (step: string) => void;
};

const HOUSEKEEPING_MS = 3_600_000;
/** Slack tells of an event for six minutes; nobody for a day. */
const CLAIMS_KEPT_MS = 24 * 3_600_000;
const ROLL_UP_MS = 24 * HOUSEKEEPING_MS;

/**
 * Opens the data folder and everything over it.
 *
 * Does not wait for the worker: requests are accepted at once and drawn when it is ready.
 * @throws {AppError} `STORE_*` (also that another Easel owns the folder), `MODEL_*`; then nothing stays open
 */
export async function createEasel(config: Config, options: EaselOptions = {}): Promise<Easel> {
  const clock = options.clock ?? systemClock;
  const log = options.log ?? createLog({ level: config.logLevel });
  const shutdown = createShutdown((name) => {
    log.info('closing', { step: name });
    options.onClosing?.(name);
  });
  try {
    return await open();
  } catch (thrown) {
    await shutdown.close();
    throw thrown;
  }

  async function open(): Promise<Easel> {
    const catalog = await loadCatalog(options.modelsDir);
    const { hash, name } = await catalog.resolve(config.model ?? catalog.defaultName);
    const { models } = await readPromptModels(catalog, name);
    const model = { ...models[0], name, hash };
    const software = `Easel ${packageVersion()}`;

    const folder = await openDataFolder({ dataDir: config.dataDir, databaseUrl: config.databaseUrl });
    shutdown.add('database', folder.close);
    const { store, blobs } = folder;
    const metrics = createMetrics();
    shutdown.add('metrics', metrics.close);

    const onTrouble = (generationId: string | null, error: AppError): void => {
      metrics.count(`trouble_${error.code.toLowerCase()}`);
      log.error('trouble', error, { generationId });
    };
    const events = createEventBus((thrown) => onTrouble(null, toAppError(thrown)));
    events.subscribe((event) => {
      if (event.kind === 'accepted') {
        const { id: generationId, requestKey: requestId, kind, pictures } = event.generation;
        metrics.count('generations_accepted');
        log.info('accepted', { requestId, generationId, kind, pictures: pictures.length });
      } else if (event.kind === 'finished') {
        const { id: generationId, requestKey: requestId, status, errorCode, charge } = event.generation;
        metrics.count(`generations_${status}`);
        log.info('finished', { requestId, generationId, status, errorCode, engineMs: charge.engineMs });
      } else if (event.kind === 'delivered') {
        metrics.count('generations_delivered');
        log.info('delivered', { generationId: event.generationId });
      } else if (event.kind === 'device') {
        log.warn(event.downSinceMs === null ? 'the device is back' : 'the device is gone, jobs are kept');
      }
    });
    const { limits, policy, finished, rollUp } = await openLimits({
      ...{ store, clock, model: name },
      filters: options.filters ?? [blockedWordsFilter],
      cancel: (generationId) => cancel(generationId),
      jobsOf: ({ platform, user }) => queue.jobsOf(platform, user),
    });
    events.subscribe((event) => event.kind === 'finished' && finished(event.generation));
    const supervisor =
      options.supervisor ??
      createWorkerPool({
        model: name,
        devices: config.devices,
        selfTestPath: defaultSelfTestPath(),
        ...(options.environment === undefined ? {} : { environment: options.environment }),
        ...(options.modelsDir === undefined ? {} : { modelsDir: options.modelsDir }),
        onLog: (text) => log.debug('worker', { output: text.trim() }),
      });
    const queue = createLocalQueue({ store, blobs, supervisor, weights: policy.weights, events, clock, onTrouble });
    const tools = { store, blobs, supervisor, software };
    const deliverer = createDeliverer({
      ...tools,
      queue,
      events,
      clock,
      onTrouble,
      async cancel(generationId) {
        const outcome = await step('cancel', () => store.generations.cancel(generationId, clock.nowMs()));
        queue.drop(generationId, outcome.drawing);
      },
    });
    const courier = createCourier({ ...tools, connection: deliverer.connection });
    const adapters: ChatAdapter[] = [];
    const connection = (platform: string): Connection | undefined =>
      adapters.find((adapter) => adapter.platform === platform) ?? deliverer.connection(platform);
    const gallery = createGallery({
      ...{ ...tools, clock, connection, onTrouble },
      platforms: () => adapters.map(({ platform }) => platform),
    });
    const door = createDoor(options.flood === undefined ? DEFAULT_FLOOD_LIMIT : options.flood);
    const whole = createStudio({
      courier: { ...courier, leave: deliverer.leave, keptChanged: gallery.wake },
      galleryOf: options.galleryOf ?? ((place) => limits.settings(place).galleryChannel),
      ...{ store, blobs, queue, supervisor, policy, limits, events, clock, model },
      promptsMax: config.promptsMax,
      cancel,
      onTrouble: (thrown) => onTrouble(null, toAppError(thrown)),
    });

    const studio = guardStudio(whole, door);
    const signIns = createSignIns({ store, clock, publicUrl: config.web.publicUrl, connection });
    const desk = createDesk({
      door,
      ...{ studio, store, queue, limits, clock, model, signIns },
      drawing: () => ({
        state: supervisor.state,
        device: supervisor.info?.device ?? null,
        msPerPicture: supervisor.info?.msPerPicture ?? null,
      }),
      connection,
    });
    const reactions = createReactionTracker({
      ...{ store, studio, clock, connection },
      ...(options.takeBackMs === undefined ? {} : { takeBackMs: options.takeBackMs }),
    });
    async function cancel(generationId: string): Promise<boolean> {
      const { cancelled, drawing, generation } = await step('cancel', () =>
        store.generations.cancel(generationId, clock.nowMs()),
      );
      if (!cancelled) return false;
      queue.drop(generationId, drawing);
      if (generation !== null) events.emit({ kind: 'finished', generation });
      return true;
    }

    const closing = new AbortController();
    shutdown.add('adapters', async () => {
      await Promise.allSettled(adapters.map((adapter) => adapter.close()));
    });
    shutdown.add('deliveries', async () => {
      await Promise.all([deliverer.close(), gallery.close()]);
    });
    shutdown.add('drawing', async () => {
      const drawn = queue.close();
      await supervisor.close();
      await drawn;
    });
    deliverer.connect(createQuietMessages(TERMINAL_PLATFORM));
    // In this order: what the deliverer hears of, the queue may finish at once.
    deliverer.start();
    gallery.start();
    await queue.start();
    const ready = supervisor.start();
    ready.then(
      ({ device, why, slots, msPerPicture }) => log.info('ready to draw', { device, why, slots, msPerPicture }),
      (thrown) => closing.signal.aborted || onTrouble(null, toAppError(thrown, 'DEVICE_UNAVAILABLE')),
    );

    const status = (): AdminStatus => ({
      version: software,
      pid: process.pid,
      worker: supervisor.state,
      device: supervisor.info?.device ?? null,
      model: name,
      slots: supervisor.info?.slots ?? null,
      msPerPicture: supervisor.info?.msPerPicture ?? null,
      workers: (supervisor.workers ?? []).map((worker) => ({ ...worker })),
      waiting: queue.counts.waiting,
      drawing: queue.counts.drawing,
      adapters: adapters.map(({ platform }) => platform),
    });
    const admin = await serveAdmin(
      config.dataDir,
      createAdminHandler({ studio, desk, signIns, status, closing: closing.signal }),
    );
    let rolledUpAtMs = Number.NEGATIVE_INFINITY;
    const housekeeping = keepHouse();
    shutdown.add('requests', async () => {
      closing.abort();
      await Promise.allSettled(adapters.map((adapter) => adapter.stopRequests()));
      await Promise.allSettled([studio.close(), admin.close(), housekeeping]);
    });
    return {
      ...{
        studio,
        desk,
        limits,
        signIns,
        directory: (platform: string) => connection(platform)?.directory,
        reactions,
        messageActions: createMessageActions(studio),
        once: createOnce({ store, clock }),
        queue,
        events,
        store,
        log,
        metrics,
        ready,
        status,
      },
      model: { name, hash },
      async connect(adapter) {
        adapters.push(adapter);
        deliverer.connect(adapter);
        gallery.wake();
        await adapter.start(closing.signal);
      },
      async close() {
        const failures = await shutdown.close();
        for (const [name, error] of failures) log.error('closing failed', error, { step: name });
      },
    };

    async function rollUpDaily(): Promise<void> {
      if (clock.nowMs() - rolledUpAtMs < ROLL_UP_MS) return;
      await rollUp();
      rolledUpAtMs = clock.nowMs();
    }

    async function keepHouse(): Promise<void> {
      const limits = options.retention ?? DEFAULT_RETENTION;
      while (!closing.signal.aborted) {
        try {
          await applyRetention({ store, blobs }, limits, clock.nowMs(), closing.signal);
          await store.claims.forget(clock.nowMs() - CLAIMS_KEPT_MS);
          await store.signIns.forget(clock.nowMs());
          await sweepOrphans({ store, blobs }, clock.nowMs(), closing.signal);
          await rollUpDaily();
        } catch (thrown) {
          onTrouble(null, toAppError(thrown, 'STORE_FAILED'));
        }
        await clock.sleep(HOUSEKEEPING_MS, closing.signal).catch(() => {});
      }
    }
  }
}

function packageVersion(): string {
  const text = readFileSync(join(findPackageRoot(import.meta.url), 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
