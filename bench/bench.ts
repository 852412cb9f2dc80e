/** What a bench is: one name, one number, and the number it is compared with, from one run on one machine. */

export type BenchResult = {
  name: string;
  /** null when it could not be measured here; the note says why. */
  value: number | null;
  unit: 'ms' | 'ratio' | 'mb';
  /** What `value` is compared with, in the same unit; null when it stands alone. */
  baseline: number | null;
  /** `value / baseline`. */
  ratio: number | null;
  /** What was measured, against what. */
  note: string;
};

export type Bench = {
  name: string;
  run(model: BenchModel): Promise<BenchResult>;
};

/** The shipped model, or before there is one the fixture of the tests. */
export type BenchModel = { modelsDir: string; name: string };

export function toResult(
  name: string,
  unit: BenchResult['unit'],
  value: number,
  baseline: number | null,
  note: string,
): BenchResult {
  const ratio = baseline === null ? null : rounded(value / baseline);
  return { name, value: rounded(value), unit, baseline: baseline === null ? null : rounded(baseline), ratio, note };
}

/** How many times as fast as something else, or what share of it: `ratio` is the figure, `value` the same. */
export function toRatio(name: string, figure: number, note: string): BenchResult {
  return { name, value: rounded(figure), unit: 'ratio', baseline: 1, ratio: rounded(figure), note };
}

/** A row that says why there is no figure. */
export function absent(name: string, unit: BenchResult['unit'], why: string): BenchResult {
  return { name, value: null, unit, baseline: null, ratio: null, note: why };
}

export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
