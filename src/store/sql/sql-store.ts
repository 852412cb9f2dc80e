/** The store on any SQL database that Drizzle reaches: PGlite and PostgreSQL run the same statements. */
import { inArray } from 'drizzle-orm';
import PQueue from 'p-queue';
import { generations } from '../schema.ts';
import type { Store } from '../store.ts';
import { accept } from './accept.ts';
import { createClaimStore } from './claims.ts';
import type { Database } from './database.ts';
import { createGalleryStore } from './gallery.ts';
import { createGenerationStore } from './generations.ts';
import { createJobStore } from './jobs.ts';
import { createLimitStore } from './limits.ts';
import { createOutboxStore } from './outbox.ts';
import { createPeopleStore } from './people.ts';
import { createPictureStore } from './pictures.ts';
import { createReactionStore } from './reactions.ts';
import { createSignInStore } from './sign-ins.ts';

export function createSqlStore(database: Database): Store {
  // They would wait for the lock of the database anyway, each with a connection that others need.
  const counted = new PQueue({ concurrency: 1 });
  return {
    accept: (request) => {
      const isCounted = (request.reservation?.checks.length ?? 0) > 0;
      return isCounted ? counted.add(() => accept(database, request)) : accept(database, request);
    },
    generations: createGenerationStore(database),
    jobs: createJobStore(database),
    outbox: createOutboxStore(database),
    pictures: createPictureStore(database),
    people: createPeopleStore(database),
    reactions: createReactionStore(database),
    gallery: createGalleryStore(database),
    claims: createClaimStore(database),
    signIns: createSignInStore(database),
    limits: createLimitStore(database),
  };
}

export async function countGenerations(database: Database): Promise<{ generations: number; unfinished: number }> {
  return {
    generations: await database.$count(generations),
    unfinished: await database.$count(generations, inArray(generations.status, ['queued', 'drawing'])),
  };
}
