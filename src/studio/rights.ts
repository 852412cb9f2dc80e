/** Who may see and touch which generation. */
import { AppError } from '../errors.ts';
import type { Generation } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import type { Asker } from './studio.ts';

export function isAuthor({ scope: author }: Generation, { scope }: Asker): boolean {
  return author.platform === scope.platform && author.user === scope.user;
}

/**
 * A generation the asker may know of: their own, or a public one of their tenant. What they may not see looks like what
 * does not exist.
 *
 * @throws {AppError} `JOB_NOT_FOUND`
 */
export async function findVisible(store: Store, asker: Asker, generationId: string): Promise<Generation> {
  const generation = await store.generations.get(generationId);
  if (generation === null || generation.status === 'removed') throw notFound();
  if (isAuthor(generation, asker)) return generation;
  if (generation.private || !isNeighbour(generation, asker)) throw notFound();
  return generation;
}

/**
 * The same for cancel and remove: their own, and for moderators every one of their tenant, of which a private one stays unseen.
 *
 * @throws {AppError} `JOB_NOT_FOUND`, `JOB_NOT_YOURS`
 */
export async function findOwned(store: Store, asker: Asker, generationId: string): Promise<Generation> {
  const generation = await store.generations.get(generationId);
  if (generation === null || generation.status === 'removed') throw notFound();
  if (isAuthor(generation, asker)) return generation;
  if (!isNeighbour(generation, asker)) throw notFound();
  if ((await asker.mayModerate?.()) === true) return generation;
  if (generation.private) throw notFound();
  throw new AppError('JOB_NOT_YOURS', 'Only its author or a moderator may do this.');
}

function isNeighbour({ scope: { platform, tenant } }: Generation, { scope }: Asker): boolean {
  return platform === scope.platform && tenant === scope.tenant;
}

export function notFound(): AppError {
  return new AppError('JOB_NOT_FOUND', 'This picture is not here any more: it was deleted, or never existed.');
}
