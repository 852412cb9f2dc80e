/** Captions to the keys and values of their prefix, each worked out once and kept while it is used often. */
import type { ModelManifest } from '../../models/manifest.ts';
import { floatOutput, type Graph } from '../graph.ts';
import { floats, ints } from '../tensor.ts';
import { cacheNames, type ModelShape } from './model-shape.ts';

/** What a sequence begins with. */
export type Prefix = {
  /** Caption tokens that are not padding. */
  tokens: number;
  /** 2L arrays [T,H,E] in the order of `cacheNames`. */
  cache: readonly Float32Array[];
};

export type Prefixes = {
  /** @param ids 1..T tokens */
  of(ids: readonly number[]): Promise<Prefix>;
};

/** A sheet shares one caption, and every picture the empty one: a few are enough. */
const KEPT_PREFIXES = 24;

/**
 * Runs prefill for one sequence at a time: a prefix then never depends on who joined at the same moment, and the four
 * pictures of a sheet pay for one.
 */
export function createPrefixes(prefill: Graph, manifest: ModelManifest, shape: ModelShape): Prefixes {
  const kept = new Map<string, Prefix>();
  const { captionTokens } = shape; // T
  const names = cacheNames('', shape.layers);

  async function compute(ids: readonly number[]): Promise<Prefix> {
    const padded = new Array<number>(captionTokens).fill(manifest.caption.padId);
    const mask = new Float32Array(captionTokens);
    ids.forEach((id, place) => {
      padded[place] = id;
      mask[place] = 1;
    });
    const outputs = await prefill.run({
      caption_ids: ints(padded, [1, captionTokens]), // (S,T), S = 1
      caption_mask: floats(mask, [1, captionTokens]),
    });
    return { tokens: ids.length, cache: names.map((name) => floatOutput(outputs, name).data) }; // (T,1,H,E) each
  }

  return {
    async of(ids) {
      const key = ids.join(' ');
      const prefix = kept.get(key) ?? (await compute(ids));
      // Last used is last in the map.
      kept.delete(key);
      kept.set(key, prefix);
      if (kept.size > KEPT_PREFIXES) kept.delete(kept.keys().next().value as string);
      return prefix;
    },
  };
}
