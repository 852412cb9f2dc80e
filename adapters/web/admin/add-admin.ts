// The web admin: its page, who may enter it, and every route behind the door.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Easel, type SignIn, systemClock } from '../../../src/index.ts';
import type { People, WebPerson } from '../people.ts';
import { PLATFORM, TENANT } from '../scope.ts';
import { Refused } from '../server.ts';
import { addGalleryRoutes, done } from './gallery-routes.ts';
import { addLimitsRoutes } from './limits-routes.ts';
import { createLive } from './live.ts';
import { createNames, type Place } from './names.ts';
import { addReportRoutes } from './report-routes.ts';
import { createAdminSessions, enterSchema } from './sessions.ts';
import type { WireLive, WireMe, WireSignIn } from './wire.ts';

export type AdminEasel = Pick<
  Easel,
  'studio' | 'queue' | 'events' | 'store' | 'status' | 'limits' | 'signIns' | 'directory' | 'log'
>;

export type AdminParts = {
  readonly app: FastifyInstance;
  readonly easel: AdminEasel;
  readonly people: Pick<People, 'nameOf'>;
  readonly hostToken: string | null;
  readonly isSecure: boolean;
  personOf(request: FastifyRequest): Promise<WebPerson | null>;
};

const idParams = z.object({ id: z.string().min(8).max(60) });
const jobParams = z.object({ id: z.string().regex(/^[0-9a-f-]{8,40}$/u) });
/** Tenants that drew something in this time are offered to the host. */
const PLACES_DAYS = 365;
const DAY_MS = 86_400_000;

/** @returns ends what is open */
export function addAdmin({ app, easel, people, hostToken, isSecure, personOf }: AdminParts): () => void {
  const { studio, limits, signIns } = easel;
  const sessions = createAdminSessions({ app, signIns, hostToken, isSecure, personOf });
  const names = createNames(easel, people.nameOf);
  const live = createLive({ easel, names });
  const rolesOf = async ({ platform, tenant }: Place, user: string) =>
    (await easel
      .directory(platform)
      ?.rolesOf(tenant, user)
      .catch(() => [])) ?? [];
  addLimitsRoutes({ app, limits, sessions, names, rolesOf });
  addReportRoutes({ app, limits, sessions, names, nowMs: systemClock.nowMs });
  addGalleryRoutes({ app, studio, sessions, names });

  app.addHook('onSend', async (request, reply) => {
    if (request.url.startsWith('/api/admin/') && !reply.hasHeader('cache-control')) {
      reply.header('cache-control', 'no-store');
    }
  });

  app.get('/api/admin/session', async (request): Promise<WireMe> => {
    const { signIn, place } = await sessions.require(request);
    return toMe(signIn, place);
  });
  app.post('/api/admin/session', async (request, reply): Promise<object> => {
    const signIn = await sessions.enter(request, reply, enterSchema.parse(request.body));
    easel.log.info('signed in to the web admin', { via: signIn.via, platform: signIn.platform, session: signIn.id });
    return {};
  });
  app.delete('/api/admin/session', async (request, reply): Promise<object> => {
    await sessions.leave(request, reply);
    return {};
  });
  app.get('/api/admin/sessions', async (request): Promise<readonly WireSignIn[]> => {
    const { signIn } = await sessions.require(request);
    const open = await signIns.list(signIn);
    return Promise.all(
      open.map(async ({ id, name, via, platform, tenant, createdAtMs, expiresAtMs }) => ({
        ...{ id, name, via, createdAtMs, expiresAtMs, isMine: id === signIn.id },
        place: await names.place({ platform, tenant }),
      })),
    );
  });
  app.delete('/api/admin/sessions/:id', async (request): Promise<object> => {
    const { signIn } = await sessions.require(request);
    if (!(await signIns.end(signIn, idParams.parse(request.params).id))) {
      throw new Refused(404, 'This session has ended already.');
    }
    return {};
  });

  app.get('/api/admin/live', async (request): Promise<WireLive> => live.snapshot(await sessions.require(request)));
  app.get('/api/admin/events', async (request, reply) => {
    const visit = await sessions.require(request);
    reply.hijack();
    const isStill = async () => (await visit.asker.mayAdminister?.()) === true && (await isOpen(request));
    live.open(visit, reply.raw, isStill);
  });
  app.post('/api/admin/jobs/:id/cancel', async (request): Promise<object> => {
    const { asker, place } = await sessions.require(request);
    const { id } = jobParams.parse(request.params);
    await generationInQueue(id, place);
    return done(await studio.cancel(asker, id));
  });

  async function isOpen(request: FastifyRequest): Promise<boolean> {
    return sessions.require(request).then(
      () => true,
      () => false,
    );
  }

  /** A private one may be cancelled by an admin, who sees nothing of it. */
  async function generationInQueue(id: string, place: Place): Promise<void> {
    const generation = await easel.store.generations.get(id);
    const isHere = generation?.scope.platform === place.platform && generation.scope.tenant === place.tenant;
    if (!isHere) throw new Refused(404, 'This is not in the queue any more.');
  }

  async function toMe(signIn: SignIn, place: Place): Promise<WireMe> {
    const isHost = signIn.via === 'host';
    return {
      id: signIn.id,
      name: signIn.name,
      isHost,
      place: await names.place(place),
      places: isHost ? await allPlaces(signIn) : [await names.place(signIn)],
      version: String(easel.status()['version'] ?? 'Easel'),
    };
  }

  async function allPlaces(signIn: SignIn) {
    const nowMs = systemClock.nowMs();
    const day = (atMs: number) => new Date(atMs).toISOString().slice(0, 10);
    const usage = await limits.usage(signIns.askerOf(signIn), {
      ...{ from: day(nowMs - PLACES_DAYS * DAY_MS), to: day(nowMs + DAY_MS) },
      ...{ by: 'tenant', every: 'period', tenant: null, limit: 200 },
    });
    const known = new Map<string, Place>([[`${PLATFORM}/${TENANT}`, { platform: PLATFORM, tenant: TENANT }]]);
    if (usage.kind === 'found') {
      for (const { platform, key } of usage.value) known.set(`${platform}/${key}`, { platform, tenant: key });
    }
    return Promise.all([...known.values()].map(names.place));
  }

  return live.close;
}
