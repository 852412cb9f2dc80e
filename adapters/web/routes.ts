// What the page asks for and does: requests, controls, reactions, history, pictures, settings, events.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  AppError,
  type Asking,
  helpView,
  type Json,
  type Locale,
  type MessageRef,
  type Outcome,
  type ReactionTracker,
  readControlId,
  readReaction,
  type Studio,
  wordsFor,
} from '../../src/index.ts';
import { localeOfHeader, toAnswer } from './answers.ts';
import type { Board } from './board.ts';
import type { People, WebPerson } from './people.ts';
import { downloadPath } from './picture-routes.ts';
import { REACTION_EMOJI, type Reactions } from './reactions.ts';
import { CHANNEL, PLATFORM, scopeOf } from './scope.ts';
import type { Sessions } from './session-routes.ts';
import type { Streams } from './streams.ts';
import { toNote } from './web-messages.ts';
import type { WireAnswer, WireSettings, WireVocabulary } from './wire.ts';

export type RouteParts = {
  readonly app: FastifyInstance;
  readonly studio: Studio;
  readonly tracker: ReactionTracker;
  readonly board: Board;
  readonly people: People;
  readonly reactions: Reactions;
  readonly sessions: Sessions;
  readonly streams: Streams;
  readonly vocabulary: WireVocabulary;
  /** Easel closes: nothing new is accepted, what is being drawn is still told. */
  isClosing(): boolean;
};

const PAGE_MAX = 100;
const NOTHING: WireAnswer = { kind: 'done', what: 'nothing', line: '' };

const key = z.uuid();
const id = z.string().regex(/^[0-9a-f-]{8,40}$/u);
const text = z.string().max(60_000);
const submitSchema = z.strictObject({ text, requestKey: key, confirmed: z.boolean().default(false) });
const controlSchema = z.strictObject({
  id: z.string().max(100),
  requestKey: key,
  text: text.optional(),
  confirmed: z.boolean().default(false),
});
const reactionSchema = z.strictObject({ emoji: z.enum(REACTION_EMOJI) });
const pageSchema = z.object({ before: id.optional(), limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(50) });

/** @param requestKey unique among this person's requests; empty where nothing is accepted */
export type AskOf = (
  request: FastifyRequest,
  requestKey: string,
) => Promise<Asking & { locale: Locale; person: WebPerson }>;

