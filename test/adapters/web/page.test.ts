// The page itself in headless Chromium: for hands, ears and small screens, and for what may go wrong.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EaselProcess, openEasel } from '../../fakes/easel-process.ts';
import { startTcpProxy } from '../../fakes/tcp-proxy.ts';
import { chromiumPath, openBrowser } from './browser.ts';
import { modelsDir } from './shipped.ts';
import { enter } from './stage.ts';

const PUBLIC_DIR = fileURLToPath(new URL('../../../dist/adapters/web/public', import.meta.url));
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SCRIPT_BYTES_MAX = 150_000;
const OPEN_MS = 120_000;
const TIMEOUT_MS = 90_000;

const reason = chromiumPath === null ? ' (skipped: no Chromium on this machine)' : '';

describe.skipIf(chromiumPath === null)(`the page${reason}`, { timeout: TIMEOUT_MS }, () => {
  let server: EaselProcess;
  let browser: Browser;
  beforeAll(async () => {
    server = await openEasel({ worker: 'fake' });
    browser = await openBrowser();
  }, OPEN_MS);
  afterAll(async () => {
    await browser.close();
    await server.close();
  }, TIMEOUT_MS);

  const open = async (options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> => {
    const page = await (await browser.newContext(options)).newPage();
    await page.goto(server.address);
    await page.locator('#box').waitFor();
    return page;
  };
  const imagine = async (page: Page, text: string) => {
    await page.locator('#box').fill(text);
    await page.locator('#box').press('Enter');
  };
  const message = (page: Page, prompt: string, state = 'result') =>
    page.locator(`[data-kind="${state}"]`, { has: page.locator('.prompt', { hasText: prompt }) }).first();

  it('has a script below its bound, and asks nobody else for anything', async () => {
    const scripts = readdirSync(PUBLIC_DIR).filter((name) => /^main-.*\.js$/u.test(name));
    const sizeBytes = scripts.reduce((sum, name) => sum + statSync(`${PUBLIC_DIR}/${name}`).size, 0);
    expect(scripts).toHaveLength(1);
    expect(sizeBytes).toBeLessThan(SCRIPT_BYTES_MAX);
    const page = await (await browser.newContext()).newPage();
    const hosts = new Set<string>();
    page.on('request', (request) => hosts.add(new URL(request.url()).host));
    await page.goto(server.address);
    await page.locator('#box').waitFor();
    expect([...hosts]).toEqual([new URL(server.address).host]);
  });

  it('has the message box as its first text field, with the focus, and no dialog before it', async () => {
    const page = await open();
    expect(await page.locator('input, textarea').first().getAttribute('id')).toBe('box');
    expect(await page.locator('dialog[open]').count()).toBe(0);
    expect(await page.evaluate('document.activeElement.id')).toBe('box');
  });

  it('sends what was typed on Enter, unless a completion was chosen with the arrow keys', async () => {
    const page = await open();
    const box = page.locator('#box');
    await box.pressSequentially('/im');
    await page.getByRole('option', { name: '/imagine' }).waitFor();
    await box.press('ArrowDown');
    await box.press('Enter');
    expect(await box.inputValue()).toBe('/imagine ');
    await box.pressSequentially('one appl');
    await page.getByRole('option', { name: 'apple' }).waitFor();
    await box.press('Enter');
    await message(page, 'one appl').waitFor();
    await box.pressSequentially('a fox --no');
    await page.getByRole('option', { name: '--no' }).waitFor();
    await box.press('Escape');
    await expect.poll(() => page.getByRole('option').count()).toBe(0);
  });

  it.each(['session', 'events', 'messages'])('draws what is typed before its %s has come', async (late) => {
    const page = await (await browser.newContext()).newPage();
    await page.route(`**/api/${late}*`, async (route) => {
      if (route.request().method() === 'GET') await new Promise((resolve) => setTimeout(resolve, 1_000));
      await route.continue();
    });
    await page.goto(server.address);
    await imagine(page, `an early ${late} fox --n 1`);
    await message(page, `an early ${late} fox`).waitFor();
    expect(await page.locator('.note').count()).toBe(0);
  });

  it('is worked by the keyboard alone: a picture is rolled again without a mouse', async () => {
    const page = await open();
    await imagine(page, 'a keyboard star --n 1');
    await message(page, 'a keyboard star').waitFor();
    await message(page, 'a keyboard star').locator('.controls button[tabindex="0"]').focus();
    for (let steps = 0; steps < 20; steps += 1) {
      if ((await page.evaluate('document.activeElement.dataset.kind')) === 'reroll') break;
      await page.keyboard.press('ArrowRight');
    }
    await page.keyboard.press('Enter');
    await expect
      .poll(() => page.locator('.prompt', { hasText: 'a keyboard star' }).count(), { timeout: 20_000 })
      .toBe(2);
  });

  it.each(['light', 'dark'] as const)(
    'has nothing that a checker of accessibility objects to, %s',
    async (colorScheme) => {
      const page = await open({ colorScheme, bypassCSP: true, reducedMotion: 'reduce' });
      await imagine(page, `a checked ${colorScheme} fox`);
      await message(page, `a checked ${colorScheme} fox`).waitFor();
      await imagine(page, 'a dog --seed x');
      await page.locator('.note').waitFor();
      await page.addScriptTag({ content: AXE });
      const found: unknown = await page.evaluate(
        `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html.slice(0, 200)]))`,
      );
      expect(found).toEqual([]);
    },
  );

  it('shows a hostile prompt harmlessly', async () => {
    const page = await open();
    const dialogs: string[] = [];
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message());
      dialog.dismiss().catch(() => {});
    });
    const hostile = '<img src=x onerror=alert(1)> fox <script>alert(2)</script> "><svg onload=alert(3)>';
    await imagine(page, `${hostile} \u202e dog`);
    await message(page, '<img src=x onerror=alert(1)> fox').waitFor();
    expect(await page.locator('.prompt img, .prompt script, .prompt svg').count()).toBe(0);
    expect(dialogs).toEqual([]);
  });

  it('fits a phone: nothing is wider than the screen, and buttons are large enough for a thumb', async () => {
    const page = await open({ viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true });
    await imagine(page, 'a phone apple');
    await message(page, 'a phone apple').waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    const heights = await message(page, 'a phone apple')
      .locator('.control')
      .evaluateAll((buttons) => buttons.map((button) => (button as unknown as { offsetHeight: number }).offsetHeight));
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(36);
  });

  it('shows the same history in two tabs and after a reload', async () => {
    const page = await open();
    const other = await page.context().newPage();
    await other.goto(server.address);
    await imagine(page, 'a shared star --n 1');
    await message(other, 'a shared star').waitFor();
    await other.reload();
    await message(other, 'a shared star').waitFor();
    expect(await other.locator('.prompt', { hasText: 'a shared star' }).count()).toBe(1);
  });

  it('shows where a picture comes from and what came of it', async () => {
    const ada = await enter(browser, server.address, 'ada');
    await ada.imagine('a parent cat --n 1');
    await message(ada.page, 'a parent cat').waitFor();
    await message(ada.page, 'a parent cat').getByRole('button', { name: 'Re-roll' }).click();
    await ada.page.locator('.parent').first().click();
    await expect.poll(() => ada.page.locator('.panel .link').count(), { timeout: 20_000 }).toBe(2);
  });

  it('comes back by itself after a lost connection, with what was missed, once', { timeout: 120_000 }, async () => {
    const proxy = await startTcpProxy(Number(new URL(server.address).port));
    try {
      const page = await (await browser.newContext()).newPage();
      await page.goto(`http://127.0.0.1:${proxy.port}`);
      await imagine(page, 'a steady star --n 1');
      await message(page, 'a steady star').waitFor();
      await proxy.cut();
      const other = await open();
      await imagine(other, 'a missed star --n 1');
      await message(other, 'a missed star').waitFor();
      await page.locator('.gap').waitFor();
      expect(await page.locator('.prompt', { hasText: 'a missed star' }).count()).toBe(0);
      await proxy.restore();
      await message(page, 'a missed star').waitFor();
      expect(await page.locator('.gap').count()).toBe(0);
      expect(await page.locator('.prompt', { hasText: 'a missed star' }).count()).toBe(1);
      expect(await page.locator('.prompt', { hasText: 'a steady star' }).count()).toBe(1);
    } finally {
      await proxy.close();
    }
  });
});

describe.skipIf(chromiumPath === null)(`a picture by the real worker${reason}`, () => {
  it('is painted row by row and comes to the page', { timeout: 170_000 }, async () => {
    const server = await openEasel({ worker: 'real', modelsDir });
    const browser = await openBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(server.address);
      await page.locator('#box').fill('a red apple --n 1');
      await page.locator('#box').press('Enter');
      const picture = page.getByRole('img', { name: 'a red apple' }).locator('visible=true').first();
      await picture.waitFor({ timeout: 120_000 });
      await page.locator('[data-kind="result"] .open img').waitFor({ timeout: 120_000 });
      const sizePx = await page.locator('.open img').evaluate(async (element) => {
        const image = element as unknown as { naturalWidth: number; decode(): Promise<void> };
        // It is there before its bytes are.
        await image.decode();
        return image.naturalWidth;
      });
      expect(sizePx).toBeGreaterThan(8);
    } finally {
      await browser.close();
      await server.close();
    }
  });
});
