/** The crash test itself, for one database: kills at the steps that a life passes, in turn. */
import { expect } from 'vitest';
import { judge, openLives } from './lives.ts';

/** The steps every request takes; the others are found by watching a life that is left alone. */
const REQUIRED = [
  'accept',
  'placeholder',
  'placed',
  'pick',
  'draw',
  'encode',
  'store',
  'drawn',
  'posting',
  'post',
  'settle',
  'refund',
];

/** Where a crash hurts: both edges of the steps of every request, the far edge of the others. */
export const THOROUGH = (edge: string, name: string) => edge === 'after' || REQUIRED.includes(name);
/** The far edges of the steps of every request, and the near ones of what the platform shows. */
export const BRIEF = (edge: string, name: string) =>
  REQUIRED.includes(name) && (edge === 'after' || ['placeholder', 'post', 'settle'].includes(name));

export async function crashAtEveryPoint(
  databaseUrl: string | null,
  back: string,
  isChosen: (edge: string, name: string) => boolean,
): Promise<void> {
  const lives = await openLives(databaseUrl, 'fake');
  try {
    const whole = await lives.live(null);
    expect(whole, whole.errors).toMatchObject({ code: 0 });
    const points = [...new Set(lives.platform.survivor)].filter((point) => {
      const [edge = '', name = ''] = point.split(' ');
      return isChosen(edge, name);
    });
    for (const name of REQUIRED) expect(points).toContain(`after ${name}`);
    const passed: string[] = [];
    for (const point of points) {
      const { signal, code, errors } = await lives.live(point);
      // What this life found of the one killed before it.
      judge(lives.platform);
      // An edit on the way, or a lucky cancel, depends on the pace: such a life may get through, and is then no point.
      const mayPass = !REQUIRED.includes(point.split(' ')[1] ?? '') && code === 0;
      if (mayPass) passed.push(point);
      else expect({ point, signal, code }, errors).toEqual({ point, signal: 'SIGKILL', code: null });
    }
    const killed = points.length - passed.length;
    expect(killed).toBeGreaterThanOrEqual(12);
    expect(passed.length, `not reached again: ${passed.join(', ')}`).toBeLessThanOrEqual(3);
    const last = await lives.live(null);
    expect(last, last.errors).toMatchObject({ code: 0 });
    judge(lives.platform);
    console.info(
      `${back}: ${killed} crash points, ${lives.platform.acknowledged.length} requests delivered once or refunded${passed.length === 0 ? '' : ` (not reached again: ${passed.join(', ')})`}`,
    );
  } finally {
    await lives.end();
  }
}
