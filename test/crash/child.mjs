// One life of an Easel for the crash test: recovers, tells what it found, then lives through a script and dies where it is told.
// Plain JavaScript over the compiled program, because a process that is killed must not carry a compiler with it.

import { readConfig } from '../../dist/src/config.js';
import { AppError } from '../../dist/src/errors.js';
import { encodePng } from '../../dist/src/image/png.js';
import { createLog } from '../../dist/src/ops/log.js';
import { onStep } from '../../dist/src/ops/step.js';
import { createEasel } from '../../dist/src/studio/create-easel.js';

/** @type {{life: number, dataDir: string, databaseUrl: string | null, platformUrl: string, modelsDir: string, model: {name: string, hash: string}, worker: 'fake' | 'real', killAt: string | null}} */
const plan = JSON.parse(process.argv[2] ?? '{}');

const trace = [];
let isArmed = false;
const die = () => process.kill(-process.pid, 'SIGKILL');
onStep((name, edge) => {
  if (!isArmed) return;
  trace.push(`${edge} ${name}`);
  if (plan.killAt === `${edge} ${name}`) die();
});

const messages = Object.fromEntries(
  ['post', 'edit', 'remove', 'find', 'privateReply', 'direct'].map((name) => [
    name,
    async (...args) => call(name, args.filter((arg) => !(arg instanceof AbortSignal)).map(withoutBytes)),
  ]),
);
const adapter = {
  platform: 'chat',
  limits: { editsPerMinute: 6000, editGapMs: 20, editableForMs: 3_600_000, uploadBytesMax: 1e7, imageFormats: ['png'] },
  messages,
  start: async () => {},
  stopRequests: async () => {},
  close: async () => {},
};

const easel = await createEasel(
  readConfig({ EASEL_DATA_DIR: plan.dataDir, DATABASE_URL: plan.databaseUrl ?? undefined }),
  {
    modelsDir: plan.modelsDir,
    log: createLog({ level: 'warn' }),
    ...(plan.worker === 'fake' ? { supervisor: createFakeWorker() } : {}),
  },
);
await easel.connect(adapter);

// What the lives before left behind is told to its end before anything new is asked.
const acknowledged = await call('acknowledged', []);
for (const { generationId } of acknowledged) await ended(generationId);
await call('report', [await report()]);

isArmed = true;
if (plan.killAt === 'while drawing') {
  easel.events.subscribe((event) => event.kind === 'progress' && die());
}
await script();
await easel.close();
await call('survived', [trace]);

/** Every kind of request, control and end. Each may be the last. */
async function script() {
  const { studio, store } = easel;
  const apple = await ask('apple', { text: 'a red apple --n 2' });
  await ended(apple);
  if (plan.worker === 'real') return;
  await ended(await press('upscale', () => studio.upscale(asking('upscale'), apple, 0)));
  await ended(await press('vary', () => studio.vary(asking('vary'), apple, 1, 'strong')));
  await ended(await ask('private', { text: 'a red apple --n 1 --private' }));
  await ended(await ask('broken', { text: 'a green apple --n 1 --seed 13' }));
  const slow = await ask('slow', { text: 'a blue apple --n 1 --seed 14' });
  await studio.cancel(asking('cancel'), slow);
  await ended(slow);
  await ended(await ask('shut', { text: 'a red apple --n 1 --private' }, 'shut'));
  await studio.keep(asking('keep'), apple, true);
  await studio.saveSettings({ platform: 'chat', user: 'ada' }, { language: 'en' });
  await store.pictures.expire([{ generationId: apple, pictureIndex: 0 }]);
  await studio.sendDirect(asking('direct', 'bob'), apple);
  const doomed = await ask('doomed', { text: 'a red apple --n 1' });
  await ended(doomed);
  await call('removing', [doomed]);
  await studio.remove(asking('remove'), doomed);
  const forgotten = await ask('forgotten', { text: 'a red apple --n 1' }, `eve${plan.life}`);
  await ended(forgotten);
  await call('removing', [forgotten]);
  await studio.forgetMe({ platform: 'chat', user: `eve${plan.life}` });
}

