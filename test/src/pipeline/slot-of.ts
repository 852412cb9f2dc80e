/** Requests for the tiny model. Loads nothing of the engine. */
import { join } from 'node:path';
import { findPackageRoot } from '../../../src/models/package-root.ts';
import type { SlotRequest } from '../../../src/pipeline/pipeline.ts';

/** A models folder: its `catalog.json` knows `tiny`. */
export const FIXTURES_DIR = join(findPackageRoot(import.meta.url), 'test', 'fixtures');

let slotsMade = 0;

export function slotOf(overrides: Partial<SlotRequest> = {}): SlotRequest {
  slotsMade += 1;
  return {
    slotId: `slot-${slotsMade}`,
    model: 'tiny',
    caption: 'a red apple',
    unwanted: null,
    seed: 7,
    pictureIndex: 0,
    guidanceScale: null,
    topK: null,
    temperature: null,
    variation: null,
    previews: false,
    ...overrides,
  };
}
