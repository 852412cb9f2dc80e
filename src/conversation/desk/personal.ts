/** What a person asks about their own pictures: history, one of them, and to be forgotten. */
import { AppError } from '../../errors.ts';
import { printPrompt } from '../../prompt/print-prompt.ts';
import type { Generation } from '../../store/records.ts';
import { readOptions } from '../../studio/options.ts';
import type { View, ViewMenu } from '../view.ts';
import { emptyView, finalView } from '../views.ts';
import type { DeskContext, Handlers } from './context.ts';
import { writeDeskAction } from './desk.ts';

const HISTORY_SHOWN = 10;
const PROMPT_CHARACTERS_SHOWN = 80;
/** Of ids that people type; a whole one is found at once. */
const ID = /^[0-9a-f-]{8,40}$/u;

export const personalHandlers: Handlers<'history' | 'show' | 'forget-me'> = {
  async history({ parts, asker, words, locale }, { before }) {
    const { user } = asker.scope;
    const page = await parts.studio.history(asker, {
      user,
      limit: HISTORY_SHOWN,
      ...(before === undefined || !ID.test(before) ? {} : { before }),
    });
    const view = { ...emptyView('answer', locale), heading: words.say('desk.history') };
    if (page.generations.length === 0) return { ...view, lines: [words.say('desk.historyNone')] };
    const lineOf = (generation: Generation) =>
      words.say('desk.historyLine', {
        when: words.sayDate(generation.createdAtMs),
        prompt: shortened(generation.prompt),
        state: words.say(`desk.state.${generation.status}`),
      });
    const choices = page.generations.map((generation) => ({
      id: writeDeskAction(`show ${generation.id}`),
      label: shortened(generation.prompt),
      about: lineOf(generation).slice(0, 100),
      style: 'plain' as const,
      opensForm: false,
    }));
    const menu: ViewMenu = { label: words.say('desk.showOne'), choices };
    const older = { id: writeDeskAction(`history ${page.next}`), label: words.say('desk.historyMore') };
    return {
      ...view,
      lines: page.generations.map(lineOf),
      menu,
      actions: page.next === null ? [] : [{ ...older, style: 'plain', opensForm: false }],
    };
  },
  async show(context, { id }) {
    const { parts, asker } = context;
    const found = ID.test(id) ? await parts.studio.show(asker, id) : null;
    if (found === null) throw new AppError('JOB_NOT_FOUND', 'There is no picture with this id.');
    if (found.kind === 'refused') throw found.error;
    return detailsView(context, found.value);
  },
  async 'forget-me'({ parts, asker, words, locale }, { sure }) {
    const view = emptyView('answer', locale);
    if (sure === false) return { ...view, heading: words.say('desk.forgetKept') };
    if (sure !== true) {
      return {
        ...view,
        kind: 'confirm',
        heading: words.say('desk.forget'),
        lines: [words.say('desk.forgetLines')],
        actions: [
          {
            id: writeDeskAction('forget-me yes'),
            label: words.say('desk.forgetYes'),
            style: 'danger',
            opensForm: false,
          },
          { id: writeDeskAction('forget-me no'), label: words.say('desk.forgetNo'), style: 'plain', opensForm: false },
        ],
      };
    }
    const { generations } = await parts.studio.forgetMe(asker.scope);
    return { ...view, heading: words.say('desk.forgotten', { count: generations }) };
  },
};

/** Prompt, options and seed as they can be typed again, and the controls of the picture. */
export function detailsView({ words, locale }: Pick<DeskContext, 'words' | 'locale'>, generation: Generation): View {
  const { count, aspect, style, unwanted, guidanceScale } = readOptions(generation);
  const command = printPrompt(generation.prompt, {
    count,
    aspect,
    style,
    unwanted,
    guidanceScale,
    seed: generation.seed,
  });
  const isFinished = generation.status !== 'queued' && generation.status !== 'drawing';
  const base = isFinished ? finalView(generation, null) : null;
  return {
    ...emptyView('answer', locale),
    generationId: generation.id,
    heading: words.say('desk.details'),
    prompt: generation.prompt,
    lines: [`/imagine ${command}`],
    fields: [
      { name: words.say('field.seed'), value: `${generation.seed}` },
      { name: words.say('field.model'), value: generation.model },
      { name: words.say('option.id'), value: generation.id },
      { name: words.say('field.state'), value: words.say(`desk.state.${generation.status}`) },
    ],
    controls: base?.controls ?? [],
  };
}

function shortened(text: string): string {
  const characters = [...text];
  return characters.length <= PROMPT_CHARACTERS_SHOWN
    ? text
    : `${characters.slice(0, PROMPT_CHARACTERS_SHOWN - 1).join('')}…`;
}
