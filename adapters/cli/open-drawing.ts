// Who draws for a one-shot command: a worker of its own, for as long as the command runs.

import {
  type Config,
  createWorkerPool,
  defaultSelfTestPath,
  type Environment,
  type SlotPicture,
  type SlotProgress,
  type SlotRequest,
} from '../../src/index.ts';

/** Something that draws pictures with one model. */
export type Drawing = {
  readonly model: { readonly name: string; readonly hash: string; readonly rows: number; readonly columns: number };
  readonly device: string;
  /** @throws {AppError} `CANCELLED` on abort, and what a worker may throw */
  draw(slot: SlotRequest, onProgress: (progress: SlotProgress) => void, signal: AbortSignal): Promise<SlotPicture>;
  /** Of the process that draws, after its last picture; null when it is not told. */
  memoryBytes(): number | null;
  close(): Promise<void>;
};

export type OpenDrawing = (model: string, config: Config, signal: AbortSignal) => Promise<Drawing>;

/** Opens a drawing on a worker process that this command starts and ends. */
export function openWorkerDrawing(
  modelsDir: string | undefined,
  environment: Environment,
  onLog: (text: string) => void,
): OpenDrawing {
  return async (model, config, signal) => {
    const worker = createWorkerPool({
      model,
      devices: config.devices,
      // It ends with this command: another process would be ready when the pictures are.
      cpuWorkers: 1,
      selfTestPath: defaultSelfTestPath(),
      onLog,
      environment,
      ...(modelsDir === undefined ? {} : { modelsDir }),
    });
    try {
      const info = await worker.start(signal);
      return {
        model: info.model,
        device: info.device,
        draw: (slot, onProgress, drawSignal) => worker.draw(slot, onProgress, drawSignal),
        memoryBytes: () => worker.workers?.[0]?.memoryBytes ?? null,
        close: () => worker.close(),
      };
    } catch (thrown) {
      await worker.close();
      throw thrown;
    }
  };
}
