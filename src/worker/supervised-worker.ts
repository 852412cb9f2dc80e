/** A worker process that is kept alive: restarted with back-off, its pictures drawn again, its failures told. */
import type { Environment } from '../config.ts';
import { AppError } from '../errors.ts';
import { shippedModelsDir } from '../models/package-root.ts';
import type { DeviceChoice, Way } from '../pipeline/device.ts';
import { abortable } from './abortable.ts';
import { createDrawQueue, type DrawEntry } from './draw-queue.ts';
import { fromErrorMessage } from './error-message.ts';
import { createMemoryWatch, DEFAULT_MEMORY_POLICY, type MemoryPolicy } from './memory-watch.ts';
import type { FromWorker, WorkerInfo } from './protocol.ts';
import { DEFAULT_RESTART_POLICY, type RestartPolicy, restartDelayMs } from './restart-policy.ts';
import type { WorkerState, WorkerSupervisor } from './supervisor.ts';
import { workerEnvironment } from './worker-environment.ts';
import { cancelledError, closedError, diedError, neverReadyError, unknownModel } from './worker-errors.ts';
import { spawnWorker, type WorkerProcess, workerEntry } from './worker-process.ts';

export type SupervisedWorkerOptions = {
  model: string;
  /** Default: `auto`. */
  device?: DeviceChoice;
  /** Which of several equal devices. */
  deviceIndex?: number | null;
  /** Folder that holds `catalog.json`; default: `models/` of this package. */
  modelsDir?: string;
  /** Most pictures at once; default: what suits the device. */
  slots?: number;
  threads?: number;
  restart?: Partial<RestartPolicy>;
  memory?: Partial<MemoryPolicy>;
  /** How long `close` waits for pictures in flight. */
  drainMs?: number;
  /** File of passed self-tests; null (the default) tests at every start. */
  selfTestPath?: string | null;
  /** What native libraries write to standard error, and when a worker ends: never a prompt. */
  onLog?: (text: string) => void;
  /** Of this program; the worker gets it without secrets. Absent: as it is. */
  environment?: Environment;
  /** Another program that speaks the protocol, for tests. */
  entry?: string;
};

type Decode = { ids: readonly number[]; resolve(png: Uint8Array): void; reject(error: unknown): void; deaths: number };

