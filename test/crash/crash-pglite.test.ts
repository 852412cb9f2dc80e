import { describe, expect, it } from 'vitest';
import { judge, openLives } from './lives.ts';
import { crashAtEveryPoint, THOROUGH } from './points.ts';

describe('killed at every step, on PGlite', () => {
  it('delivers every accepted request exactly once or refunds it', { timeout: 3_600_000 }, () =>
    crashAtEveryPoint(null, 'PGlite', THOROUGH),
  );

  it('draws anew what the real worker was drawing when the power went', { timeout: 900_000 }, async () => {
    const lives = await openLives(null, 'real');
    try {
      for (const point of ['while drawing', 'after draw', 'after post']) {
        const { signal, errors } = await lives.live(point);
        expect(signal, `${point}: ${errors}`).toBe('SIGKILL');
      }
      const { code, errors } = await lives.live(null);
      expect(code, errors).toBe(0);
      judge(lives.platform);
      expect(lives.platform.reported.filter(({ status }) => status === 'drawn')).toHaveLength(3);
    } finally {
      await lives.end();
    }
  });
});
