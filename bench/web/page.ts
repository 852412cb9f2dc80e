/** The page in headless Chromium: usable after a load, the first painted row after Enter, a long history under the finger. */
import { existsSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { type Bench, type BenchModel, medianOf, toResult } from '../bench.ts';
import { withWebServer } from './web-server.ts';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const ROUNDS = 5;
const MESSAGES = 1_000;
const PAGE_MESSAGES = 40;
const STEP_PX = 200;

/** From the address to a box that can be typed in; the bound is 1,000 ms. */
export const webUsable: Bench = {
  name: 'web-usable-ms',
  run: (model) =>
    withPage(model, async (page, address) => {
      const timesMs: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const startMs = performance.now();
        await page.goto(address);
        await page.locator('#box:focus').waitFor();
        timesMs.push(performance.now() - startMs);
      }
      return toResult('web-usable-ms', 'ms', medianOf(timesMs), 1_000, `median of ${ROUNDS} loads, against the bound`);
    }),
};

/** From Enter to the first painted rows; the bound is 1,000 ms. */
export const webFirstPreview: Bench = {
  name: 'web-first-preview-ms',
  run: (model) =>
    withPage(model, async (page, address) => {
      const timesMs: number[] = [];
      await page.goto(address);
      for (let round = 0; round < ROUNDS; round += 1) {
        const before = await page.locator('.painted, .open img').count();
        await page.locator('#box').fill(`a red apple --n 1 --seed ${round}`);
        const startMs = performance.now();
        await page.locator('#box').press('Enter');
        await page.locator('.painted, .open img').nth(before).waitFor();
        timesMs.push(performance.now() - startMs);
        await page.locator('[data-kind="result"]').nth(round).waitFor();
      }
      const note = `median of ${ROUNDS} prompts, against the bound`;
      return toResult('web-first-preview-ms', 'ms', medianOf(timesMs), 1_000, note);
    }),
};

/** Time between two frames while a thousand messages are scrolled through: 95 of 100 are shorter. */
export const webScroll: Bench = {
  name: 'web-scroll-p95-ms',
  run: (model) =>
    withPage(model, async (page, address) => {
      await page.goto(address);
      await page.locator('#box').fill('a red apple');
      await page.locator('#box').press('Enter');
      await page.locator('[data-kind="result"]').waitFor();
      const drawn = await page.evaluate<{ messages: Record<string, unknown>[] }>(
        `fetch('/api/messages').then((answer) => answer.json())`,
      );
      const [sample] = drawn.messages;
      await page.route('**/api/messages?*', async (route) => {
        const last = Number(/before=m-(\d+)/u.exec(route.request().url())?.[1] ?? MESSAGES);
        const first = Math.max(0, last - PAGE_MESSAGES);
        const messages = Array.from({ length: last - first }, (_, index) => ({
          ...sample,
          id: `m-${String(first + index).padStart(5, '0')}`,
        }));
        await route.fulfill({ json: { messages, next: first === 0 ? null : messages[0]?.id } });
      });
      await page.reload();
      await page.locator('[data-message="m-00999"]').waitFor();
      const gapsMs = await page.evaluate<number[]>(`new Promise((resolve) => {
        const scroller = document.querySelector('.scroller');
        const gaps = [];
        let before = performance.now();
        let stuck = 0;
        const step = (now) => {
          gaps.push(now - before);
          before = now;
          const at = scroller.scrollTop;
          scroller.scrollTop -= ${STEP_PX};
          stuck = scroller.scrollTop === at ? stuck + 1 : 0;
          const isAll = document.querySelectorAll('.messages > ol > li').length >= ${MESSAGES};
          if (isAll && stuck > 3) resolve(gaps.slice(1));
          else requestAnimationFrame(step);
        };
        requestAnimationFrame(step);
      })`);
      gapsMs.sort((one, other) => one - other);
      const p95Ms = gapsMs[Math.floor(gapsMs.length * 0.95)] ?? Number.NaN;
      return toResult('web-scroll-p95-ms', 'ms', p95Ms, 1_000 / 60, `${MESSAGES} messages, ${gapsMs.length} frames`);
    }),
};

async function withPage<T>(model: BenchModel, work: (page: Page, address: string) => Promise<T>): Promise<T> {
  // Only who measures needs a browser.
  const { chromium } = await import('playwright-core');
  const executablePath = CHROMIUM.find((path) => existsSync(path));
  if (executablePath === undefined) throw new Error('This bench needs Chromium: apt-get install chromium');
  const browser: Browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
    return await withWebServer(model, (address) => work(page, address));
  } finally {
    await browser.close();
  }
}
