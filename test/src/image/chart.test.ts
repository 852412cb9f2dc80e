import { describe, expect, it } from 'vitest';
import { CHART_HEIGHT_PX, CHART_WIDTH_PX, drawBarChart } from '../../../src/image/chart.ts';
import { decodePng } from '../../../src/image/png.ts';

const DAYS = ['2026-11-01', '2026-11-02', '2026-11-03', '2026-11-04'];

/** Rows of a column that are of the bars' colour. */
async function barHeights(values: readonly number[]): Promise<number[]> {
  const { rgba, widthPx, heightPx } = await decodePng(await drawBarChart({ days: DAYS, values }));
  expect([widthPx, heightPx]).toEqual([CHART_WIDTH_PX, CHART_HEIGHT_PX]);
  const isBar = (x: number, y: number) => {
    const at = (y * widthPx + x) * 4;
    return (rgba[at] ?? 0) > 190 && (rgba[at + 1] ?? 255) < 110 && (rgba[at + 2] ?? 255) < 80;
  };
  return DAYS.map((_, index) => {
    const x = Math.round(62 + ((widthPx - 82) / DAYS.length) * (index + 0.5));
    return Array.from({ length: heightPx }, (__, y) => y).filter((y) => isBar(x, y)).length;
  });
}

describe('a chart of days', () => {
  it('has bars as tall as their numbers', async () => {
    const [none = 0, half = 0, all = 0, same = 0] = await barHeights([0, 20, 40, 40]);
    expect(none).toBe(0);
    expect(half / all).toBeCloseTo(0.5, 1);
    expect(same).toBe(all);
  });

  it('is drawn of nothing, too', async () => {
    expect(await barHeights([0, 0, 0, 0])).toEqual([0, 0, 0, 0]);
    expect((await drawBarChart({ days: [], values: [] })).byteLength).toBeGreaterThan(100);
  });
});
