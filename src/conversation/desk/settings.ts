/** `/easel settings`: what a person has set for themselves, shown and changed. */
import type { JsonObject } from '../../store/records.ts';
import { settingsView } from '../views.ts';
import { wordsFor } from '../words.ts';
import type { DeskContext, Handlers } from './context.ts';
import { writeDeskAction } from './desk.ts';

export const settingsHandlers: Handlers<'settings'> = {
  async settings(context, { language, ...rest }) {
    const change: JsonObject = {
      ...rest,
      ...(language === undefined ? {} : { language: language === 'auto' ? null : language }),
    };
    if (Object.keys(change).length === 0) return shownSettings(context);
    return saveSettings(context, change);
  },
};

/** @throws {AppError} `INPUT_SETTING` */
export async function saveSettings(context: DeskContext, change: JsonObject) {
  const { parts, asker } = context;
  const saved = await parts.studio.saveSettings(asker.scope, change);
  if (saved.kind === 'refused') throw saved.error;
  const locale = saved.value.language ?? context.locale;
  const view = await shownSettings({ ...context, locale, words: wordsFor(locale) });
  return { ...view, lines: [...view.lines, wordsFor(locale).say('line.saved')] };
}

async function shownSettings({ parts, asker, words, locale }: DeskContext) {
  const settings = await parts.studio.settings(asker.scope);
  const presets = await parts.studio.presets(asker.scope);
  return {
    ...settingsView(settings, presets, locale),
    actions: [
      {
        id: writeDeskAction('settings drawing', true),
        label: words.say('desk.settingsDrawing'),
        style: 'main',
        opensForm: true,
      },
      {
        id: writeDeskAction('settings answers', true),
        label: words.say('desk.settingsAnswers'),
        style: 'plain',
        opensForm: true,
      },
    ] as const,
  };
}
