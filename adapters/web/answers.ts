// From what the studio decided to what the page shows, in the reader's words.

import {
  confirmView,
  type Locale,
  modelGoneView,
  type Outcome,
  refusedView,
  toLocale,
  type WordKey,
  wordsFor,
} from '../../src/index.ts';
import { toNote } from './web-messages.ts';
import type { WireAnswer } from './wire.ts';

const DONE: Record<Extract<Outcome, { kind: 'done' }>['what'], WordKey> = {
  cancelled: 'line.cancelledNow',
  removed: 'line.removed',
  kept: 'line.kept',
  unkept: 'line.unkept',
  sent: 'line.directSent',
  shared: 'line.shared',
};

export function toAnswer(outcome: Outcome, locale: Locale): WireAnswer {
  switch (outcome.kind) {
    case 'accepted':
      return {
        kind: 'accepted',
        ids: outcome.generations.map(({ id }) => id),
        notices: outcome.notices.map(wordsFor(locale).sayNotice),
      };
    case 'confirm':
      return { kind: 'confirm', note: toNote(confirmView(outcome.prompts, outcome.pictures, locale)) };
    case 'refused': {
      const { error, generation } = outcome;
      const isGone = error.code === 'JOB_MODEL_GONE' && generation !== null;
      const view = isGone ? modelGoneView(generation, locale) : refusedView(error, locale);
      return { kind: 'refused', note: toNote(view) };
    }
    case 'done':
      return { kind: 'done', what: outcome.what, line: wordsFor(locale).say(DONE[outcome.what]) };
  }
}

/** The language a browser asks for first. */
export function localeOfHeader(acceptLanguage: string | undefined): Locale {
  return toLocale(acceptLanguage?.split(',')[0]?.split(';')[0]?.trim());
}
