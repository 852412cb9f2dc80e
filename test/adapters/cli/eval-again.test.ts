/** The reports of IconEval can be had again: 24 pictures of each are drawn once more. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { slotOf } from '../../../adapters/cli/eval.ts';
import { findPackageRoot, loadCatalog } from '../../../src/index.ts';
import { agreementShare, drawAll, openPipeline } from '../../src/pipeline/fixture-model.ts';

const prompts = z
  .array(z.object({ id: z.string(), caption: z.string() }))
  .parse(JSON.parse(await readFile(join(findPackageRoot(import.meta.url), 'models/train/eval/prompts.json'), 'utf8')));
const reportSchema = z.object({
  drawAgain: z.array(z.object({ id: z.string(), seed: z.number(), ids: z.array(z.number()) })).length(24),
});
const catalog = await loadCatalog();
const models = await Promise.all(catalog.names.map((name) => catalog.resolve(name)));
const scored = models.filter(({ dir }) => existsSync(join(dir, 'eval.json')));

describe('IconEval', () => {
  it.each(scored.map((model) => [model.name, model] as const))(
    'report of %s: 24 of its pictures come out again',
    { timeout: 120_000 },
    async (_, model) => {
      const { drawAgain } = reportSchema.parse(JSON.parse(await readFile(join(model.dir, 'eval.json'), 'utf8')));
      const pipeline = await openPipeline(model);
      const shares: number[] = [];
      for (let at = 0; at < drawAgain.length; at += 8) {
        const some = drawAgain.slice(at, at + 8);
        const slots = some.map(({ id, seed }) =>
          slotOf(model.name, { id, caption: prompts.find((prompt) => prompt.id === id)?.caption ?? '' }, seed),
        );
        const drawn = await drawAll(pipeline, slots);
        shares.push(...drawn.map(({ ids }, index) => agreementShare(ids, some[index]?.ids ?? [])));
      }
      await pipeline.close();
      expect(shares).toHaveLength(24);
      // Another processor's int8 kernels may tip a token, and the tokens after it follow: most pictures stay whole.
      expect(shares.reduce((sum, share) => sum + share, 0) / shares.length).toBeGreaterThan(0.6);
    },
  );

  it('has prompts for every picture that a report names', () => {
    expect(new Set(prompts.map(({ id }) => id)).size).toBe(prompts.length);
  });
});
