/** Everything Easel says in chat, by locale: i18next over two closed lists of words with the same keys. */
import { createInstance, type i18n } from 'i18next';
import { type AppError, ERRORS, type ErrorCode, isErrorCode } from '../errors.ts';
import type { Notice } from '../prompt/types.ts';
import { EN } from './words/en.ts';
import { ZH } from './words/zh.ts';

export const LOCALES = ['en', 'zh'] as const;
export type Locale = (typeof LOCALES)[number];

type Leaves<Tree, Path extends string = ''> = {
  [Key in keyof Tree & string]: Tree[Key] extends string ? `${Path}${Key}` : Leaves<Tree[Key], `${Path}${Key}.`>;
}[keyof Tree & string];
type WithoutPlural<Key> = Key extends `${infer Base}_one` | `${infer Base}_other` ? Base : Key;
export type WordKey = WithoutPlural<Leaves<typeof EN>>;
/** Two lists are the same list in two languages: checked by the compiler, and by a test for their placeholders. */
export type WordTree<Tree> = { [Key in keyof Tree]: Tree[Key] extends string ? string : WordTree<Tree[Key]> };

export type WordValues = Readonly<Record<string, string | number | readonly string[]>>;

export type Words = {
  readonly locale: Locale;
  say(key: WordKey, values?: WordValues): string;
  /** What a refusal or a failure means to whom it concerns. */
  sayError(error: AppError): string;
  /** The same when only the code was stored. */
  sayCode(code: string | null): string;
  /** What the person should know; a notice of an older version, or of a slot, is words already. */
  sayNotice(notice: Notice | string): string;
  /** Such as `about 2 min`; coarse, because it is an estimate. */
  sayDuration(seconds: number): string;
  /** Time of day in the host's zone, such as `14:05`. */
  sayTime(atMs: number): string;
  /** Day and time, such as `3 Nov, 14:05`. @param timeZone IANA name; default: the host's */
  sayDate(atMs: number, timeZone?: string): string;
};

const library: i18n = createInstance();
void library.init({
  lng: 'en',
  fallbackLng: 'en',
  resources: { en: { translation: EN }, zh: { translation: ZH } },
  initAsync: false,
  // Views are plain text; every adapter escapes for its own platform.
  interpolation: { escapeValue: false },
});

/** The nearest locale Easel speaks to a platform's tag such as `zh-TW` or `en-GB`. */
export function toLocale(tag: unknown): Locale {
  const language = typeof tag === 'string' ? tag.toLowerCase().split(/[-_]/u)[0] : undefined;
  return LOCALES.find((locale) => locale === language) ?? 'en';
}

export function wordsFor(locale: Locale): Words {
  const translate = library.getFixedT(locale);
  const say = (key: WordKey, values: WordValues = {}): string => translate(key, { ...values });
  const sayCode = (code: string | null, values: WordValues = {}): string => {
    if (!isErrorCode(code)) return say('error.INTERNAL');
    return hasWords(code) ? say(`error.${code}`, values) : say('area.operator', { code });
  };
  return {
    locale,
    say,
    sayCode: (code) => sayCode(code),
    // English messages were written for the case at hand; who runs Easel reads details in the log, members do not need them.
    sayError(error) {
      // What a limit says depends on who set it: its words are here, its numbers in the details.
      const isWritten =
        locale === 'en' && ERRORS[error.code].audience === 'user' && error.details['limit'] === undefined;
      return isWritten ? error.message : sayCode(error.code, toValues(error));
    },
    sayNotice(notice) {
      if (typeof notice === 'string') return notice;
      // As errors: the English sentence was written for the case at hand.
      if (locale === 'en') return notice.message;
      const choices = (['nearest', 'styles'] as const).filter((name) => isFull(notice.details[name]));
      const keys = [notice.code, ...choices] as const;
      return keys.map((key) => say(`notice.${key}`, notice.details)).join('');
    },
    sayDuration(seconds) {
      if (seconds < 10) return say('duration.moment');
      if (seconds < 90) return say('duration.seconds', { count: Math.ceil(seconds / 10) * 10 });
      if (seconds < 90 * 60) return say('duration.minutes', { count: Math.ceil(seconds / 60) });
      return say('duration.hours', { count: Math.ceil(seconds / 3600) });
    },
    sayTime: (atMs) =>
      new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hour12: false }).format(atMs),
    sayDate: (atMs, timeZone) =>
      new Intl.DateTimeFormat(locale === 'en' ? 'en-GB' : 'zh-CN', {
        ...{ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hour12: false },
        ...(timeZone === undefined ? {} : { timeZone }),
      }).format(atMs),
  };
}

function isFull(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}

function hasWords(code: ErrorCode): code is ErrorCode & keyof typeof EN.error {
  return Object.hasOwn(EN.error, code);
}

function toValues(error: AppError): WordValues {
  return Object.fromEntries(
    Object.entries(error.details).map(([name, value]) => [name, typeof value === 'number' ? value : String(value)]),
  );
}
