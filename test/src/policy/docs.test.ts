import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { LIMIT_NAMES } from '../../../src/policy/rules.ts';
import { admin, got } from '../../fakes/limits-bench.ts';
import { ADA, openMemoryLimits } from '../../fakes/memory-limits.ts';

const text = readFileSync(fileURLToPath(new URL('../../../docs/limits.md', import.meta.url)), 'utf8');
const recipes = [...text.matchAll(/```yaml\n([\s\S]*?)```/gu)].map(([, yaml = '']) => yaml);

describe('docs/limits.md', () => {
  it('names every limit there is', () => {
    expect(LIMIT_NAMES.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  });

  it.each(recipes.map((yaml, index) => [index + 1, yaml] as const))(
    'recipe %i can be imported as it stands',
    async (_number, yaml) => {
      const { limits } = await openMemoryLimits();
      const { changes } = got(
        await limits.importYaml(admin(ADA, { isHost: async () => false }), yaml, { dryRun: false }),
      );
      expect(changes.length).toBeGreaterThan(0);
    },
  );

  it('has the five recipes', () => {
    expect(recipes).toHaveLength(5);
  });
});
