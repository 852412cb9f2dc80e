/** How long a person waits until a request is durable: 99 of 100 transactions are faster, with 100,000 generations stored. */
import { randomUUID } from 'node:crypto';
import { newGenerationId } from '../src/store/generation-id.ts';
import { openPgliteStore } from '../src/store/pglite/pglite-store.ts';
import type { NewRequest } from '../src/store/records.ts';
import { type Bench, toResult } from './bench.ts';
import { withStoredGenerations } from './stored-generations.ts';

const NAME = 'submit-p99-ms';
const STORED = 100_000;
const WARM_UP = 200;
const REQUESTS = 2_000;

export const submitP99: Bench = {
  name: NAME,
  async run() {
    const emptyMs = await p99Of(0);
    const fullMs = await p99Of(STORED);
    return toResult(
      NAME,
      'ms',
      fullMs,
      emptyMs,
      `${REQUESTS} requests of four pictures on PGlite with ${STORED} generations, against an empty one`,
    );
  },
};

async function p99Of(finished: number): Promise<number> {
  return withStoredGenerations({ finished, unfinished: 0 }, async (folder) => {
    const store = await openPgliteStore(folder);
    const timesMs: number[] = [];
    for (let count = 0; count < WARM_UP + REQUESTS; count += 1) {
      const request = newRequest(count);
      const startMs = performance.now();
      await store.accept(request);
      if (count >= WARM_UP) timesMs.push(performance.now() - startMs);
    }
    await store.close();
    timesMs.sort((a, b) => a - b);
    return timesMs[Math.floor(timesMs.length * 0.99)] ?? Number.NaN;
  });
}

function newRequest(count: number): NewRequest {
  const nowMs = Date.now();
  return {
    requestKey: randomUUID(),
    scope: {
      platform: 'discord',
      tenant: `server-${count % 50}`,
      channel: 'drawing',
      user: `user-${count % 2_000}`,
      roles: ['artist'],
    },
    private: false,
    target: { locale: 'en' },
    acceptedAtMs: nowMs,
    generations: [
      {
        id: newGenerationId(nowMs),
        kind: 'imagine',
        parentId: null,
        parentPictureIndex: null,
        prompt: 'a red fox under a rainbow',
        options: { style: 'noto', count: 4 },
        seed: count,
        model: 'easel-nano',
        modelHash: 'c0ffee',
        pictures: 4,
        chargedPictures: 4,
      },
    ],
  };
}
