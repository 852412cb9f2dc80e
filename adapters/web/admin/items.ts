// Generations as the admin page lists them.

import { AppError, type Asker, type Generation, type Studio } from '../../../src/index.ts';
import type { Names, Place } from './names.ts';
import type { WireItem } from './wire.ts';

/** One generation of the place that is looked at: an id of another one finds nothing. @throws {AppError} `JOB_NOT_FOUND` */
export async function generationHere(
  studio: Pick<Studio, 'show'>,
  asker: Asker,
  { platform, tenant }: Place,
  id: string,
): Promise<Generation> {
  const shown = await studio.show(asker, id);
  if (shown.kind === 'refused') throw shown.error;
  const { scope, private: isPrivate } = shown.value;
  if (scope.platform !== platform || scope.tenant !== tenant || isPrivate) {
    throw new AppError('JOB_NOT_FOUND', 'This picture is not here any more: it was deleted, or never existed.');
  }
  return shown.value;
}

export async function toItem(names: Names, generation: Generation): Promise<WireItem> {
  const { id, prompt, scope, createdAtMs, model, kind, status, kept, seed, parentId, pictures } = generation;
  return {
    ...{ id, prompt, createdAtMs, model, kind, status, kept, seed, parentId },
    who: await names.person(scope, scope.user),
    pictures: pictures
      .filter(({ state }) => state === 'drawn')
      .map(({ index }) => ({ index, url: `/api/admin/gallery/${id}/${index}.webp` })),
  };
}
