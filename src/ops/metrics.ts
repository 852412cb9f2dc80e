/** Counters and gauges of the process, in memory: for `/metrics`, the admin pages and tests. */
import { onStep, STEPS, type StepName } from './step.ts';

export type Metrics = {
  /** How often each step was begun and ended; the difference are failures and what is under way. */
  readonly steps: Readonly<Record<StepName, { begun: number; ended: number }>>;
  count(name: string, by?: number): void;
  counter(name: string): number;
  /** Text in the exposition format of Prometheus. */
  render(gauges?: Readonly<Record<string, number>>): string;
  close(): void;
};

export function createMetrics(): Metrics {
  const entries = STEPS.map((name) => [name, { begun: 0, ended: 0 }] as const);
  const steps = Object.fromEntries(entries) as Record<StepName, { begun: number; ended: number }>;
  const counters = new Map<string, number>();
  const stop = onStep((name, edge) => {
    steps[name][edge === 'before' ? 'begun' : 'ended'] += 1;
  });
  return {
    steps,
    count: (name, by = 1) => void counters.set(name, (counters.get(name) ?? 0) + by),
    counter: (name) => counters.get(name) ?? 0,
    render(gauges = {}) {
      return [
        '# TYPE easel_steps_total counter',
        ...Object.entries(steps).flatMap(([name, { begun, ended }]) => [
          `easel_steps_total{step="${name}",edge="before"} ${begun}`,
          `easel_steps_total{step="${name}",edge="after"} ${ended}`,
        ]),
        ...[...counters].flatMap(([name, value]) => [
          `# TYPE easel_${name}_total counter`,
          `easel_${name}_total ${value}`,
        ]),
        ...Object.entries(gauges).flatMap(([name, value]) => [`# TYPE easel_${name} gauge`, `easel_${name} ${value}`]),
        '',
      ].join('\n');
    },
    close: stop,
  };
}
