import { randomBytes } from 'node:crypto';
import { decode } from 'sixel';
import { describe, expect, it } from 'vitest';
import { chooseShowWay, halfBlocks, renderPicture } from '../../../adapters/cli/show-picture.ts';
import { decodePng, encodePng } from '../../../src/image/png.ts';
import { Capture } from './harness.ts';

const ESCAPE = '\u001B';
const NONE = { kitty: false, iterm2: false, sixel: false };
const terminal = new Capture(true);

/** Left half red, right half transparent. */
function halfRed(sizePx: number): { rgba: Uint8Array; widthPx: number; heightPx: number } {
  const rgba = new Uint8Array(4 * sizePx * sizePx);
  for (let pixel = 0; pixel < sizePx * sizePx; pixel++) {
    if (pixel % sizePx < sizePx / 2) rgba.set([255, 0, 0, 255], 4 * pixel);
  }
  return { rgba, widthPx: sizePx, heightPx: sizePx };
}

/** The escapes that kitty is sent: `ESC _G control ; base64 ESC \\`. */
function kittyChunks(text: string): readonly { control: string; base64: string }[] {
  return text
    .split(`${ESCAPE}_G`)
    .slice(1)
    .map((chunk) => {
      const [control = '', base64 = ''] = chunk.slice(0, chunk.indexOf(ESCAPE)).split(';');
      return { control, base64 };
    });
}

describe('the way to show a picture', () => {
  it.each([
    ['kitty', { ...NONE, kitty: true, sixel: true }, {}],
    ['iterm2', { ...NONE, iterm2: true }, {}],
    ['sixel', { ...NONE, sixel: true }, {}],
    ['sixel', NONE, { TERM: 'foot' }],
    ['blocks', NONE, { TERM: 'xterm-256color' }],
    ['blocks', { ...NONE, kitty: true }, { TMUX: '/tmp/tmux', TERM: 'tmux-256color' }],
    ['none', NONE, { TERM: 'dumb' }],
  ])('is %s for %j in %j', (way, graphics, environment) => {
    expect(chooseShowWay(terminal, environment, graphics)).toBe(way);
  });

  it('is none for a pipe and for a terminal without colours', () => {
    expect(chooseShowWay(new Capture(false), {}, { ...NONE, kitty: true })).toBe('none');
    expect(chooseShowWay(new Capture(true, 1), {}, NONE)).toBe('none');
  });
});

describe('what is sent', () => {
  it('to kitty and iTerm2 is the PNG itself', async () => {
    const png = await encodePng(halfRed(64));
    const sent = kittyChunks(await renderPicture(png, 'kitty', terminal)).map(({ base64 }) => base64);
    expect(Buffer.from(sent.join(''), 'base64').equals(png)).toBe(true);
    const inline = await renderPicture(png, 'iterm2', terminal);
    expect(inline.startsWith(`${ESCAPE}]1337;File=inline=1;size=${png.length};`)).toBe(true);
    const base64 = inline.slice(inline.indexOf(':') + 1, inline.lastIndexOf('\u0007'));
    expect(Buffer.from(base64, 'base64').equals(png)).toBe(true);
  });

  it('to kitty goes in chunks, all but the last saying that more comes', async () => {
    const noise = { rgba: randomBytes(4 * 64 * 64), widthPx: 64, heightPx: 64 };
    const chunks = kittyChunks(await renderPicture(await encodePng(noise), 'kitty', terminal));
    const more = chunks.map(({ control }) => control.at(-1));
    expect(more.length).toBeGreaterThan(1);
    expect(more).toEqual([...more.slice(1).map(() => '1'), '0']);
    expect(Math.max(...chunks.map(({ base64 }) => base64.length))).toBe(4096);
  });

  it('as sixel decodes to the same pixels', async () => {
    const text = await renderPicture(await encodePng(halfRed(16)), 'sixel', terminal);
    const body = text.slice(text.indexOf('q') + 1, text.lastIndexOf('\u001B\\'));
    const { width, height, data32 } = decode(body);
    expect([width, height]).toEqual([16, 16]);
    expect((data32[0] ?? 0) & 0xffffff).toBe(0x0000ff);
  });

  it('in half blocks has a line for two rows, and nothing where the picture is transparent', async () => {
    const pixels = await decodePng(await encodePng(halfRed(4)));
    expect(halfBlocks(pixels, 4, true)).toBe(
      `${'\u001B[38;2;255;0;0;48;2;255;0;0m▀'.repeat(2)}${'\u001B[0m '.repeat(2)}\u001B[0m\n`.repeat(2),
    );
    expect(halfBlocks(pixels, 2, false)).toBe('\u001B[38;5;196;48;5;196m▀\u001B[0m \u001B[0m\n');
  });

  it('is nothing for none', async () => {
    expect(await renderPicture(await encodePng(halfRed(4)), 'none', terminal)).toBe('');
  });
});
