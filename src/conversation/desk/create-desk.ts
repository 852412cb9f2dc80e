/** The desk: who asks is looked at, the command handed to its handler, what may be said no to becomes a view. */
import { AppError, toAppError } from '../../errors.ts';
import type { Asker } from '../../studio/studio.ts';
import type { PlaceKind } from '../form.ts';
import { emptyView, refusedView } from '../views.ts';
import { toLocale, wordsFor } from '../words.ts';
import { type CommandName, type EaselCommand, opensForm, specOf } from './commands.ts';
import { type DeskContext, type DeskParts, type Handler, type Handlers, requireAdmin } from './context.ts';
import { type Desk, readDeskAction } from './desk.ts';
import { buildForm, readForm } from './forms.ts';
import { helpHandlers, welcomeView } from './help.ts';
import { limitAdminHandlers } from './limit-admin.ts';
import { limitsHandlers } from './limits.ts';
import { moderationHandlers } from './moderation.ts';
import { parseCommand, toCommand } from './parse-command.ts';
import { personalHandlers } from './personal.ts';
import { placeHandlers } from './places.ts';
import { reportHandlers } from './reports.ts';
import { saveSettings, settingsHandlers } from './settings.ts';
import { standingHandlers } from './standing.ts';
import { suggestions } from './suggest.ts';
import { webAdminHandlers } from './web-admin.ts';

const HANDLERS: Handlers<CommandName> = {
  ...helpHandlers,
  ...personalHandlers,
  ...settingsHandlers,
  ...standingHandlers,
  ...limitsHandlers,
  ...limitAdminHandlers,
  ...placeHandlers,
  ...moderationHandlers,
  ...reportHandlers,
  ...webAdminHandlers,
};

export function createDesk(parts: DeskParts): Desk {
  async function enter(asker: Asker): Promise<DeskContext> {
    const { language } = await parts.studio.settings(asker.scope);
    const locale = language ?? toLocale(asker.locale);
    const { platform, tenant } = asker.scope;
    return {
      parts,
      asker,
      locale,
      words: wordsFor(locale),
      async nameOf(kind, id) {
        return (await parts.connection(platform)?.directory?.nameOf(tenant, kind, id)) ?? id;
      },
    };
  }

  /** Expected refusals become views wherever they come from. */
  async function answer<T>(
    asker: Asker,
    work: (context: DeskContext) => Promise<T>,
    refuse: (view: ReturnType<typeof refusedView>) => T,
  ): Promise<T> {
    const context = await enter(asker);
    try {
      await parts.door.enter(asker.scope);
      return await work(context);
    } catch (thrown) {
      const error = toAppError(thrown);
      if (error.audience !== 'user') throw error;
      return refuse(refusedView(error, context.locale));
    }
  }

  const finder = (asker: Asker) => async (kind: PlaceKind, name: string) => {
    const { platform, tenant } = asker.scope;
    return (await parts.connection(platform)?.directory?.find(tenant, kind, name))?.id ?? null;
  };

  async function run(context: DeskContext, command: EaselCommand) {
    if (specOf(command.name).audience === 'admins') await requireAdmin(context.asker);
    if (opensForm(command)) {
      const { name } = command;
      const action = {
        id: `easel-form ${name}`,
        label: context.words.say(`command.${name}`),
        style: 'main',
        opensForm: true,
      } as const;
      return {
        ...emptyView('answer', context.locale),
        heading: context.words.say(`command.${name}`),
        actions: [action],
      };
    }
    // Each handler takes the options of its own command: the table is keyed by it.
    const handler = HANDLERS[command.name] as Handler<CommandName>;
    return handler(context, command.options);
  }

  const desk: Desk = {
    say: (asker, text) =>
      answer(
        asker,
        async (context) => run(context, await parseCommand(text, finder(asker))),
        (view) => view,
      ),
    run: (asker, command) =>
      answer(
        asker,
        (context) => run(context, command),
        (view) => view,
      ),
    press: (asker, id) =>
      answer(
        asker,
        async (context) => {
          const action = readDeskAction(id);
          if (action === null || action.opensForm) throw new AppError('INPUT_USAGE', 'This button is not one of mine.');
          return run(context, await parseCommand(action.text, finder(asker)));
        },
        (view) => view,
      ),
    form: (asker, opener) =>
      answer<Awaited<ReturnType<Desk['form']>>>(
        asker,
        (context) => buildForm(context, opener, finder(asker)),
        (view) => view,
      ),
    submit: (asker, formId, values) =>
      answer(
        asker,
        async (context) => {
          const read = readForm(context, formId, values);
          if (read.kind === 'wrong') return { view: read.view, problems: read.problems };
          if (read.kind === 'settings') return { view: await saveSettings(context, read.change), problems: {} };
          return { view: await run(context, toCommand(read.name, read.options)), problems: {} };
        },
        (view) => ({ view, problems: {} }),
      ),
    async suggest(asker, text) {
      return suggestions(await enter(asker), text);
    },
    welcome: welcomeView,
  };
  return desk;
}
