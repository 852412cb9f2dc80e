/** How long a health check waits while fifty pages watch pictures being drawn: 99 of 100 are faster. */
import { type Bench, toResult } from '../bench.ts';
import { enterWeb, imagineOnWeb, withWebServer } from './web-server.ts';

const NAME = 'healthz-p99-ms';
const PAGES = 50;
const CHECKS = 400;
const GAP_MS = 10;
const SHEETS = 12;

export const healthzP99: Bench = {
  name: NAME,
  run: (model) =>
    withWebServer(model, async (address) => {
      const idleMs = await p99Ms(address);
      const stop = new AbortController();
      const pages = await Promise.all(Array.from({ length: PAGES }, () => watch(address, stop.signal)));
      const painter = await enterWeb(address);
      for (let sheet = 0; sheet < SHEETS; sheet += 1) await imagineOnWeb(address, painter, `a red fox --seed ${sheet}`);
      const busyMs = await p99Ms(address);
      stop.abort();
      await Promise.all(pages.map(({ ended }) => ended));
      const readBytes = pages.reduce((sum, page) => sum + page.readBytes(), 0);
      const note = `${CHECKS} checks, ${PAGES} open pages, a queue of sheets (${Math.round(readBytes / 1e6)} MB told), against an idle server`;
      return toResult(NAME, 'ms', busyMs, idleMs, note);
    }),
};

async function p99Ms(address: string): Promise<number> {
  const timesMs: number[] = [];
  for (let check = 0; check < CHECKS; check += 1) {
    const startMs = performance.now();
    const answer = await fetch(`${address}/healthz`);
    await answer.text();
    timesMs.push(performance.now() - startMs);
    await new Promise((resolve) => setTimeout(resolve, GAP_MS));
  }
  timesMs.sort((one, other) => one - other);
  return timesMs[Math.floor(timesMs.length * 0.99)] ?? Number.NaN;
}

/** An open page: it reads all that is told. */
async function watch(address: string, signal: AbortSignal): Promise<{ ended: Promise<void>; readBytes: () => number }> {
  const headers = await enterWeb(address);
  const { body } = await fetch(`${address}/api/events`, { headers, signal });
  let bytes = 0;
  const read = async () => {
    const reader = body?.getReader();
    for (let chunk = await reader?.read(); chunk?.done === false; chunk = await reader?.read())
      bytes += chunk.value.length;
  };
  return { ended: read().catch(() => {}), readBytes: () => bytes };
}