/** Nothing runs until `start` or the first `draw`. */
export function createSupervisedWorker(options: SupervisedWorkerOptions): WorkerSupervisor {
  const { model, device = 'auto', onLog = () => {} } = options;
  const policy = { ...DEFAULT_RESTART_POLICY, ...options.restart };
  const memoryPolicy = { ...DEFAULT_MEMORY_POLICY, ...options.memory };
  const queue = createDrawQueue();
  const decodes = new Map<number, Decode>();
  const listeners = new Set<(state: WorkerState) => void>();
  const avoid: Way[] = [];
  let nextCallId = 1;
  let state: WorkerState = 'starting';
  let info: WorkerInfo | null = null;
  let worker: WorkerProcess | null = null;
  let trying: Way | null = null;
  let loading = false;
  let deathsInARow = 0;
  let restartTimer: NodeJS.Timeout | undefined;
  let stallTimer: NodeJS.Timeout | undefined;
  let started: Promise<WorkerInfo> | null = null;
  let settleStart: { resolve(info: WorkerInfo): void; reject(error: unknown): void } | null = null;
  let closed: Promise<void> | null = null;
  let memory = createMemoryWatch(memoryPolicy);
  let memoryBytes: number | null = null;
  /** Takes nothing new, and goes when its last picture is done. */
  let retiring = false;
  let onIdle = (): void => {};

  function setState(next: WorkerState): void {
    if (state === next || state === 'closed') return;
    state = next;
    for (const listener of [...listeners]) listener(next);
  }

  function spawn(): void {
    let entry: string;
    try {
      entry = options.entry ?? workerEntry();
    } catch (error) {
      giveUp(error);
      return;
    }
    trying = null;
    const listening = {
      onMessage: (message: FromWorker) => void (worker === mine && onMessage(message)),
      onExit: () => void (worker === mine && onDeath()),
      onLog,
    };
    const known = options.environment === undefined ? undefined : workerEnvironment(options.environment);
    const mine = spawnWorker(entry, listening, known);
    worker = mine;
    loading = true;
    retiring = false;
    memory = createMemoryWatch(memoryPolicy);
    memoryBytes = null;
    watch();
    mine.send({
      kind: 'load',
      options: {
        modelsDir: options.modelsDir ?? shippedModelsDir(),
        model,
        device,
        deviceIndex: options.deviceIndex ?? null,
        slots: options.slots ?? null,
        threads: options.threads ?? null,
        avoid,
        selfTestPath: options.selfTestPath ?? null,
      },
    });
  }

  function onMessage(message: FromWorker): void {
    watch();
    switch (message.kind) {
      case 'trying':
        trying = { device: message.device, compute: message.compute };
        break;
      case 'ready':
        onReady(message.info);
        break;
      case 'refused':
        onRefused(fromErrorMessage(message.error));
        break;
      case 'progress':
        queue.flying(message.progress.slotId)?.onProgress(message.progress);
        break;
      case 'picture':
        deathsInARow = 0;
        queue.remove(message.picture.slotId)?.settle.resolve(message.picture);
        memoryBytes = message.memoryBytes;
        retiring ||= memory.seen(message.memoryBytes);
        break;
      case 'slotFailed':
        queue.remove(message.slotId)?.settle.reject(fromErrorMessage(message.error));
        break;
      case 'decoded':
        takeDecode(message.callId)?.resolve(message.png);
        break;
      case 'decodeFailed':
        takeDecode(message.callId)?.reject(fromErrorMessage(message.error));
        break;
    }
    pump();
  }

  function onReady(ready: WorkerInfo): void {
    info = ready;
    trying = null;
    loading = false;
    for (const [callId, { ids }] of decodes) worker?.send({ kind: 'decode', callId, ids });
    setState('ready');
    settleStart?.resolve(ready);
    settleStart = null;
  }

  /** The worker said why it cannot draw: whoever waits is told. What started once may start again: the file may come back. */
  function onRefused(error: AppError): void {
    worker = null;
    if (info === null) {
      giveUp(error);
      return;
    }
    rejectAll(error);
    setState('down');
    scheduleRestart(policy.maxDelayMs);
  }

  function onDeath(): void {
    worker = null;
    clearTimeout(stallTimer);
    deathsInARow += 1;
    onLog(`worker ended, death ${deathsInARow} in a row\n`);
    setState('down');
    onIdle();
    if (closed !== null) return;
    for (const entry of queue.land()) entry.settle.reject(diedError());
    for (const [callId, decode] of [...decodes]) {
      decode.deaths += 1;
      if (decode.deaths > 1) takeDecode(callId)?.reject(diedError());
    }
    if (trying !== null && (trying.compute === 'float16' || (device === 'auto' && trying.device !== 'cpu'))) {
      // The device killed it, not chance: go on without that device, or in float32 on it, at once.
      avoid.push(trying);
      spawn();
      return;
    }
    if (deathsInARow >= policy.startAttempts) {
      if (info === null) {
        giveUp(neverReadyError(deathsInARow));
        return;
      }
      rejectAll(neverReadyError(deathsInARow));
    }
    scheduleRestart(restartDelayMs(policy, deathsInARow));
  }

  function scheduleRestart(delayMs: number): void {
    restartTimer = setTimeout(spawn, delayMs);
  }

  /** It never was ready: there is nothing to restart. */
  function giveUp(error: unknown): void {
    settleStart?.reject(error);
    settleStart = null;
    rejectAll(error);
    setState('closed');
  }

  function rejectAll(error: unknown): void {
    for (const entry of queue.drain()) entry.settle.reject(error);
    for (const callId of [...decodes.keys()]) takeDecode(callId)?.reject(error);
  }

  function takeDecode(callId: number): Decode | undefined {
    const decode = decodes.get(callId);
    decodes.delete(callId);
    return decode;
  }

  /** Between two jobs: what is drawn ends first, what waits is drawn by the next process. */
  function recycle(old: WorkerProcess): void {
    onLog('worker replaced, its memory had grown\n');
    worker = null;
    setState('down');
    old.send({ kind: 'close' });
    const killTimer = setTimeout(() => old.kill(), CLOSE_WITHIN_MS);
    void old.exited.then(() => {
      clearTimeout(killTimer);
      if (state !== 'closed') spawn();
    });
  }

  function pump(): void {
    if (queue.inFlight === 0 && decodes.size === 0) onIdle();
    if (state !== 'ready' || worker === null || info === null) return;
    if (retiring) {
      if (queue.inFlight === 0 && decodes.size === 0) recycle(worker);
      return;
    }
    for (let entry = queue.next(info.slots); entry !== null; entry = queue.next(info.slots)) {
      worker.send({ kind: 'draw', slot: entry.slot });
    }
    watch();
  }

  /** A driver that hangs sends nothing and does not die: end it, so that its pictures are drawn again. */
  function watch(): void {
    clearTimeout(stallTimer);
    const owesAnswer = loading || queue.inFlight > 0 || decodes.size > 0;
    if (worker === null || !owesAnswer) return;
    stallTimer = setTimeout(() => worker?.kill(), policy.stallMs);
    stallTimer.unref();
  }

  /** Resolves when the pictures in flight are done, the worker is gone, or it took too long. */
  async function drained(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      onIdle = resolve;
      timer = setTimeout(resolve, options.drainMs ?? DRAIN_MS);
    });
    clearTimeout(timer);
  }

  function refusal(slotId: string, slotModel: string): AppError | null {
    if (state === 'closed' || closed !== null) return closedError();
    if (slotModel !== model) return unknownModel(slotModel, model);
    if (queue.has(slotId)) return new AppError('INTERNAL', 'Every slot needs its own id.');
    return null;
  }

  const supervisor: WorkerSupervisor = {
    get state() {
      return state;
    },
    get memoryBytes() {
      return memoryBytes;
    },
    get info() {
      return info;
    },
    start(signal) {
      if (started === null) {
        started = new Promise<WorkerInfo>((resolve, reject) => {
          if (state === 'closed') {
            reject(closedError());
            return;
          }
          settleStart = { resolve, reject };
          spawn();
        });
        // Draws that started it learn of a failure themselves.
        started.catch(() => {});
      }
      return abortable(started, signal, () => supervisor.close());
    },
    draw(slot, onProgress, signal) {
      const refused = signal?.aborted ? cancelledError() : refusal(slot.slotId, slot.model);
      if (refused !== null) return Promise.reject(refused);
      return new Promise((resolve, reject) => {
        const onAbort = (): void => {
          const entry = queue.remove(slot.slotId);
          worker?.send({ kind: 'cancel', slotId: slot.slotId });
          entry?.settle.reject(cancelledError());
          pump();
        };
        const done = (): void => signal?.removeEventListener('abort', onAbort);
        const settle: DrawEntry['settle'] = {
          resolve(picture) {
            done();
            resolve(picture);
          },
          reject(error) {
            done();
            reject(error);
          },
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        queue.add({ slot, onProgress, settle, deaths: 0 });
        void supervisor.start().then(pump, () => {});
      });
    },
    decode(decodeModel, ids, signal) {
      const callId = nextCallId++;
      const refused = signal?.aborted ? cancelledError() : refusal('', decodeModel);
      if (refused !== null) return Promise.reject(refused);
      const png = new Promise<Uint8Array>((resolve, reject) => {
        decodes.set(callId, { ids, resolve, reject, deaths: 0 });
        if (state === 'ready') {
          worker?.send({ kind: 'decode', callId, ids });
          watch();
        } else void supervisor.start().catch(() => {});
      });
      return abortable(png, signal, () => void decodes.delete(callId));
    },
    onState(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      closed ??= (async () => {
        clearTimeout(restartTimer);
        const error = closedError();
        settleStart?.reject(error);
        settleStart = null;
        for (const entry of queue.drainWaiting()) entry.settle.reject(error);
        if (state === 'ready' && queue.inFlight > 0) await drained();
        clearTimeout(stallTimer);
        const last = worker;
        worker = null;
        rejectAll(error);
        setState('closed');
        if (last === null) return;
        last.send({ kind: 'close' });
        // It may stand in a long row, or in native code for ever.
        const killTimer = setTimeout(() => last.kill(), CLOSE_WITHIN_MS);
        await last.exited;
        clearTimeout(killTimer);
      })();
      return closed;
    },
  };
  return supervisor;
}

const CLOSE_WITHIN_MS = 5_000;
const DRAIN_MS = 3_000;
