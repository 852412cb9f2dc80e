/** A generation as the store gives it: four pictures of a fox, drawn. */
import { newGenerationId } from '../../src/store/generation-id.ts';
import type { Generation, Picture } from '../../src/store/records.ts';

export const picture = (index: number, state: Picture['state'] = 'drawn'): Picture => ({
  ...{ index, state, attempts: 1, blobKey: 'k', sizeBytes: 1, widthPx: 8, heightPx: 8 },
  ...{ drawMs: 1, engineMs: 1, errorCode: null },
});
export const generation = (more: Partial<Generation> = {}): Generation => ({
  ...{ id: newGenerationId(0), requestKey: 'r', kind: 'imagine', parentId: null, parentPictureIndex: null },
  ...{ prompt: 'a fox', options: {}, seed: 7, model: 'nano', modelHash: 'h', status: 'drawn', errorCode: null },
  scope: { platform: 'chat', tenant: 't', channel: 'c', user: 'ada', roles: [] },
  ...{ private: false, target: {}, kept: false, createdAtMs: 0, startedAtMs: 0, finishedAtMs: 0 },
  charge: { state: 'reserved', pictures: 4, engineMs: 0 },
  pictures: [0, 1, 2, 3].map((index) => picture(index)),
  ...more,
});
