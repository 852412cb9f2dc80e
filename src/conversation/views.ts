/** From what is known of a generation to what its message shows. Pure: no clock, no store, no platform. */
import type { AppError } from '../errors.ts';
import type { JobStatus } from '../queue/job-status.ts';
import type { Generation } from '../store/records.ts';
import { readOptions } from '../studio/options.ts';
import type { PersonalSettings, Preset } from '../studio/settings.ts';
import type { Outcome } from '../studio/studio.ts';
import { type Control, type ControlKind, toControl } from './control.ts';
import type { View, ViewField, ViewImage, ViewKind } from './view.ts';
import { type Locale, toLocale, type Words, wordsFor } from './words.ts';

/** Buttons of each picture are offered up to a sheet of this many. */
const NUMBERED_MAX = 4;

export function localeOf(generation: Generation): Locale {
  return toLocale(readOptions(generation).locale);
}

/** The message while it waits or is drawn. */
export function statusView(generation: Generation, status: JobStatus, image: ViewImage | null = null): View {
  const words = wordsFor(localeOf(generation));
  const base = about(generation, words, statusKind(status));
  const controls = [control(words, generation, 'cancel')];
  switch (status.kind) {
    case 'queued': {
      const { place, placesKnown, yoursAhead, secondsLeft } = status;
      const lines = [
        place === null ? words.say('line.placeBeyond', { place: placesKnown }) : words.say('line.place', { place }),
        ...(yoursAhead > 0 ? [words.say('line.yoursAhead', { count: yoursAhead })] : []),
        ...timeLeft(words, secondsLeft),
      ];
      return { ...base, heading: words.say(place === 1 ? 'view.queuedNext' : 'view.queued'), lines, controls };
    }
    case 'painting': {
      const percent = Math.round(status.doneShare * 100);
      const lines = [words.say('line.row', { percent }), ...timeLeft(words, status.secondsLeft)];
      return { ...base, heading: words.say('view.painting'), lines, progressShare: status.doneShare, image, controls };
    }
    case 'waiting':
      return { ...base, heading: words.say('view.waiting', { time: words.sayTime(status.sinceMs) }), controls };
    case 'paused':
      return { ...base, heading: words.say('view.paused'), controls };
  }
}

/** The message at its end: result, failure or cancel. */
export function finalView(generation: Generation, image: ViewImage | null): View {
  const words = wordsFor(localeOf(generation));
  if (generation.status === 'drawn') return resultView(generation, image, words);
  const kind = generation.status === 'failed' ? 'failed' : 'cancelled';
  const reason = kind === 'failed' ? [words.sayCode(generation.errorCode)] : [];
  return {
    ...about(generation, words, kind),
    heading: words.say(`view.${kind}`),
    lines: [...reason, words.say('line.refunded')],
    controls: [
      control(words, generation, 'redraw'),
      control(words, generation, 'edit'),
      control(words, generation, 'remove'),
    ],
  };
}

function resultView(generation: Generation, image: ViewImage | null, words: Words): View {
  const options = readOptions(generation);
  const drawn = generation.pictures.filter(({ state }) => state === 'drawn');
  const missing = generation.pictures.length - drawn.length;
  const picture = (generation.parentPictureIndex ?? 0) + 1;
  const isSheet = generation.kind === 'variation' && generation.parentPictureIndex === null;
  const heading = words.say(`view.result.${isSheet ? 'variationSheet' : generation.kind}`, { picture });
  const fields: ViewField[] = [
    { name: words.say('field.seed'), value: `${generation.seed}` },
    { name: words.say('field.model'), value: generation.model },
    ...(options.style === null ? [] : [{ name: words.say('field.style'), value: options.style }]),
    ...(options.unwanted === null ? [] : [{ name: words.say('field.unwanted'), value: options.unwanted }]),
  ];
  return {
    ...about(generation, words, 'result'),
    heading,
    lines: [
      ...options.notices.map(words.sayNotice),
      ...(missing > 0 ? [words.say('line.pictureFailed', { count: missing })] : []),
      ...(generation.private ? [words.say('line.private')] : []),
    ],
    fields,
    image,
    controls: resultControls(generation, words),
  };
}

