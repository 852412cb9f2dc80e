// A chart over days by uPlot, in the colours of the page, with the same numbers as a table for who cannot see it.

import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { formatNumber } from './format.ts';

export type Series = { readonly name: string; readonly values: readonly number[]; readonly kind: 'bars' | 'line' };

const HEIGHT_PX = 220;
const COLOURS = ['--accent', '--focus'] as const;

export function Chart({
  label,
  days,
  series,
  unit = '',
}: {
  label: string;
  days: readonly string[];
  series: readonly Series[];
  unit?: string;
}) {
  const box = useRef<HTMLDivElement>(null);
  const key = JSON.stringify([days, series]);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const colour = (name: string) => resolved(element, name);
    const axis = {
      stroke: colour('--muted'),
      grid: { stroke: colour('--line'), width: 1 },
      ticks: { show: false },
      font: '12px system-ui',
    };
    const plot = new uPlot(
      {
        width: element.clientWidth,
        height: HEIGHT_PX,
        legend: { show: series.length > 1 },
        cursor: { y: false },
        scales: { y: { range: (_plot, _least, most) => [0, Math.max(1, most * 1.1)] } },
        axes: [
          axis,
          { ...axis, size: 46, values: (_plot, ticks) => ticks.map((tick) => `${formatNumber(tick)}${unit}`) },
        ],
        series: [
          { value: (_plot, atS) => (atS === null ? '' : new Date(atS * 1_000).toISOString().slice(0, 10)) },
          ...series.map(({ name, kind }, index): uPlot.Series => {
            const stroke = colour(COLOURS[index] ?? '--accent');
            const value = (_plot: uPlot, each: number | null) => (each === null ? '–' : `${formatNumber(each)}${unit}`);
            if (kind === 'line') return { label: name, stroke, width: 2, value, points: { show: days.length < 3 } };
            const bars = uPlot.paths.bars?.({ size: [0.7, 40], radius: 0.15 });
            return {
              label: name,
              stroke,
              fill: stroke,
              width: 0,
              value,
              points: { show: false },
              ...(bars === undefined ? {} : { paths: bars }),
            };
          }),
        ],
      },
      [days.map((day) => Date.parse(`${day}T00:00:00Z`) / 1_000), ...series.map(({ values }) => [...values])],
      element,
    );
    const watcher = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT_PX }));
    watcher.observe(element);
    return () => {
      watcher.disconnect();
      plot.destroy();
    };
  }, [key, unit]);
  return (
    <figure class="chart">
      <div ref={box} role="img" aria-label={label} class="chart-box" />
      <details>
        <summary>As a table</summary>
        <div class="table-box">
          <table>
            <thead>
              <tr>
                <th scope="col">Day</th>
                {series.map(({ name }) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {days.map((day, index) => (
                <tr key={day}>
                  <th scope="row">{day}</th>
                  {series.map(({ name, values }) => (
                    <td key={name}>
                      {formatNumber(values[index] ?? 0)}
                      {unit}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}

/** A canvas knows nothing of custom properties, nor of light-dark(). */
function resolved(element: HTMLElement, name: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