function asking(name, user = 'ada') {
  const scope = { platform: 'chat', tenant: 'team', channel: 'general', user, roles: [] };
  return { scope, target: {}, requestKey: `${plan.life}-${name}` };
}

function ask(name, request, user) {
  return press(name, () => easel.studio.submit({ ...asking(name, user), ...request }));
}

/** What was accepted is acknowledged to the outside: from here on it must not be lost. */
async function press(name, work) {
  const outcome = await work();
  if (outcome.kind !== 'accepted') throw new Error(`${name}: ${outcome.error?.code} ${outcome.error?.message}`);
  const [{ id }] = outcome.generations;
  await call('acknowledge', [{ requestKey: `${plan.life}-${name}`, generationId: id }]);
  return id;
}

async function ended(generationId) {
  for (;;) {
    const item = await easel.store.outbox.get(generationId);
    if (item === null || ['posted', 'refunded', 'removed'].includes(item.state)) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Everything the database knows. */
async function report() {
  const all = [];
  let before;
  do {
    const query = { platform: 'chat', withPrivate: true, limit: 100, ...(before === undefined ? {} : { before }) };
    const page = await easel.store.generations.history(query);
    for (const { id, requestKey, status, charge } of page.generations) {
      await ended(id);
      const [now, item] = [await easel.store.generations.get(id), await easel.store.outbox.get(id)];
      all.push({
        id,
        requestKey,
        status: now?.status ?? status,
        charge: (now?.charge ?? charge).state,
        outbox: item?.state ?? null,
      });
    }
    before = page.next ?? undefined;
  } while (before !== undefined);
  return all;
}

async function call(name, args) {
  const response = await fetch(`${plan.platformUrl}/${name}`, { method: 'POST', body: JSON.stringify(args) });
  const answer = await response.json();
  if (answer.error !== undefined) throw new AppError(answer.error, 'The platform says no.');
  return answer.result;
}

function withoutBytes(arg) {
  return arg?.image == null ? arg : { ...arg, image: { ...arg.image, bytes: arg.image.bytes.length } };
}

/** Paints squares; seed 13 cannot be drawn and seed 14 takes its time. */
function createFakeWorker() {
  const listeners = new Set();
  let state = 'starting';
  const pixels = (ids) => {
    const rgba = new Uint8Array(8 * 8 * 4).map((_, at) => (at % 4 === 3 ? 255 : (ids[at % 3] * 7) % 256));
    return { rgba, widthPx: 8, heightPx: 8 };
  };
  const paint = (ids) => encodePng(pixels(ids));
  const info = {
    device: 'cpu',
    why: 'a fake',
    devices: [],
    model: { ...plan.model, rows: 2 },
    slots: 2,
    rows: 2,
    msPerPicture: 10,
    loadMs: 1,
    pid: 0,
  };
  const set = (next) => {
    state = next;
    for (const listener of listeners) listener(next);
  };
  return {
    get state() {
      return state;
    },
    info,
    async start() {
      set('ready');
      return info;
    },
    async draw(slot, onProgress, signal) {
      const ids = [slot.seed % 256, slot.pictureIndex, 1, 2];
      const png = await paint(ids);
      for (let rowsDone = 1; rowsDone <= 2; rowsDone++) {
        await new Promise((resolve) => setTimeout(resolve, slot.seed === 14 ? 400 : 25));
        if (signal?.aborted) throw new AppError('CANCELLED', 'Cancelled.');
        onProgress({ slotId: slot.slotId, rowsDone, rows: 2, preview: pixels(ids) });
      }
      if (slot.seed === 13) throw new AppError('WORKER_DIED', 'Ended twice on this picture.');
      return { slotId: slot.slotId, ids, png, widthPx: 8, heightPx: 8, drawMs: 20, engineMs: 20, notices: [] };
    },
    decode: async (_model, ids) => paint(ids),
    onState(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      set('closed');
    },
  };
}
