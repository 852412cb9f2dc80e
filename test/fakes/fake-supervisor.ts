/** A worker that paints plain squares: quick, deterministic, and it dies when a test says so. */
import { AppError } from '../../src/errors.ts';
import { encodePng, type Pixels } from '../../src/image/png.ts';
import type { SlotPicture, SlotRequest } from '../../src/pipeline/pipeline.ts';
import type { WorkerInfo } from '../../src/worker/protocol.ts';
import type { WorkerState, WorkerSupervisor } from '../../src/worker/supervisor.ts';

const SIDE_PX = 8;
const ROWS = 2;

export type FakeSupervisor = WorkerSupervisor & {
  /** Slots it was asked to draw, in order. */
  readonly asked: SlotRequest[];
  setState(state: WorkerState): void;
  /** Pictures wait for `release` while this is on. */
  hold(): void;
  release(): void;
  /** The next draws reject with these. */
  failNext(...errors: AppError[]): void;
};

export type FakeModel = { name: string; hash: string };

export function createFakeSupervisor(model: FakeModel, slots = 2): FakeSupervisor {
  const asked: SlotRequest[] = [];
  const listeners = new Set<(state: WorkerState) => void>();
  const failures: AppError[] = [];
  const waiting = new Set<() => void>();
  let isHeld = false;
  let state: WorkerState = 'starting';
  const info = {
    device: 'cpu',
    compute: 'float32',
    why: 'a fake',
    devices: [],
    model: {
      ...model,
      title: '',
      version: '1',
      rows: ROWS,
      columns: 2,
      codebookSize: 256,
      captionTokens: 8,
      widthPx: SIDE_PX,
      heightPx: SIDE_PX,
      previewWidthPx: 4,
      previewHeightPx: 4,
    },
    slots,
    rows: ROWS,
    msPerPicture: 100,
    loadMs: 1,
    pid: 0,
  } as WorkerInfo;

  const paint = (ids: readonly number[]): Pixels => {
    const rgba = new Uint8Array(SIDE_PX * SIDE_PX * 4).map((_, at) =>
      at % 4 === 3 ? 255 : ((ids[at % 3] ?? 0) * 7) % 256,
    );
    return { rgba, widthPx: SIDE_PX, heightPx: SIDE_PX };
  };
  const setState = (next: WorkerState) => {
    state = next;
    for (const listener of listeners) listener(next);
  };

  return {
    asked,
    get state() {
      return state;
    },
    info,
    setState,
    hold: () => {
      isHeld = true;
    },
    release: () => {
      isHeld = false;
      for (const go of waiting) go();
      waiting.clear();
    },
    failNext: (...errors) => void failures.push(...errors),
    async start() {
      setState('ready');
      return info;
    },
    async draw(slot, onProgress, signal): Promise<SlotPicture> {
      asked.push(slot);
      const ids = [slot.seed % 256, slot.pictureIndex, slot.caption.length % 256, slot.variation === null ? 0 : 1];
      const painted = paint(ids);
      const png = await encodePng(painted);
      for (let rowsDone = 1; rowsDone <= ROWS; rowsDone++) {
        await new Promise((resolve) => setImmediate(resolve));
        if (state === 'closed') throw new AppError('WORKER_CLOSED', 'Closed.');
        if (signal?.aborted) throw new AppError('CANCELLED', 'Cancelled.');
        onProgress({
          slotId: slot.slotId,
          rowsDone,
          rows: ROWS,
          preview: painted,
        });
        if (isHeld) await held(signal);
      }
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      return {
        slotId: slot.slotId,
        ids,
        png,
        widthPx: SIDE_PX,
        heightPx: SIDE_PX,
        drawMs: 50,
        engineMs: 40,
        notices: [],
      };
    },
    async decode(name, ids) {
      if (name !== model.name) throw new AppError('MODEL_UNKNOWN', 'Another model.');
      return encodePng(paint(ids));
    },
    onState(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      setState('closed');
      for (const go of waiting) go();
      waiting.clear();
    },
  };

  function held(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      waiting.add(() => (state === 'closed' ? reject(new AppError('WORKER_CLOSED', 'Closed.')) : resolve()));
      signal?.addEventListener('abort', () => reject(new AppError('CANCELLED', 'Cancelled.')), { once: true });
    });
  }
}
