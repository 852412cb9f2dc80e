/** The seam behind which pictures are drawn: a supervised worker process, or a fake in tests. */
import type { SlotPicture, SlotProgress, SlotRequest } from '../pipeline/pipeline.ts';
import type { WorkerInfo } from './protocol.ts';

/** `down`: the worker died and is being restarted; draws wait. `closed` is final. */
export type WorkerState = 'starting' | 'ready' | 'down' | 'closed';

export type DrawHandle = { done: Promise<SlotPicture>; cancel(): void };

/** One drawing process, for who looks after it. */
export type WorkerSummary = {
  state: WorkerState;
  device: string | null;
  slots: number | null;
  msPerPicture: number | null;
  memoryBytes: number | null;
};

export type WorkerSupervisor = {
  readonly state: WorkerState;
  /** What the running worker said about itself; null until it was ready once. */
  readonly info: WorkerInfo | null;
  /** Of the process, when it last told. */
  readonly memoryBytes?: number | null;
  /** Each of several; absent: this one alone. */
  readonly workers?: readonly WorkerSummary[];
  /**
   * Spawns the worker, loads the model, self-tests devices. Calling it again returns the same promise.
   *
   * @throws {AppError} `MODEL_*` or `DEVICE_*` when the worker says that it cannot start, `WORKER_DIED` when it ends three
   * times before it is ready
   */
  start(signal?: AbortSignal): Promise<WorkerInfo>;
  /**
   * Draws one picture. More draws than slots wait inside, first come first served.
   *
   * A slot in flight when its worker dies is drawn again once, alone. Progress then starts again from row 1.
   *
   * @throws {AppError} `CANCELLED` on abort (the slot leaves at the next row), `WORKER_DIED` when a second worker died on
   * it, `WORKER_CLOSED` after `close`, `MODEL_*`, `DEVICE_*`
   */
  draw(slot: SlotRequest, onProgress: (progress: SlotProgress) => void, signal?: AbortSignal): Promise<SlotPicture>;
  /** The plain PNG of finished ids again. @throws {AppError} `MODEL_UNKNOWN` for a model this worker does not hold */
  decode(model: string, ids: readonly number[], signal?: AbortSignal): Promise<Uint8Array>;
  onState(listener: (state: WorkerState) => void): () => void;
  /**
   * Takes nothing more, lets pictures in flight finish for some seconds, ends the child. What waited, and what did not finish,
   * rejects with `WORKER_CLOSED`. Safe to call twice.
   */
  close(): Promise<void>;
};
