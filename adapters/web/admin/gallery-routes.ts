// The gallery of the admin page: search, family, keep, delete, and small pictures.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { createThumbnails, type Outcome, type Studio } from '../../../src/index.ts';
import { generationHere, toItem } from './items.ts';
import type { Names } from './names.ts';
import type { AdminSessions } from './sessions.ts';
import type { WireItem, WireItems, WireTree } from './wire.ts';

export type GalleryParts = {
  readonly app: FastifyInstance;
  readonly studio: Studio;
  readonly sessions: AdminSessions;
  readonly names: Names;
};

const ID = /^[0-9a-f-]{8,40}$/u;
const idParams = z.object({ id: z.string().regex(ID) });
const pictureParams = idParams.extend({ file: z.string().regex(/^\d{1,2}\.webp$/u) });
const searchSchema = z.object({
  search: z.string().max(200).optional(),
  user: z.string().max(100).optional(),
  kept: z.literal('1').optional(),
  before: z.string().regex(ID).optional(),
  limit: z.coerce.number().int().min(1).max(60).default(24),
});
const keepSchema = z.strictObject({ kept: z.boolean() });
const THUMBNAIL_PX = 256;
const THUMBNAILS_BYTES_MAX = 64 * 1024 * 1024;
const CACHED_FOR_S = 86_400;

export function addGalleryRoutes({ app, studio, sessions, names }: GalleryParts): void {
  const thumbnails = createThumbnails({ sidePx: THUMBNAIL_PX, sizeBytesMax: THUMBNAILS_BYTES_MAX });

  app.get('/api/admin/gallery', async (request): Promise<WireItems> => {
    const { asker, place } = await sessions.require(request);
    const { search, user, kept, before, limit } = searchSchema.parse(request.query);
    const page = await studio.history(asker, {
      tenant: place.tenant,
      limit,
      drawn: true,
      ...(search === undefined || search.trim() === '' ? {} : { search: search.trim() }),
      ...(user === undefined || user === '' ? {} : { user }),
      ...(kept === undefined ? {} : { kept: true as const }),
      ...(before === undefined ? {} : { before }),
    });
    const open = page.generations.filter((generation) => !generation.private);
    return { items: await Promise.all(open.map((generation) => toItem(names, generation))), next: page.next };
  });

  app.get('/api/admin/gallery/:id', async (request): Promise<WireTree> => {
    const { asker, place } = await sessions.require(request);
    const { id } = idParams.parse(request.params);
    const self = await generationHere(studio, asker, place, id);
    const family = await studio.lineage(asker, id);
    if (family.kind === 'refused') throw family.error;
    const items = (all: readonly (typeof self)[]): Promise<WireItem[]> =>
      Promise.all(
        all
          .filter(
            ({ status, scope, private: isPrivate }) =>
              status !== 'removed' && !isPrivate && scope.platform === place.platform && scope.tenant === place.tenant,
          )
          .map((generation) => toItem(names, generation)),
      );
    return {
      ancestors: await items(family.value.ancestors),
      self: await toItem(names, self),
      children: await items(family.value.children),
    };
  });

  app.get('/api/admin/gallery/:id/:file', async (request, reply) => {
    const { asker, place } = await sessions.require(request);
    const { id, file } = pictureParams.parse(request.params);
    const pictureIndex = Number(file.split('.')[0]);
    const { pictures } = await generationHere(studio, asker, place, id);
    const key = pictures.find(({ index }) => index === pictureIndex)?.blobKey ?? `${id}/${pictureIndex}`;
    const bytes = await thumbnails.get(key, async () => {
      const answer = await studio.picture(asker, { generationId: id, pictureIndex });
      if (answer.kind === 'refused') throw answer.error;
      return answer.value;
    });
    reply.headers({ 'content-type': 'image/webp', 'cache-control': `private, max-age=${CACHED_FOR_S}, immutable` });
    return reply.send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  });

  app.post('/api/admin/gallery/:id/keep', async (request): Promise<object> => {
    const { asker, place } = await sessions.require(request);
    const { id } = idParams.parse(request.params);
    const { kept } = keepSchema.parse(request.body);
    await generationHere(studio, asker, place, id);
    return done(await studio.keep(asker, id, kept));
  });

  app.delete('/api/admin/gallery/:id', async (request): Promise<object> => {
    const { asker, place } = await sessions.require(request);
    const { id } = idParams.parse(request.params);
    await generationHere(studio, asker, place, id);
    return done(await studio.remove(asker, id));
  });
}

/** @throws {AppError} the refusal */
export function done(outcome: Outcome): object {
  if (outcome.kind === 'refused') throw outcome.error;
  return {};
}
