// `/easel …` on the web: typed in the box, answered as a private note with its buttons, menus and forms.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Asker, type Desk, type Directory, type Form, isForm, type View } from '../../src/index.ts';
import { TENANT } from './scope.ts';
import { toNote } from './web-messages.ts';
import type { WireDeskAnswer, WireForm, WireSuggestion } from './wire.ts';

export type DeskRouteParts = {
  readonly app: FastifyInstance;
  readonly desk: Desk;
  readonly directory: Directory;
  /** Who asks; the role is read anew for every command. @throws 401 */
  ask(request: FastifyRequest): Promise<Asker>;
};

const TEXT_MAX = 60_000;
const ID_MAX = 100;
const VALUES_MAX = 10;

const textSchema = z.strictObject({ text: z.string().max(TEXT_MAX) });
const idSchema = z.strictObject({ id: z.string().max(ID_MAX) });
const valueSchema = z.union([
  z.string().max(TEXT_MAX),
  z.number(),
  z.boolean(),
  z.null(),
  z.array(z.string().max(ID_MAX)).max(VALUES_MAX),
]);
const formSchema = z.strictObject({ id: z.string().max(ID_MAX), values: z.record(z.string().max(40), valueSchema) });
const suggestSchema = z.object({ text: z.string().max(500) });

export function addDeskRoutes({ app, desk, directory, ask }: DeskRouteParts): void {
  /** A browser has no list of people of its own: it is given what there is to choose from. */
  async function toWireForm(form: Form): Promise<WireForm> {
    const fields = await Promise.all(
      form.fields.map(async (field) => {
        if (field.kind !== 'pick') return field;
        const listed = (await directory.list?.(TENANT, field.of)) ?? [];
        return { ...field, options: listed.map(({ id, name }) => ({ value: id, label: name })) };
      }),
    );
    return { ...form, fields };
  }

  app.post('/api/desk', async (request): Promise<WireDeskAnswer> => {
    const asker = await ask(request);
    return answerOf(await desk.say(asker, textSchema.parse(request.body).text));
  });
  app.post('/api/desk/press', async (request): Promise<WireDeskAnswer> => {
    const asker = await ask(request);
    return answerOf(await desk.press(asker, idSchema.parse(request.body).id));
  });
  app.post('/api/desk/form', async (request): Promise<WireDeskAnswer> => {
    const asker = await ask(request);
    const form = await desk.form(asker, idSchema.parse(request.body).id);
    return isForm(form) ? { form: await toWireForm(form), note: null, problems: {} } : answerOf(form);
  });
  app.post('/api/desk/submit', async (request): Promise<WireDeskAnswer> => {
    const asker = await ask(request);
    const { id, values } = formSchema.parse(request.body);
    const { view, problems } = await desk.submit(asker, id, values);
    return { form: null, note: toNote(view), problems };
  });
  app.get('/api/desk/suggest', async (request): Promise<readonly WireSuggestion[]> => {
    const asker = await ask(request);
    return desk.suggest(asker, suggestSchema.parse(request.query).text);
  });
}

function answerOf(view: View): WireDeskAnswer {
  return { form: null, note: toNote(view), problems: {} };
}
