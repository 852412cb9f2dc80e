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
  const { platform, tenant } = generation.scope;
  const isNeighbour = platform === asker.scope.platform && tenant === asker.scope.tenant;
  if (generation.private || !isNeighbour) throw notFound();
  return generation;
}

/** The same for cancel and remove. @throws {AppError} `JOB_NOT_FOUND`, `JOB_NOT_YOURS` */
export async function findOwned(store: Store, asker: Asker, generationId: string): Promise<Generation> {
  const generation = await findVisible(store, asker, generationId);
  if (isAuthor(generation, asker) || (await asker.mayModerate?.()) === true) return generation;
  throw new AppError('JOB_NOT_YOURS', 'Only its author or a moderator may do this.');
}

export function notFound(): AppError {
  return new AppError('JOB_NOT_FOUND', 'This picture is not here any more: it was deleted, or never existed.');
}