/** By falling priority, for every picture that was drawn. */
export function resultControls(generation: Generation, words: Words): Control[] {
  const kinds = ['reroll', 'edit', 'keep', 'direct', 'remove'] as const;
  // What only its author sees can be shown to the others of the place where it was asked.
  const shared = generation.private ? (['share'] as const) : [];
  const whole = [...kinds, ...shared].map((kind) => control(words, generation, kind));
  const isUpscale = generation.kind === 'upscale';
  const only = generation.pictures.length === 1;
  const each = generation.pictures
    .filter(({ state, index }) => state === 'drawn' && index < NUMBERED_MAX)
    .flatMap(({ index }) => [
      ...(isUpscale ? [] : [numbered(words, generation, 'upscale', index, null, only)]),
      numbered(words, generation, 'vary', index, 'strong', only),
      numbered(words, generation, 'vary', index, 'subtle', only),
    ]);
  return [...whole, ...each].sort((one, other) => one.priority - other.priority);
}

/** Told to one person: why not. */
export function refusedView(error: AppError, locale: Locale, generationId: string | null = null): View {
  const words = wordsFor(locale);
  return {
    ...emptyView('refused', locale),
    generationId,
    heading: words.say('view.refused'),
    lines: refusalLines(error, words),
  };
}

/** Why not, when it passes, and what is left elsewhere: in the person's words and time zone. */
export function refusalLines(error: AppError, words: Words): string[] {
  const { limit, max, passesAtMs, timeZone, otherLeft, otherLimits, otherChannels } = error.details;
  const zone = typeof timeZone === 'string' ? timeZone : undefined;
  const left = namesOf(otherLeft);
  const elsewhere = namesOf(otherLimits).flatMap(
    // How many may still wait is nobody's wish.
    (name, index) =>
      name === 'jobsWaiting' ? [] : [`${words.say(`limit.${name as 'picturesPerDay'}`)}: ${left[index]}`],
  );
  const channels = namesOf(otherChannels);
  return [
    words.sayError(error),
    ...(typeof limit === 'string' && typeof max === 'number'
      ? [words.say('limits.byRule', { rule: words.say(`rule.${limit as 'picturesPerDay'}`, { value: max }) })]
      : []),
    ...(typeof passesAtMs === 'number' ? [words.say('limits.passes', { when: words.sayDate(passesAtMs, zone) })] : []),
    ...(elsewhere.length === 0 ? [] : [words.say('limits.otherLeft', { list: elsewhere.join(', ') })]),
    ...(channels.length === 0 ? [] : [words.say('limits.otherChannels', { list: channels.join(', ') })]),
  ];
}

function namesOf(detail: AppError['details'][string] | undefined): string[] {
  return Array.isArray(detail) ? detail.map(String) : [];
}

/** Told to one person: a short word. */
export function answerView(line: string, locale: Locale): View {
  return { ...emptyView('answer', locale), heading: line };
}

/** Before permutations are drawn: how many. The adapter sends the same request again, confirmed. */
export function confirmView(prompts: readonly string[], pictures: number, locale: Locale): View {
  const words = wordsFor(locale);
  const heading = words.say('view.confirm', { count: pictures, prompts: prompts.length });
  return { ...emptyView('confirm', locale), heading, lines: prompts };
}

export function helpView(locale: Locale): View {
  const words = wordsFor(locale);
  const lines = (['imagine', 'flags', 'braces', 'controls', 'owners'] as const).map((key) => words.say(`help.${key}`));
  return { ...emptyView('help', locale), heading: words.say('view.help'), lines };
}

