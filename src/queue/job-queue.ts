/** The seam of the queue: jobs go in as data, slots are filled by the picker, events come out. */
import type { WaitingJob } from '../policy/picker.ts';
import type { Generation, SlotKey } from '../store/records.ts';
import type { JobStatus } from './job-status.ts';

export type JobQueue = {
  /** Takes up what the store holds unfinished, then fills slots whenever one is free. */
  start(signal?: AbortSignal): Promise<void>;
  /** A generation that was just accepted. */
  add(generation: Generation): void;
  /** It was cancelled or removed in the store: leaves the queue, and its slots at their next row. */
  drop(generationId: string, drawing: readonly SlotKey[]): void;
  /** null: not in the queue, so finished or unknown. */
  status(generationId: string): JobStatus | null;
  /** The first of the waiting, by place. */
  waiting(): readonly WaitingJob[];
  /** Every generation in the queue, waiting or drawn. */
  unfinishedIds(): Iterable<string>;
  readonly counts: { waiting: number; drawing: number };
  /** Of one person, wherever on the platform. */
  jobsOf(platform: string, user: string): { waiting: number; running: number };
  /** Nothing new is begun until `resume`; what is drawn ends. */
  pause(): void;
  resume(): void;
  /** Begins nothing more; slots still drawn go back to waiting. Call it before the worker closes, await it after. */
  close(): Promise<void>;
};
