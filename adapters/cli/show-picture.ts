// A picture inside the terminal: by its graphics protocol where it has one, else in half blocks.

import { image2sixel } from 'sixel';
import { decodePng, type Environment, type Pixels } from '../../src/index.ts';
import type { GraphicsSupport, Output } from './terminal.ts';

export const SHOW_WAYS = ['auto', 'kitty', 'iterm2', 'sixel', 'blocks', 'none'] as const;
export type ShowWay = (typeof SHOW_WAYS)[number];

/** Cells that a picture is given at most: it is a look at the file, not the file. */
const WIDTH_CELLS_MAX = 48;
const KITTY_CHUNK_CHARACTERS = 4096;
const ALPHA_VISIBLE_MIN = 128;

/** How a terminal can show a picture; "none" for pipes, files and terminals without colours. */
export function chooseShowWay(
  output: Output,
  environment: Environment,
  graphics: GraphicsSupport,
): Exclude<ShowWay, 'auto'> {
  if (output.isTTY !== true || environment['TERM'] === 'dumb') return 'none';
  // A multiplexer draws the screen itself and would swallow or misplace pictures that its terminal understands.
  const isMultiplexed = environment['TMUX'] !== undefined || environment['STY'] !== undefined;
  if (!isMultiplexed) {
    if (graphics.kitty) return 'kitty';
    if (graphics.iterm2) return 'iterm2';
    if (graphics.sixel || /^(?:foot|contour|yaft|mlterm)/u.test(environment['TERM'] ?? '')) return 'sixel';
  }
  return (output.getColorDepth?.(environment) ?? 1) >= 8 ? 'blocks' : 'none';
}

/** The text that makes a terminal show a PNG; empty for "none". */
export async function renderPicture(png: Uint8Array, way: Exclude<ShowWay, 'auto'>, output: Output): Promise<string> {
  const widthCells = Math.min(WIDTH_CELLS_MAX, Math.max(8, (output.columns || 80) - 2));
  switch (way) {
    case 'kitty':
      return `${kitty(png, widthCells)}\n`;
    case 'iterm2':
      return `${iterm2(png, widthCells)}\n`;
    case 'sixel': {
      const { rgba, widthPx, heightPx } = await decodePng(png);
      return `${image2sixel(rgba, widthPx, heightPx, 256, 1)}\n`;
    }
    case 'blocks':
      return halfBlocks(await decodePng(png), widthCells, (output.getColorDepth?.() ?? 24) >= 24);
    case 'none':
      return '';
  }
}

/** @see https://sw.kovidgoyal.net/kitty/graphics-protocol/ */
function kitty(png: Uint8Array, widthCells: number): string {
  const text = Buffer.from(png).toString('base64');
  let escapes = '';
  for (let at = 0; at < text.length; at += KITTY_CHUNK_CHARACTERS) {
    const more = at + KITTY_CHUNK_CHARACTERS < text.length ? 1 : 0;
    const control = at === 0 ? `a=T,f=100,q=2,c=${widthCells},m=${more}` : `m=${more}`;
    escapes += `\u001B_G${control};${text.slice(at, at + KITTY_CHUNK_CHARACTERS)}\u001B\\`;
  }
  return escapes;
}

/** @see https://iterm2.com/documentation-images.html */
function iterm2(png: Uint8Array, widthCells: number): string {
  const control = `inline=1;size=${png.length};width=${widthCells};preserveAspectRatio=1`;
  return `\u001B]1337;File=${control}:${Buffer.from(png).toString('base64')}\u0007`;
}

type Cell = { readonly r: number; readonly g: number; readonly b: number };

/** Two picture rows a line: the upper in the foreground of "▀", the lower in its background. */
export function halfBlocks(pixels: Pixels, widthCells: number, hasTrueColour: boolean): string {
  const width = Math.min(widthCells, pixels.widthPx);
  const height = Math.max(1, Math.round((pixels.heightPx * width) / pixels.widthPx));
  let text = '';
  for (let y = 0; y < height; y += 2) {
    for (let x = 0; x < width; x++) {
      const upper = average(pixels, x, y, width, height);
      const lower = y + 1 < height ? average(pixels, x, y + 1, width, height) : null;
      text += cellText(upper, lower, hasTrueColour);
    }
    text += '\u001B[0m\n';
  }
  return text;
}

function cellText(upper: Cell | null, lower: Cell | null, hasTrueColour: boolean): string {
  if (upper === null && lower === null) return '\u001B[0m ';
  if (upper === null) return `\u001B[0;${colour(38, lower, hasTrueColour)}m▄`;
  if (lower === null) return `\u001B[0;${colour(38, upper, hasTrueColour)}m▀`;
  return `\u001B[${colour(38, upper, hasTrueColour)};${colour(48, lower, hasTrueColour)}m▀`;
}

function colour(ground: 38 | 48, cell: Cell | null, hasTrueColour: boolean): string {
  const { r, g, b } = cell ?? { r: 0, g: 0, b: 0 };
  if (hasTrueColour) return `${ground};2;${r};${g};${b}`;
  // The 6 x 6 x 6 cube of the 256 colours.
  const step = (value: number): number => Math.round((value / 255) * 5);
  return `${ground};5;${16 + 36 * step(r) + 6 * step(g) + step(b)}`;
}

/** The mean colour of the pixels under one cell; null where most of it is transparent. */
function average(pixels: Pixels, x: number, y: number, width: number, height: number): Cell | null {
  const [left, right] = span(x, width, pixels.widthPx);
  const [top, bottom] = span(y, height, pixels.heightPx);
  let [r, g, b, alpha] = [0, 0, 0, 0];
  for (let py = top; py < bottom; py++) {
    for (let px = left; px < right; px++) {
      const [red = 0, green = 0, blue = 0, a = 0] = pixels.rgba.subarray(4 * (py * pixels.widthPx + px));
      r += red * a;
      g += green * a;
      b += blue * a;
      alpha += a;
    }
  }
  if (alpha < ALPHA_VISIBLE_MIN * (right - left) * (bottom - top)) return null;
  return { r: Math.round(r / alpha), g: Math.round(g / alpha), b: Math.round(b / alpha) };
}

/** The pixels, at least one, that lie under one of so many cells. */
function span(cell: number, cells: number, sizePx: number): readonly [number, number] {
  const start = Math.floor((cell * sizePx) / cells);
  return [start, Math.max(start + 1, Math.floor(((cell + 1) * sizePx) / cells))];
}
