/** What a message shows, on any platform: words already in the reader's language, texts plain, controls by priority. */
import type { ImageFormat } from '../image/encode.ts';
import type { Control } from './control.ts';
import type { DeskAction } from './desk/desk.ts';
import type { Locale } from './words.ts';

export type ViewKind =
  | 'queued'
  | 'painting'
  | 'waiting' // the device is gone, the job is kept
  | 'result'
  | 'refused'
  | 'failed'
  | 'cancelled'
  | 'confirm' // permutations: how many pictures, before any is drawn
  | 'answer' // a short word to one person
  | 'settings'
  | 'help';

export type ViewImage = {
  bytes: Uint8Array;
  format: ImageFormat;
  mediaType: `image/${ImageFormat}`;
  /** Safe on every platform, such as `easel-7-4d1c.png`. */
  fileName: string;
  widthPx: number;
  heightPx: number;
  /** The prompt, for who cannot see the picture. Written by a person: escape it. */
  alt: string;
  /** Where its pictures lie in the blob store, for adapters that serve them one by one. */
  blobKeys: readonly (string | null)[];
};

export type ViewField = { name: string; value: string };

/** How much of something is used up. */
export type ViewBar = {
  /** Such as `Pictures a day`. */
  label: string;
  usedShare: number;
  /** Such as `12 of 20 left`. */
  value: string;
  /** When it comes back; null: nothing is used. */
  note: string | null;
};

/** Where there is more to choose from than buttons have room for: a select, at most 25 choices. */
export type ViewMenu = { label: string; choices: readonly ViewChoice[] };
export type ViewChoice = DeskAction & { about: string | null };

/** Text to take away: an export. */
export type ViewFile = { fileName: string; text: string };

/**
 * `prompt` and `image.alt` were written by a person, and so may be parts of `fields` and `lines`: adapters escape every text.
 */
export type View = {
  kind: ViewKind;
  locale: Locale;
  generationId: string | null;
  /** Who asked; adapters may name them, but ping nobody. */
  user: string | null;
  heading: string;
  prompt: string | null;
  lines: readonly string[];
  fields: readonly ViewField[];
  bars: readonly ViewBar[];
  /** 0..1 while painting. */
  progressShare: number | null;
  image: ViewImage | null;
  /** What it was made from: "varied from …". */
  parentId: string | null;
  /** By falling importance. */
  controls: readonly Control[];
  /** Buttons of an answer of the desk, by falling importance, at most ten. */
  actions: readonly DeskAction[];
  menu: ViewMenu | null;
  file: ViewFile | null;
  /** A way to somewhere else: the original of a picture in a gallery. */
  link: { label: string; address: string } | null;
};
