// Who somebody is: a browser on this machine by itself, everybody else by an invite or the host's token.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { COUNT_DEFAULT, type Locale, PROMPT_CHARACTERS_MAX } from '../../src/index.ts';
import { localeOfHeader } from './answers.ts';
import type { Guard } from './guard.ts';
import { guestName, type People, sameText, type WebPerson } from './people.ts';
import { Refused } from './server.ts';
import type { Streams } from './streams.ts';
import type { WireSession } from './wire.ts';

export type SessionParts = {
  readonly app: FastifyInstance;
  readonly guard: Guard;
  readonly people: People;
  readonly streams: Streams;
  readonly hostToken: string | null;
  readonly isSecure: boolean;
  readonly version: string;
  /** The language somebody chose; null: none. */
  languageOf(id: string): Promise<Locale | null>;
  /** Somebody came, went or has another name. */
  onPeople(): void;
};

export type Sessions = {
  /** @throws {Refused} 401 */
  require(request: FastifyRequest): Promise<WebPerson>;
  /** null: nobody. */
  personOf(request: FastifyRequest): Promise<WebPerson | null>;
};

const COOKIE_LIFE_S = 365 * 24 * 3600;
/** A wrong token costs whoever tries it this long. */
const WRONG_DELAY_MS = 700;

const signInSchema = z.union([
  z.strictObject({ token: z.string().min(1).max(500) }),
  z.strictObject({ invite: z.string().min(1).max(200) }),
]);
const renameSchema = z.strictObject({ name: z.string().max(200) });

export function addSessionRoutes(parts: SessionParts): Sessions {
  const { app, guard, people, streams, hostToken, isSecure, onPeople } = parts;

  /** Cookies know no port: two Easels on one machine must not share one. */
  const cookieName = (request: FastifyRequest): string => `easel-${request.socket.localPort ?? 0}`;

  async function personOf(request: FastifyRequest): Promise<WebPerson | null> {
    const cookie = request.cookies[cookieName(request)];
    return cookie === undefined ? null : people.ofCookie(cookie);
  }

  async function require(request: FastifyRequest): Promise<WebPerson> {
    const person = await personOf(request);
    if (person === null) throw new Refused(401, 'You are not signed in. Load the page again.');
    return person;
  }

  function letIn(request: FastifyRequest, reply: FastifyReply, person: WebPerson): Promise<WireSession> {
    reply.setCookie(cookieName(request), people.cookieOf(person), {
      path: '/',
      httpOnly: true,
      sameSite: 'strict',
      secure: isSecure,
      maxAge: COOKIE_LIFE_S,
    });
    return toSession(request, person);
  }

  const toSession = async (request: FastifyRequest, { id, name, role }: WebPerson): Promise<WireSession> => ({
    me: { id, name, role },
    locale: (await parts.languageOf(id)) ?? localeOfHeader(request.headers['accept-language']),
    version: parts.version,
    defaultCount: COUNT_DEFAULT,
    promptCharactersMax: PROMPT_CHARACTERS_MAX,
  });

  app.get('/api/session', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    const person = await personOf(request);
    if (person !== null) return toSession(request, person);
    if (guard.isExposed) throw new Refused(401, 'Sign in with an invite, or with the token of whoever runs Easel.');
    return letIn(request, reply, await people.join({ name: guestName(), role: 'member', via: 'browser' }));
  });

  app.post('/api/session', async (request, reply) => {
    const given = signInSchema.parse(request.body);
    if ('invite' in given) {
      const person = await people.redeem(given.invite);
      if (person === null) {
        await delay(WRONG_DELAY_MS);
        throw new Refused(403, 'This invite was used already, or has expired. Ask for a new one.');
      }
      return letIn(request, reply, person);
    }
    if (hostToken === null || !sameText(given.token, hostToken)) {
      await delay(WRONG_DELAY_MS);
      throw new Refused(403, 'This is not the token. It is the value of EASEL_HOST_TOKEN where Easel runs.');
    }
    return letIn(request, reply, await people.join({ name: 'Host', role: 'admin', via: 'host' }));
  });

  app.patch('/api/session', async (request) => {
    const { id } = await require(request);
    const person = await people.rename(id, renameSchema.parse(request.body).name);
    onPeople();
    return toSession(request, person);
  });

  app.delete('/api/session', async (request, reply) => {
    const { id } = await require(request);
    await people.revoke(id);
    streams.drop(id);
    reply.clearCookie(cookieName(request), { path: '/' });
    return {};
  });

  return { require, personOf };
}

function delay(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
