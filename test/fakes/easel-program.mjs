// Easel with its adapters as a process of its own, so that a test can kill it. Plain JavaScript over the compiled program.

import { readConfig } from '../../dist/src/config.js';
import { AppError } from '../../dist/src/errors.js';
import { encodePng } from '../../dist/src/image/png.js';
import { loadCatalog } from '../../dist/src/models/catalog.js';
import { createLog } from '../../dist/src/ops/log.js';
import { onStep } from '../../dist/src/ops/step.js';
import { createEasel } from '../../dist/src/studio/create-easel.js';

/** @type {{web?: boolean, dataDir: string, port: number, modelsDir: string | null, worker: 'fake' | 'real', environment?: object, rowMs?: number, takeBackMs?: number}} */
const plan = JSON.parse(process.argv[2] ?? '{}');

const config = readConfig({
  EASEL_DATA_DIR: plan.dataDir,
  EASEL_PORT: `${plan.port}`,
  EASEL_DEVICE: 'cpu',
  ...plan.environment,
});
const models = plan.modelsDir === null ? {} : { modelsDir: plan.modelsDir };
let isHeld = false;
const waiting = new Set();
const supervisor = plan.worker === 'fake' ? await createFakeWorker() : undefined;
const easel = await createEasel(config, {
  ...models,
  ...(supervisor === undefined ? {} : { supervisor }),
  log: createLog({ level: 'warn' }),
  // Players are faster than any hand, and a busy machine slower than any.
  flood: null,
  takeBackMs: plan.takeBackMs ?? 15_000,
});
let address = '';
const mounts = [];
const adapters = [];
if (config.slack !== null) {
  const { createSlackAdapter } = await import('../../dist/adapters/slack/slack-adapter.js');
  const slack = await createSlackAdapter(config, easel, models);
  if (slack.mount !== null) mounts.push(slack.mount);
  adapters.push(slack);
}
if (plan.web !== false) {
  const { createWebAdapter } = await import('../../dist/adapters/web/web-adapter.js');
  const web = await createWebAdapter(config, easel, { ...models, mounts });
  await easel.connect(web);
  address = web.address;
}
if (config.discord !== null) {
  const { createDiscordAdapter } = await import('../../dist/adapters/discord/discord-adapter.js');
  await easel.connect(await createDiscordAdapter(config, easel, models));
}
for (const adapter of adapters) await easel.connect(adapter);
await easel.ready;

let deadly = null;
let since = null;
onStep((name, edge) => {
  if (name === since) since = null;
  if (since !== null) return;
  // The whole group: the worker dies with it, as in a power cut.
  if (`${edge} ${name}` === deadly) process.kill(-process.pid, 'SIGKILL');
});
process.on('message', (message) => {
  if (message.dieAt !== undefined) {
    deadly = message.dieAt;
    since = message.since ?? null;
    process.send?.(message);
    return;
  }
  isHeld = message === 'hold';
  if (!isHeld) for (const go of waiting) go();
  process.send?.(message);
});
process.on('SIGTERM', () => {
  easel
    .close()
    .finally(() => process.exit(0))
    .catch(() => {});
});
process.on('disconnect', () => process.exit(0));
process.send?.({ address });

/** Paints sunsets row by row; they stay half painted while it is held. */
async function createFakeWorker() {
  const catalog = await loadCatalog(plan.modelsDir ?? undefined);
  const { name, hash } = await catalog.resolve(catalog.defaultName);
  const listeners = new Set();
  const rows = 4;
  const sidePx = 64;
  let state = 'starting';
  const paint = (seed, doneRows) => {
    const rgba = new Uint8Array(sidePx * sidePx * 4);
    for (let at = 0; at < sidePx * sidePx; at += 1) {
      const y = Math.floor(at / sidePx);
      const x = at % sidePx;
      if (y >= (doneRows * sidePx) / rows) continue;
      const isSun = Math.hypot(x - sidePx / 2, y - sidePx / 2) < sidePx / 4;
      rgba.set(isSun ? [250, 190, 60, 255] : [(seed + y * 3) % 256, 90 + y, 140 + (seed % 90), 255], at * 4);
    }
    return { rgba, widthPx: sidePx, heightPx: sidePx };
  };
  return {
    get state() {
      return state;
    },
    info: {
      device: 'cpu',
      why: 'a fake',
      devices: [],
      model: { name, hash, title: '', version: '1', rows, columns: 4, widthPx: sidePx, heightPx: sidePx },
      slots: 4,
      rows,
      msPerPicture: 100,
      loadMs: 1,
      pid: 0,
    },
    async start() {
      state = 'ready';
      for (const listener of listeners) listener(state);
      return this.info;
    },
    async draw(slot, onProgress, signal) {
      const seed = slot.seed + slot.pictureIndex * 37;
      for (let rowsDone = 1; rowsDone <= rows; rowsDone += 1) {
        await new Promise((resolve) => setTimeout(resolve, plan.rowMs ?? 5));
        if (signal?.aborted) throw new AppError('CANCELLED', 'Cancelled.');
        onProgress({ slotId: slot.slotId, rowsDone, rows, preview: paint(seed, rowsDone) });
        if (isHeld && rowsDone === rows / 2) {
          await new Promise((resolve, reject) => {
            waiting.add(resolve);
            signal?.addEventListener('abort', () => reject(new AppError('CANCELLED', 'Cancelled.')), { once: true });
          });
        }
      }
      const png = await encodePng(paint(seed, rows));
      return {
        slotId: slot.slotId,
        ids: [seed % 125],
        png,
        widthPx: sidePx,
        heightPx: sidePx,
        drawMs: 20,
        engineMs: 20,
        notices: [],
      };
    },
    decode: (_name, ids) => encodePng(paint(ids[0] ?? 0, rows)),
    onState(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      state = 'closed';
      for (const go of waiting) go();
    },
  };
}