/** What a person has set; each row can be changed by the adapter's form. */
export function settingsView(settings: PersonalSettings, presets: Record<string, Preset>, locale: Locale): View {
  const words = wordsFor(settings.language ?? locale);
  const none = words.say('value.none');
  const flag = (value: boolean | null) => (value === null ? none : words.say(value ? 'value.yes' : 'value.no'));
  const fields = [
    { name: words.say('field.style'), value: settings.style ?? none },
    { name: words.say('field.count'), value: settings.count === null ? none : `${settings.count}` },
    { name: words.say('field.suffix'), value: settings.suffix ?? none },
    { name: words.say('field.private'), value: flag(settings.private) },
    { name: words.say('field.language'), value: settings.language ?? none },
    { name: words.say('field.strength'), value: words.say(`choice.${settings.strength ?? 'strong'}`) },
    { name: words.say('field.ping'), value: flag(settings.ping) },
    ...Object.entries(presets).map(([name, { flags }]) => ({
      name: `${words.say('field.preset')} ${name}`,
      value: flags,
    })),
  ];
  return { ...emptyView('settings', words.locale), heading: words.say('view.settings'), fields };
}

/** What every outcome of a control says to the one who pressed it; null: its message says it. */
export function outcomeView(outcome: Outcome, locale: Locale): View | null {
  const words = wordsFor(locale);
  switch (outcome.kind) {
    case 'accepted':
      return outcome.generations.some((generation) => generation.private)
        ? answerView(words.say('line.directSoon'), locale)
        : null;
    case 'confirm':
      return confirmView(outcome.prompts, outcome.pictures, locale);
    case 'refused':
      return outcome.error.code === 'JOB_MODEL_GONE' && outcome.generation !== null
        ? modelGoneView(outcome.generation, locale)
        : refusedView(outcome.error, locale);
    case 'done':
      return answerView(words.say(`line.${DONE_WORDS[outcome.what]}`), locale);
  }
}

const DONE_WORDS = {
  cancelled: 'cancelledNow',
  removed: 'removed',
  kept: 'kept',
  unkept: 'unkept',
  sent: 'directSent',
  shared: 'shared',
} as const;

/** The offer in place of a control whose model is gone. */
export function modelGoneView(generation: Generation, locale: Locale): View {
  const words = wordsFor(locale);
  return {
    ...about(generation, words, 'answer'),
    heading: words.say('line.modelGone'),
    controls: [control(words, generation, 'redraw')],
  };
}

function about(generation: Generation, words: Words, kind: ViewKind): View {
  return {
    ...emptyView(kind, words.locale),
    generationId: generation.id,
    user: generation.scope.user,
    prompt: generation.prompt === '' ? null : generation.prompt,
    parentId: generation.parentId,
  };
}

export function emptyView(kind: ViewKind, locale: Locale): View {
  return {
    kind,
    locale,
    generationId: null,
    user: null,
    heading: '',
    prompt: null,
    lines: [],
    fields: [],
    progressShare: null,
    image: null,
    bars: [],
    parentId: null,
    controls: [],
    actions: [],
    menu: null,
    file: null,
    link: null,
  };
}

function control(words: Words, generation: Generation, kind: Exclude<ControlKind, 'vary' | 'upscale'>): Control {
  const action = { kind, generationId: generation.id, pictureIndex: null, strength: null };
  return toControl(action, words.say(`control.${kind}`));
}

function numbered(
  words: Words,
  { id: generationId }: Generation,
  kind: 'vary' | 'upscale',
  pictureIndex: number,
  strength: 'subtle' | 'strong' | null,
  only: boolean,
): Control {
  const key = kind === 'vary' && strength === 'subtle' ? 'varySubtle' : kind;
  const label = words.say(only ? `control.${key}Only` : `control.${key}`, { picture: pictureIndex + 1 });
  return toControl({ kind, generationId, pictureIndex, strength }, label);
}

function statusKind(status: JobStatus): ViewKind {
  return status.kind === 'queued' || status.kind === 'painting' ? status.kind : 'waiting';
}

function timeLeft(words: Words, secondsLeft: number | null): string[] {
  return secondsLeft === null ? [] : [words.say('line.timeLeft', { duration: words.sayDuration(secondsLeft) })];
}
