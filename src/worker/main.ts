/** The worker process: owns one device and one model, draws what its parent sends. Never opens the database. */
import { setPriority } from 'node:os';
import { toAppError } from '../errors.ts';
import { encodePng } from '../image/png.ts';
import { loadCatalog } from '../models/catalog.ts';
import { assertVerified, verifyFiles } from '../models/verify.ts';
import { loadPipeline } from '../pipeline/load-pipeline.ts';
import type { Pipeline, SlotEvent, SlotRequest } from '../pipeline/pipeline.ts';
import { toErrorMessage } from './error-message.ts';
import { finish } from './finishing.ts';
import type { FromWorker, ToWorker, WorkerOptions } from './protocol.ts';
import { createSelfTestFile } from './self-test-file.ts';

const BELOW_NORMAL_PRIORITY = 5;

let pipeline: Pipeline | null = null;
/** More than the engine holds at once wait here. */
const waiting: SlotRequest[] = [];
/** Slots taken and not settled, with the last message on its way for each. What comes for any other slot is dropped. */
const slots = new Map<string, { tail: Promise<void> }>();
let drawing = false;
let closing = false;

function send(message: FromWorker, sent: () => void = () => {}): void {
  // A parent that is gone has no use for it; 'disconnect' ends this process.
  if (process.connected) process.send?.(message, undefined, undefined, sent);
}

async function load(options: WorkerOptions): Promise<void> {
  const startMs = performance.now();
  try {
    const catalog = await loadCatalog(options.modelsDir);
    const model = await catalog.resolve(options.model);
    // Before anything is drawn: an altered weight would draw another picture for the same seed.
    assertVerified(await verifyFiles(model.dir, model.name, model.manifest));
    const loaded = await loadPipeline(model, {
      ...options,
      paintInThread: true,
      selfTests: createSelfTestFile(options.selfTestPath),
      onTry: (way) => send({ kind: 'trying', ...way }),
    });
    pipeline = loaded.pipeline;
    send({
      kind: 'ready',
      info: {
        device: pipeline.device,
        compute: loaded.compute,
        why: loaded.why,
        devices: loaded.devices,
        model: pipeline.model,
        slots: pipeline.capacity,
        rows: pipeline.model.rows,
        msPerPicture: loaded.msPerPicture,
        loadMs: performance.now() - startMs,
        pid: process.pid,
      },
    });
  } catch (thrown) {
    send({ kind: 'refused', error: toErrorMessage(thrown) }, () => process.disconnect());
  }
}

/** One loop owns the pipeline: admit what waits, advance a row, send what happened. */
async function drawWaiting(engine: Pipeline): Promise<void> {
  if (drawing) return;
  drawing = true;
  try {
    while (!closing) {
      while (waiting.length > 0 && engine.size < engine.capacity) admit(engine, waiting.shift() as SlotRequest);
      if (engine.size === 0) break;
      // Not awaited: encoding runs beside the next row.
      for (const event of await engine.advance()) sendInOrder(event);
      // Rows block this thread: let messages from the parent in.
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    drawing = false;
  }
}

function admit(engine: Pipeline, slot: SlotRequest): void {
  try {
    engine.admit(slot);
  } catch (thrown) {
    slots.delete(slot.slotId);
    send({ kind: 'slotFailed', slotId: slot.slotId, error: toErrorMessage(thrown) });
  }
}

/** A preview may take longer to encode than the next row takes to draw: messages of one slot follow each other. */
function sendInOrder(event: SlotEvent): void {
  const { slotId } = event;
  const slot = slots.get(slotId);
  if (slot === undefined) return;
  const finished = finish(event).catch(
    (thrown): FromWorker => ({ kind: 'slotFailed', slotId, error: toErrorMessage(thrown) }),
  );
  slot.tail = slot.tail.then(async () => {
    const message = await finished;
    if (slots.get(slotId) !== slot) return;
    if (event.kind !== 'row') slots.delete(slotId);
    send(message);
  });
}

function cancel(slotId: string): void {
  const place = waiting.findIndex((slot) => slot.slotId === slotId);
  if (place >= 0) waiting.splice(place, 1);
  pipeline?.evict(slotId);
  slots.delete(slotId);
}

async function decode(callId: number, ids: readonly number[]): Promise<void> {
  try {
    if (pipeline === null) throw new Error('The worker is not loaded.');
    send({ kind: 'decoded', callId, png: await encodePng(await pipeline.decode(ids)) });
  } catch (thrown) {
    send({ kind: 'decodeFailed', callId, error: toErrorMessage(thrown) });
  }
}

process.on('message', (message: ToWorker) => {
  switch (message.kind) {
    case 'load':
      void load(message.options);
      break;
    case 'draw':
      waiting.push(message.slot);
      slots.set(message.slot.slotId, { tail: Promise.resolve() });
      if (pipeline !== null) {
        drawWaiting(pipeline).catch((thrown) => {
          // A fault of the loop itself: the parent restarts this process and draws the slots again.
          process.stderr.write(`${toAppError(thrown).stack}\n`);
          process.exit(70);
        });
      }
      break;
    case 'cancel':
      cancel(message.slotId);
      break;
    case 'decode':
      void decode(message.callId, message.ids);
      break;
    case 'close':
      closing = true;
      process.disconnect();
      break;
  }
});

// Drawing uses every core it gets; the process that answers people goes first. Refused on some systems: then not.
try {
  setPriority(BELOW_NORMAL_PRIORITY);
} catch {}

// The parent closed the channel, or died: nobody is left to draw for. Native threads would keep the process alive.
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole process group; the parent decides when this process ends.
process.on('SIGINT', () => {});
