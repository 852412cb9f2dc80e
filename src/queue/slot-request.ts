/** From a stored generation to what a worker is asked to draw. */
import type { SlotRequest } from '../pipeline/pipeline.ts';
import type { Generation } from '../store/records.ts';
import { captionOf, readOptions } from '../studio/options.ts';

/** @param parentIds of the picture it varies; null for every other kind */
export function toSlotRequest(generation: Generation, pictureIndex: number, parentIds: number[] | null): SlotRequest {
  const { unwantedCaption, guidanceScale, strength } = readOptions(generation);
  return {
    slotId: `${generation.id}/${pictureIndex}`,
    model: generation.model,
    caption: captionOf(generation, pictureIndex),
    unwanted: unwantedCaption,
    seed: generation.seed,
    pictureIndex,
    guidanceScale,
    topK: null,
    temperature: null,
    variation: parentIds === null ? null : { parentIds, strength: strength ?? 'strong' },
    previews: true,
  };
}
