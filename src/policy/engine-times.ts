/** What a picture of a model takes of the device: the median of its last hundred, kept while pictures come. */

export type EngineTimes = {
  measured(model: string, engineMs: number): void;
  /** 0 before anything was measured. */
  medianMs(model: string): number;
};

const KEPT = 100;

/** @param known of earlier runs, oldest first */
export function createEngineTimes(known: ReadonlyMap<string, readonly number[]>): EngineTimes {
  const times = new Map([...known].map(([model, list]) => [model, list.slice(-KEPT)]));
  const medians = new Map<string, number>();
  return {
    measured(model, engineMs) {
      if (!Number.isFinite(engineMs) || engineMs <= 0) return;
      const list = [...(times.get(model) ?? []), engineMs].slice(-KEPT);
      times.set(model, list);
      medians.delete(model);
    },
    medianMs(model) {
      const before = medians.get(model);
      if (before !== undefined) return before;
      const sorted = (times.get(model) ?? []).toSorted((one, other) => one - other);
      const middle = sorted.length >> 1;
      const upper = sorted[middle] ?? 0;
      const median = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
      medians.set(model, median);
      return median;
    },
  };
}
