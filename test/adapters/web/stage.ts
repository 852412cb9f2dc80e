/** The stories' stage on the web: two browsers with a user each on one server. */
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { openPeople } from '../../../adapters/web/people.ts';
import type { Button, Player, Shown, Stage } from '../../contracts/stories.ts';
import { type EaselProcess, openEasel } from '../../fakes/easel-process.ts';
import { openBrowser } from './browser.ts';
import { readPage } from './read-page.mjs';

export async function openStage(): Promise<Stage> {
  const server = await openEasel({ worker: 'fake' });
  const browser = await openBrowser();
  const ada = await enter(browser, server.address, 'ada');
  const bob = await enter(browser, server.address, 'bob');
  const admin = await enterInvited(browser, server, 'admin');
  return {
    ada,
    bob,
    admin,
    hold: () => server.say('hold'),
    release: () => server.say('release'),
    async restart() {
      await server.kill();
      await server.startAgain();
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

/** A new browser context is a new user; the name is given as a person would. */
export async function enter(browser: Browser, address: string, name: string): Promise<Player & { page: Page }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 1400 } });
  const page = await context.newPage();
  await page.goto(address);
  await page.locator('.me-name').click();
  await page.getByLabel('Your name').fill(name);
  await page.getByLabel('Your name').press('Enter');
  await page.locator('.me-name', { hasText: name }).waitFor();
  return createPlayer(page);
}

/** By an invite for admins, as `easel invite NAME --admin` prints it. */
async function enterInvited(browser: Browser, server: EaselProcess, name: string): Promise<Player> {
  const people = await openPeople(join(server.dataDir, 'web'));
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 1400 } })).newPage();
  await page.goto(`${server.address}/invite/${await people.invite(name, 'admin')}`);
  await page.getByRole('button', { name: 'Come in' }).click();
  await page.locator('.me-name', { hasText: name }).waitFor();
  return createPlayer(page);
}

function createPlayer(page: Page): Player & { page: Page } {
  const told = new Map<string, string>();
  let downloads = 0;
  page.on('download', () => {
    downloads += 1;
  });
  const messageOf = ({ id }: Shown): Locator => page.locator(`[data-message="${id}"]`);
  const buttonOf = (message: Shown, button: Button): Locator => {
    const [name = '', picture] = button.split(' ');
    const kind = name === 'subtle' ? 'vary' : name;
    const strength = { subtle: '[data-strength="subtle"]', vary: '[data-strength="strong"]' }[name] ?? '';
    const numbered = picture === undefined ? '' : `[data-picture="${picture}"]`;
    return messageOf(message).locator(`.controls [data-kind="${kind}"]${numbered}${strength}`);
  };
  return {
    page,
    async imagine(text) {
      await page.locator('#box').fill(`/imagine ${text}`);
      await page.locator('#box').press('Enter');
    },
    press: (message, button) => buttonOf(message, button).click(),
    async edit(message, text) {
      await buttonOf(message, 'edit').click();
      await page.getByLabel('Prompt', { exact: true }).fill(text);
      await page.getByLabel('Prompt', { exact: true }).press('Enter');
    },
    async react(message, emoji) {
      await messageOf(message).hover();
      await messageOf(message).getByLabel('Add a reaction').click();
      await messageOf(message).locator(`.palette [data-emoji="${emoji}"]`).click();
    },
    takeBack: (message, emoji) => messageOf(message).locator(`.reaction[data-emoji="${emoji}"]`).click(),
    async look() {
      const raw = await page.evaluate(readPage);
      return raw.map((message) => ({
        ...message,
        author: message.author === 'ada' ? ('ada' as const) : ('bob' as const),
        buttons: message.buttons.map(({ kind, picture, strength }) => {
          const name = strength === 'subtle' ? 'subtle' : kind;
          return (picture === null ? name : `${name} ${picture}`) as Button;
        }),
      }));
    },
    async told() {
      const now = await page.locator('.note').evaluateAll((notes) =>
        notes.map((note) => {
          const { dataset, innerText } = note as unknown as { dataset: { id?: string }; innerText: string };
          return [dataset.id ?? '', innerText] as const;
        }),
      );
      // A note that was answered leaves the page; it was told all the same.
      for (const [id, text] of now) told.set(id, text);
      return [...told.values()];
    },
    async ask(command) {
      await page.locator('#box').fill(`/easel ${command}`);
      await page.locator('#box').press('Enter');
    },
    confirm: () => page.locator('[data-confirm]').last().click(),
    received: async () => downloads,
  };
}
