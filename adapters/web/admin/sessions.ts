// Who is signed in to the admin page, and as what: a link from chat, an admin of the web chat, or the host.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Asker, HOST, SESSION_LIFE_MS, type SignIn, type SignIns } from '../../../src/index.ts';
import { sameText, type WebPerson } from '../people.ts';
import { PLATFORM, TENANT } from '../scope.ts';
import { Refused } from '../server.ts';
import type { Place } from './names.ts';

export type Visit = { readonly signIn: SignIn; readonly asker: Asker; readonly place: Place };

export type AdminSessions = {
  /**
   * Who asks, with the place they look at: for the host the one in `?platform=&tenant=`, else their own.
   *
   * @throws {Refused} 401 when nobody is signed in, or somebody who is no admin any more
   */
  require(request: FastifyRequest): Promise<Visit>;
  /** @throws {Refused} 403 for a link that opens nothing, a wrong token, or a member of the web chat */
  enter(request: FastifyRequest, reply: FastifyReply, given: EnterRequest): Promise<SignIn>;
  leave(request: FastifyRequest, reply: FastifyReply): Promise<void>;
};

export type AdminSessionParts = {
  readonly app: FastifyInstance;
  readonly signIns: SignIns;
  readonly hostToken: string | null;
  readonly isSecure: boolean;
  /** Of the web chat's own cookie. */
  personOf(request: FastifyRequest): Promise<WebPerson | null>;
};

export const enterSchema = z.union([
  z.strictObject({ token: z.string().min(1).max(500) }),
  z.strictObject({ link: z.string().min(1).max(200) }),
  z.strictObject({ web: z.literal(true) }),
]);
export type EnterRequest = z.infer<typeof enterSchema>;

const placeSchema = z.object({
  platform: z.string().min(1).max(60).optional(),
  tenant: z.string().min(1).max(100).optional(),
});
/** A wrong token costs whoever tries it this long. */
const WRONG_DELAY_MS = 700;

export function createAdminSessions(parts: AdminSessionParts): AdminSessions {
  const { signIns, hostToken, isSecure } = parts;
  /** Cookies know no port: two Easels on one machine must not share one. */
  const cookieName = (request: FastifyRequest): string => `easel-admin-${request.socket.localPort ?? 0}`;
  const signInOf = async (request: FastifyRequest): Promise<SignIn | null> => {
    const token = request.cookies[cookieName(request)];
    return token === undefined ? null : signIns.find(token);
  };

  async function proved(request: FastifyRequest, given: EnterRequest) {
    if ('link' in given) return signIns.redeem(given.link);
    if ('token' in given) {
      return hostToken !== null && sameText(given.token, hostToken) ? signIns.open(HOST) : null;
    }
    const person = await parts.personOf(request);
    if (person === null || person.role !== 'admin') return null;
    if (person.via === 'host') return signIns.open(HOST);
    return signIns.open({ via: 'web', platform: PLATFORM, tenant: TENANT, user: person.id, name: person.name });
  }

  return {
    async require(request) {
      const signIn = await signInOf(request);
      if (signIn === null) throw new Refused(401, 'You are not signed in, or no admin any more. Sign in again.');
      const { platform, tenant } = placeSchema.parse(request.query);
      const wanted = platform === undefined || tenant === undefined ? null : { platform, tenant };
      const asker = signIns.askerOf(signIn, wanted);
      return { signIn, asker, place: { platform: asker.scope.platform, tenant: asker.scope.tenant } };
    },
    async enter(request, reply, given) {
      const opened = await proved(request, given);
      if (opened === null) {
        await new Promise((resolve) => setTimeout(resolve, WRONG_DELAY_MS));
        throw new Refused(403, whyNot(given));
      }
      reply.setCookie(cookieName(request), opened.token, {
        path: '/',
        httpOnly: true,
        sameSite: 'strict',
        secure: isSecure,
        maxAge: SESSION_LIFE_MS / 1_000,
      });
      return opened.signIn;
    },
    async leave(request, reply) {
      const signIn = await signInOf(request);
      if (signIn !== null) await signIns.end(signIn, signIn.id);
      reply.clearCookie(cookieName(request), { path: '/' });
    },
  };
}

function whyNot(given: EnterRequest): string {
  if ('link' in given)
    return 'This link was used already, or is older than ten minutes. Ask for a new one with /easel admin.';
  if ('token' in given) return 'This is not the token. It is the value of EASEL_HOST_TOKEN where Easel runs.';
  return 'You are no admin of the web chat. Whoever runs Easel can invite you as one: npx easel invite NAME --admin.';
}
