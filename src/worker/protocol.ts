/** The messages between the parent and a worker process: plain data, sent with `serialization: 'advanced'` so bytes stay bytes. */
import type { ErrorDetails } from '../errors.ts';
import type { ComputeType, DeviceChoice, DeviceName, DeviceReport, Way } from '../pipeline/device.ts';
import type { ModelInfo, SlotPicture, SlotProgress, SlotRequest } from '../pipeline/pipeline.ts';

/** What a ready worker tells about itself. */
export type WorkerInfo = {
  device: DeviceName;
  compute: ComputeType;
  /** One sentence: why this device was taken. */
  why: string;
  /** Every device that was tried. */
  devices: DeviceReport[];
  model: ModelInfo;
  /** Pictures drawn at once. */
  slots: number;
  rows: number;
  /** One picture alone, measured in the self-test. */
  msPerPicture: number;
  loadMs: number;
  pid: number;
};

export type WorkerOptions = {
  /** Folder that holds `catalog.json`. */
  modelsDir: string;
  model: string;
  device: DeviceChoice;
  /** Which of several equal devices; null leaves it to the runtime. */
  deviceIndex: number | null;
  /** Most pictures drawn at once; null lets the worker decide from the device. */
  slots: number | null;
  /** CPU threads of the runtime; null lets the worker decide. */
  threads: number | null;
  /** Left alone where there is another way: a worker died there. */
  avoid: Way[];
  /** File of passed self-tests; null tests at every start. */
  selfTestPath: string | null;
};

/** An error as data: an AppError without its stack. */
export type ErrorMessage = { code: string; message: string; details: ErrorDetails };

export type ToWorker =
  | { kind: 'load'; options: WorkerOptions }
  | { kind: 'draw'; slot: SlotRequest }
  | { kind: 'cancel'; slotId: string }
  | { kind: 'decode'; callId: number; ids: readonly number[] }
  | { kind: 'close' };

export type FromWorker =
  /** Sent before a device is opened: native code may end the process there, and the parent then knows where. */
  | ({ kind: 'trying' } & Way)
  | { kind: 'ready'; info: WorkerInfo }
  /** The worker cannot start and ends: trying again would fail the same way. */
  | { kind: 'refused'; error: ErrorMessage }
  | { kind: 'progress'; progress: SlotProgress }
  /** With what the whole process holds in memory. */
  | { kind: 'picture'; picture: SlotPicture; memoryBytes: number }
  | { kind: 'slotFailed'; slotId: string; error: ErrorMessage }
  | { kind: 'decoded'; callId: number; png: Uint8Array }
  | { kind: 'decodeFailed'; callId: number; error: ErrorMessage };
