// The admin page in headless Chromium: every view for hands, ears and small screens, and the work that is done there.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EaselProcess, openEasel } from '../../fakes/easel-process.ts';
import { chromiumPath, openBrowser } from './browser.ts';

const PUBLIC_DIR = fileURLToPath(new URL('../../../dist/adapters/web/public', import.meta.url));
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SCRIPT_BYTES_MAX = 200_000;
const TOKEN = 'a-host-token-of-some-length';
const VIEWS = ['live', 'limits', 'usage', 'gallery', 'audit', 'sessions'] as const;
const HOSTILE = '<img src=x onerror=alert(1)> fox';
const reason = chromiumPath === null ? ' (skipped: no Chromium on this machine)' : '';

describe.skipIf(chromiumPath === null)(`the admin page${reason}`, { timeout: 120_000 }, () => {
  let server: EaselProcess;
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    server = await openEasel({ worker: 'fake', environment: { EASEL_HOST_TOKEN: TOKEN } });
    browser = await openBrowser();
    const chat = await browser.newPage();
    await chat.goto(server.address);
    for (const text of ['a red fox', 'a blue whale --n 2', HOSTILE]) {
      await chat.locator('#box').fill(text);
      await chat.locator('#box').press('Enter');
    }
    await chat.locator('[data-kind="result"]').nth(2).waitFor({ timeout: 60_000 });
    await chat.close();
    page = await signIn();
  }, 120_000);
  afterAll(async () => {
    await browser.close();
    await server.close();
  }, 60_000);

  async function signIn(options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
    const fresh = await (await browser.newContext({ bypassCSP: true, reducedMotion: 'reduce', ...options })).newPage();
    await fresh.goto(`${server.address}/admin`);
    await fresh.getByLabel('Host token').fill(TOKEN);
    await fresh.getByRole('button', { name: 'Sign in' }).click();
    await fresh.getByRole('heading', { name: 'Live' }).waitFor();
    return fresh;
  }
  async function open(on: Page, view: string): Promise<void> {
    await on.goto(`${server.address}/admin/${view}`);
    await on.locator('.content > *').first().waitFor();
    if (view === 'gallery') await on.locator('.tile img').first().waitFor();
    if (view === 'usage') await on.locator('.uplot').first().waitFor();
    if (view === 'limits') await on.locator('.plans').waitFor();
  }

  it('has a script below its bound', () => {
    const script = readdirSync(PUBLIC_DIR).find((name) => /^admin-.*\.js$/u.test(name)) ?? '';
    expect(statSync(`${PUBLIC_DIR}/${script}`).size).toBeLessThan(SCRIPT_BYTES_MAX);
  });

  it.each([
    ['light', 1280, 900],
    ['dark', 390, 844],
  ] as const)(
    'has nothing that a checker of accessibility objects to: %s, %i wide',
    async (colorScheme, width, height) => {
      const seen = await signIn({ colorScheme, viewport: { width, height } });
      for (const view of VIEWS) {
        await open(seen, view);
        await seen.addScriptTag({ content: AXE });
        const found: unknown = await seen.evaluate(
          `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html.slice(0, 200)]))`,
        );
        expect(found, view).toEqual([]);
        expect(await seen.evaluate('document.documentElement.scrollWidth'), view).toBeLessThanOrEqual(width);
        const shots = process.env['EASEL_SHOTS'];
        if (shots !== undefined) await seen.screenshot({ path: `${shots}/admin-${view}-${colorScheme}.png` });
      }
      await seen.context().close();
    },
  );

  it('paints what is drawn, and cancels it', async () => {
    await server.say('hold');
    const chat = await (await browser.newContext()).newPage();
    await chat.goto(server.address);
    await chat.locator('#box').fill('a watched fox');
    await chat.locator('#box').press('Enter');
    await open(page, 'live');
    const job = page.locator('.job', { hasText: 'a watched fox' });
    await job.waitFor();
    await expect.poll(() => job.getByRole('meter').count(), { timeout: 30_000 }).toBe(1);
    await job.getByRole('button', { name: 'Cancel' }).click();
    await job.waitFor({ state: 'detached' });
    await chat.locator('[data-kind="cancelled"]').waitFor();
    await server.say('release');
    await chat.context().close();
  });

  it('sets a limit after saying how many are above it, explains it, and takes it back', async () => {
    await open(page, 'limits');
    await page.getByLabel('How much').fill('1');
    await page.locator('.preview', { hasText: /1 of the one person/u }).waitFor();
    await page.getByRole('button', { name: 'Set', exact: true }).click();
    const rule = page.locator('.rule', { hasText: '1 picture a day' });
    await rule.waitFor();
    await page.getByRole('combobox', { name: 'Person', exact: true }).fill('nobody-yet');
    await page.getByRole('button', { name: 'Ask' }).click();
    await page.locator('.verdict.is-good').waitFor();
    await page.locator('.toast').getByRole('button', { name: 'Undo' }).click();
    await rule.waitFor({ state: 'detached' });
    await open(page, 'audit');
    await page.locator('.entry.is-undone', { hasText: '1 picture a day' }).waitFor();
  });

  it('shows a hostile prompt harmlessly, wherever one is shown', async () => {
    const dialogs: string[] = [];
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message());
      dialog.dismiss().catch(() => {});
    });
    await open(page, 'gallery');
    const tile = page.locator('.tile', { hasText: HOSTILE });
    await tile.click();
    await page.getByRole('dialog').getByRole('heading', { name: HOSTILE }).waitFor();
    expect(await page.locator('[onerror]').count()).toBe(0);
    expect(dialogs).toEqual([]);
    await page.getByRole('button', { name: 'Close' }).click();
  });

  it('finds, keeps and deletes a picture', async () => {
    await open(page, 'gallery');
    await page.getByLabel('Words of the prompt').fill('whale');
    await page.getByRole('button', { name: 'Search' }).click();
    await expect.poll(() => page.locator('.tile').count()).toBe(1);
    await page.locator('.tile').click();
    await page.getByRole('button', { name: 'Keep' }).click();
    await page.getByRole('button', { name: 'Let it go' }).waitFor();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Yes, delete it for everyone' }).click();
    await expect.poll(() => page.locator('.tile').count()).toBe(0);
  });
});
