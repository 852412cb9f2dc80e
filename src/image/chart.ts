/** A chart of days as a picture, for chats: bars in SVG, drawn by sharp. Its numbers are in the alternative text. */
import sharp from 'sharp';
import { toBytes } from './png.ts';

export type BarChart = {
  /** Oldest first, such as `2026-11-25`. */
  days: readonly string[];
  /** One for each day, none negative. */
  values: readonly number[];
};

export const CHART_WIDTH_PX = 900;
export const CHART_HEIGHT_PX = 320;
const LEFT_PX = 62;
const RIGHT_PX = 20;
const TOP_PX = 22;
const BOTTOM_PX = 40;
const GRID_LINES = 4;
const DAY_LABELS_MAX = 8;
/** Readable on the light and the dark of every chat. */
const GROUND = '#fbf9f6';
const BAR = '#d2481d';
const LINE = '#e4ddd3';
const TEXT = '#6a6258';

/** PNG. Days and numbers are the only text in it, so nothing that a person typed can be. */
export async function drawBarChart({ days, values }: BarChart): Promise<Uint8Array> {
  const most = niceCeiling(Math.max(1, ...values));
  const widthPx = CHART_WIDTH_PX - LEFT_PX - RIGHT_PX;
  const heightPx = CHART_HEIGHT_PX - TOP_PX - BOTTOM_PX;
  const stepPx = widthPx / Math.max(1, values.length);
  const yOf = (value: number) => TOP_PX + heightPx * (1 - value / most);
  const grid = Array.from({ length: GRID_LINES + 1 }, (_, index) => {
    const value = (most / GRID_LINES) * index;
    const y = yOf(value).toFixed(1);
    return `<line x1="${LEFT_PX}" x2="${CHART_WIDTH_PX - RIGHT_PX}" y1="${y}" y2="${y}" stroke="${LINE}"/>
      <text x="${LEFT_PX - 10}" y="${(yOf(value) + 5).toFixed(1)}" text-anchor="end">${shortNumber(value)}</text>`;
  });
  const bars = values.map((value, index) => {
    const barPx = Math.min(46, stepPx * 0.7);
    const x = (LEFT_PX + stepPx * index + (stepPx - barPx) / 2).toFixed(1);
    const bar = `y="${yOf(value).toFixed(1)}" width="${barPx.toFixed(1)}" height="${(yOf(0) - yOf(value)).toFixed(1)}"`;
    return `<rect x="${x}" ${bar} rx="3" fill="${BAR}"/>`;
  });
  const every = Math.ceil(days.length / DAY_LABELS_MAX);
  const labels = days.map((day, index) =>
    index % every === 0
      ? `<text x="${(LEFT_PX + stepPx * (index + 0.5)).toFixed(1)}" y="${CHART_HEIGHT_PX - 14}" text-anchor="middle">${dayOfMonth(day)}</text>`
      : '',
  );
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${CHART_WIDTH_PX}" height="${CHART_HEIGHT_PX}">
    <rect width="100%" height="100%" rx="14" fill="${GROUND}"/>
    <g font-family="sans-serif" font-size="15" fill="${TEXT}">${grid.join('')}${labels.join('')}</g>${bars.join('')}</svg>`;
  return toBytes(sharp(Buffer.from(svg)).png());
}

/** `11-25` of `2026-11-25`; anything else leaves nothing. */
function dayOfMonth(day: string): string {
  return /^\d{4}-(\d{2}-\d{2})$/u.exec(day)?.[1] ?? '';
}

/** 1, 2 or 5 times a power of ten, so that grid lines are round. */
function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 4, 8, 10].find((each) => each * power >= value) ?? 10;
  return Math.max(GRID_LINES, step * power);
}

function shortNumber(value: number): string {
  return value >= 1_000 ? `${Math.round(value / 100) / 10}k` : `${Math.round(value * 10) / 10}`;
}
