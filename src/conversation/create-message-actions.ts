/** Context menus and replies, over the studio. */
import { AppError, toAppError } from '../errors.ts';
import { editWords } from '../prompt/edit-words.ts';
import { printFlags, printPrompt } from '../prompt/print-prompt.ts';
import type { Generation } from '../store/records.ts';
import { readOptions } from '../studio/options.ts';
import type { Asker, Outcome, Studio } from '../studio/studio.ts';
import { detailsView } from './desk/personal.ts';
import type { MessageActions } from './message-actions.ts';
import type { MessageRef } from './messages.ts';
import type { View } from './view.ts';
import { emptyView, outcomeView, refusedView, resultControls } from './views.ts';
import { type Locale, toLocale, wordsFor } from './words.ts';

export function createMessageActions(studio: Studio): MessageActions {
  async function localeFor({ scope, locale }: Asker): Promise<Locale> {
    return (await studio.settings(scope)).language ?? toLocale(locale);
  }

  /** @throws {AppError} `JOB_NOT_FOUND` for a message that is not ours or not theirs to see */
  async function find(asker: Asker, ref: MessageRef, locale: Locale): Promise<Generation> {
    const { platform, channel, messageId } = ref;
    // Where a platform cannot reach its own message again, the message itself says whose it is.
    const id = (await studio.ofMessage(platform, channel, messageId))?.id ?? ref.generationId ?? null;
    if (id === null) throw new AppError('JOB_NOT_FOUND', wordsFor(locale).say('desk.notOurs'));
    const shown = await studio.show(asker, id);
    if (shown.kind === 'refused') throw shown.error;
    return shown.value;
  }

  async function answer<T>(asker: Asker, work: (locale: Locale) => Promise<T>): Promise<T | View> {
    const locale = await localeFor(asker);
    try {
      return await work(locale);
    } catch (thrown) {
      const error = toAppError(thrown);
      if (error.audience !== 'user') throw error;
      return refusedView(error, locale);
    }
  }

  return {
    vary: (asking, ref) =>
      answer(asking, async (locale) => {
        const generation = await find(asking, ref, locale);
        const drawn = generation.pictures.filter(({ state }) => state === 'drawn');
        const [only] = drawn;
        if (only !== undefined && drawn.length === 1) {
          return outcomeView(await studio.vary(asking, generation.id, only.index, null), locale);
        }
        const words = wordsFor(locale);
        const controls = resultControls(generation, words).filter(({ kind }) => kind === 'vary');
        if (controls.length === 0)
          throw new AppError('JOB_NOT_DRAWN', 'This picture is not drawn yet. Wait until it is.');
        return {
          ...emptyView('answer', locale),
          generationId: generation.id,
          heading: words.say('desk.varyWhich'),
          controls,
        };
      }),
    details: (asker, ref) =>
      answer(asker, async (locale) => detailsView({ words: wordsFor(locale), locale }, await find(asker, ref, locale))),
    remove: (asker, ref) =>
      answer(asker, async (locale) => {
        const { id, status } = await find(asker, ref, locale);
        const isUnfinished = status === 'queued' || status === 'drawing';
        const outcome = isUnfinished ? await studio.cancel(asker, id) : await studio.remove(asker, id);
        return outcomeView(outcome, locale) ?? emptyView('answer', locale);
      }),
    async reply(asking, ref, text) {
      const { platform, channel, messageId } = ref;
      const generation = await studio.ofMessage(platform, channel, messageId);
      if (generation === null) return undefined;
      return answer(asking, async (locale) => {
        const shown = await studio.show(asking, generation.id);
        if (shown.kind === 'refused') throw shown.error;
        const edited = editedText(shown.value, text);
        // Whoever replies has said what they want: braces in it are drawn without another question.
        const outcome: Outcome = await studio.edit({ ...asking, text: edited, confirmed: true }, generation.id);
        return outcomeView(outcome, locale);
      });
    },
  };
}

/** The options of the picture stay unless the reply gives them anew. */
function editedText(generation: Generation, reply: string): string {
  const { count, aspect, style, unwanted, guidanceScale } = readOptions(generation);
  const { prompt, flags, isWhole, unwanted: added } = editWords(generation.prompt, reply);
  if (isWhole) return [prompt, flags].join(' ');
  const without = [unwanted, added].filter((part) => part !== null).join(', ');
  const options = { count, aspect, style, guidanceScale, unwanted: without === '' ? null : without };
  const isGiven = (flag: string) => flags.includes(flag.split(/[ =]/u)[0] ?? '');
  const kept = printFlags(options).filter((flag) => !isGiven(flag));
  return [printPrompt(prompt, {}), ...kept, flags].join(' ').trim();
}