/** @returns who asks, for the routes beside these */
export function addRoutes(parts: RouteParts): { ask: AskOf } {
  const { app, studio, tracker, board, reactions, sessions, streams, vocabulary } = parts;

  const ask: AskOf = async (request, requestKey) => {
    const person = await sessions.require(request);
    return {
      scope: scopeOf(person.id, [person.role]),
      mayModerate: async () => (await sessions.require(request)).role === 'admin',
      mayAdminister: async () => (await sessions.require(request)).role === 'admin',
      isHost: async () => (await sessions.require(request)).via === 'host',
      locale: localeOfHeader(request.headers['accept-language']),
      requestKey,
      target: {},
      person,
    };
  };

  function assertOpen(): void {
    if (parts.isClosing()) {
      throw new AppError('JOB_CLOSING', 'Easel is closing. What was accepted is kept; try again in a minute.');
    }
  }

  async function localeOf(request: FastifyRequest, person: WebPerson): Promise<Locale> {
    const { language } = await studio.settings({ platform: scopeOf(person.id).platform, user: person.id });
    return language ?? localeOfHeader(request.headers['accept-language']);
  }

  app.post('/api/messages', async (request): Promise<WireAnswer> => {
    assertOpen();
    const { text: typed, requestKey, confirmed } = submitSchema.parse(request.body);
    const asking = await ask(request, `web:${requestKey}`);
    const outcome = await studio.submit({ ...asking, text: typed, confirmed });
    return toAnswer(outcome, await localeOf(request, asking.person));
  });

  app.post('/api/controls', async (request): Promise<WireAnswer> => {
    assertOpen();
    const { id: controlId, requestKey, text: typed, confirmed } = controlSchema.parse(request.body);
    const action = readControlId(controlId);
    if (action === null) throw new AppError('INPUT_USAGE', 'This button is not one of Easel. Load the page again.');
    const asking = await ask(request, `web:${requestKey}`);
    const locale = await localeOf(request, asking.person);
    if (action.kind === 'direct') return download(asking, action.generationId, locale);
    const outcome =
      action.kind === 'edit'
        ? await studio.edit({ ...asking, text: typed ?? '', confirmed }, action.generationId)
        : await studio.press(asking, action, typed);
    await tell(outcome, action.generationId);
    return toAnswer(outcome, locale);
  });

  app.put<{ Params: { id: string } }>('/api/messages/:id/reactions', async (request): Promise<WireAnswer> => {
    assertOpen();
    const messageId = id.parse(request.params.id);
    const { emoji } = reactionSchema.parse(request.body);
    const asking = await ask(request, '');
    const locale = await localeOf(request, asking.person);
    const found = await studio.show(asking, messageId);
    if (found.kind === 'refused') return toAnswer(found, locale);
    const user = asking.person.id;
    if (!(await reactions.add(messageId, emoji, user))) return NOTHING;
    // A picture that is sent to oneself is a download here.
    if (readReaction(emoji, { generationId: messageId, finished: true })?.kind === 'direct') {
      await board.touch(messageId, found.value.scope.user);
      return download(asking, messageId, locale);
    }
    const answer = await tracker.add(asking, { message: messageOf(messageId), emoji, target: {} }, async () => {});
    const { outcome, waitsForNumber } = answer;
    if (outcome?.kind === 'refused') await unreact(asking, messageId, emoji);
    if (outcome === null) {
      await board.touch(messageId, found.value.scope.user);
      return waitsForNumber ? { kind: 'done', what: 'number', line: '' } : { kind: 'done', what: 'reacted', line: '' };
    }
    await tell(outcome, messageId);
    return toAnswer(outcome, locale);
  });

  app.delete<{ Params: { id: string } }>('/api/messages/:id/reactions', async (request): Promise<WireAnswer> => {
    const messageId = id.parse(request.params.id);
    const { emoji } = reactionSchema.parse(request.body);
    const asking = await ask(request, '');
    const locale = await localeOf(request, asking.person);
    const outcome = await unreact(asking, messageId, emoji);
    await board.touch(messageId, asking.person.id);
    return outcome === null ? NOTHING : toAnswer(outcome, locale);
  });

  async function unreact(asking: Asking, messageId: string, emoji: string): Promise<Outcome | null> {
    await reactions.remove(messageId, emoji, asking.scope.user);
    return (await tracker.takeBack(asking, { message: messageOf(messageId), emoji })).outcome;
  }

  app.get('/api/messages', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    const { before, limit } = pageSchema.parse(request.query);
    return board.page(await ask(request, ''), { limit, ...(before === undefined ? {} : { before }) });
  });

  app.get('/api/gallery', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    const { before, limit } = pageSchema.parse(request.query);
    return board.page(await ask(request, ''), { limit, kept: true, ...(before === undefined ? {} : { before }) });
  });

  app.get<{ Params: { id: string } }>('/api/messages/:id/lineage', async (request) => {
    const lineage = await board.lineage(await ask(request, ''), id.parse(request.params.id));
    if (lineage === null) throw new AppError('JOB_NOT_FOUND', 'This picture is not here any more.');
    return lineage;
  });

  app.get('/api/help', async (request) => {
    const { person } = await ask(request, '');
    return toNote(helpView(await localeOf(request, person)));
  });

  app.get('/api/vocabulary', async (request, reply) => {
    await sessions.require(request);
    reply.header('cache-control', 'private, max-age=300');
    return vocabulary;
  });

  app.get('/api/settings', async (request): Promise<WireSettings> => {
    const { scope } = await ask(request, '');
    return studio.settings(scope);
  });

  app.patch('/api/settings', async (request): Promise<WireSettings> => {
    const { scope } = await ask(request, '');
    const answer = await studio.saveSettings(
      scope,
      z.record(z.string(), z.json()).parse(request.body) as Record<string, Json>,
    );
    if (answer.kind === 'refused') throw answer.error;
    return answer.value;
  });

  app.get<{ Querystring: { after?: string } }>('/api/events', async (request, reply) => {
    const { id: personId } = await sessions.require(request);
    const header = request.headers['last-event-id'];
    const lastEventId = typeof header === 'string' ? header : (request.query.after ?? null);
    reply.hijack();
    for (const [name, value] of Object.entries(reply.getHeaders())) {
      if (value !== undefined) reply.raw.setHeader(name, value);
    }
    streams.open(personId, lastEventId, reply.raw);
  });

  async function download(asking: Asking, messageId: string, locale: Locale): Promise<WireAnswer> {
    const found = await studio.show(asking, messageId);
    if (found.kind === 'refused') return toAnswer(found, locale);
    const picture = downloadPath(found.value);
    if (picture === null) {
      const error = new AppError('JOB_NOT_DRAWN', 'This picture is not drawn yet. Wait until it is.');
      return toAnswer({ kind: 'refused', error, generation: null }, locale);
    }
    return { kind: 'download', ...picture, line: wordsFor(locale).say('control.direct') };
  }

  /** What no event tells: a picture that is kept now, a reaction that was added. */
  async function tell(outcome: Outcome, messageId: string): Promise<void> {
    if (outcome.kind === 'done' && outcome.what === 'removed') return board.gone(messageId);
    await board.touch(messageId);
  }
  return { ask };
}

function messageOf(messageId: string): MessageRef {
  return { platform: PLATFORM, channel: CHANNEL, messageId, generationId: messageId };
}
