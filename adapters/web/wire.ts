// What the server and the page say to each other: plain data, no imports, so that both sides hold the same types.

export type WireRole = 'member' | 'admin';

export type WirePerson = { readonly id: string; readonly name: string };

export type WireControl = {
  readonly id: string;
  readonly kind: 'cancel' | 'reroll' | 'upscale' | 'vary' | 'edit' | 'redraw' | 'keep' | 'share' | 'direct' | 'remove';
  readonly emoji: string;
  readonly label: string;
  readonly pictureIndex: number | null;
  readonly strength: 'subtle' | 'strong' | null;
  readonly form: 'prompt' | null;
  /** Only for its author and admins. */
  readonly ownersOnly: boolean;
};

export type WirePicture = {
  readonly index: number;
  readonly state: 'waiting' | 'drawing' | 'drawn' | 'failed' | 'cancelled';
  /** null until it is drawn. */
  readonly url: string | null;
  readonly fileName: string;
  readonly widthPx: number;
  readonly heightPx: number;
  /** What is painted so far, for who comes late. */
  readonly preview: WirePreview | null;
};

export type WirePreview = {
  readonly png: string | null;
  readonly rowsDone: number;
  readonly rows: number;
};

export type WireReaction = { readonly emoji: string; readonly people: readonly WirePerson[] };

export type WireMessageKind = 'queued' | 'painting' | 'waiting' | 'result' | 'failed' | 'cancelled';

/** One generation as a message of the channel. */
export type WireMessage = {
  /** The generation's. Ids sort by time. */
  readonly id: string;
  /** A later state of the same message has a larger one. */
  readonly version: number;
  readonly kind: WireMessageKind;
  readonly request: 'imagine' | 'reroll' | 'variation' | 'upscale';
  readonly author: WirePerson;
  readonly createdAtMs: number;
  readonly prompt: string;
  /** The prompt with its options, as it can be typed again. */
  readonly command: string;
  readonly heading: string;
  readonly lines: readonly string[];
  /** What could not be honoured of the request; among the lines of a result. */
  readonly notices: readonly string[];
  readonly fields: readonly { readonly name: string; readonly value: string }[];
  readonly seed: number;
  readonly progressShare: number | null;
  readonly pictures: readonly WirePicture[];
  readonly parent: { readonly id: string; readonly pictureIndex: number | null } | null;
  readonly private: boolean;
  readonly kept: boolean;
  readonly controls: readonly WireControl[];
  readonly reactions: readonly WireReaction[];
};

/** An answer that only one person sees. */
export type WireNote = {
  readonly kind: 'refused' | 'answer' | 'help' | 'confirm' | 'settings';
  readonly heading: string;
  readonly lines: readonly string[];
  readonly prompt: string | null;
  readonly controls: readonly WireControl[];
  readonly fields: readonly { readonly name: string; readonly value: string }[];
  readonly bars: readonly WireBar[];
  /** Buttons of the desk, and what there is to choose from. */
  readonly actions: readonly WireAction[];
  readonly menu: { readonly label: string; readonly choices: readonly WireAction[] } | null;
  readonly file: { readonly fileName: string; readonly text: string } | null;
};

export type WireBar = {
  readonly label: string;
  readonly usedShare: number;
  readonly value: string;
  readonly note: string | null;
};

export type WireAction = {
  readonly id: string;
  readonly label: string;
  readonly style: 'plain' | 'main' | 'danger';
  readonly opensForm: boolean;
};

type WireFieldBase = {
  readonly name: string;
  readonly label: string;
  readonly hint: string | null;
  readonly required: boolean;
};

export type WireField = WireFieldBase &
  (
    | { readonly kind: 'text'; readonly value: string; readonly charactersMax: number; readonly isLong: boolean }
    | { readonly kind: 'number'; readonly value: number | null; readonly min: number; readonly max: number }
    | {
        readonly kind: 'select';
        readonly value: string | null;
        readonly options: readonly { readonly value: string; readonly label: string }[];
      }
    | { readonly kind: 'toggle'; readonly value: boolean }
    | {
        readonly kind: 'pick';
        readonly of: 'user' | 'role' | 'channel';
        readonly values: readonly string[];
        readonly countMax: number;
        /** To choose from. */
        readonly options?: readonly { readonly value: string; readonly label: string }[];
      }
  );

export type WireForm = {
  readonly id: string;
  readonly title: string;
  readonly intro: string | null;
  readonly fields: readonly WireField[];
  readonly submit: string;
};

/** Either a form to fill in, or what to show; problems by field where a form was wrong. */
export type WireDeskAnswer = {
  readonly form: WireForm | null;
  readonly note: WireNote | null;
  readonly problems: Readonly<Record<string, string>>;
};

export type WireSuggestion = { readonly text: string; readonly about: string };

export type WireAnswer =
  | { readonly kind: 'accepted'; readonly ids: readonly string[]; readonly notices: readonly string[] }
  /** Asked before permutations are drawn: send the same again with `confirmed`. */
  | { readonly kind: 'confirm'; readonly note: WireNote }
  | { readonly kind: 'refused'; readonly note: WireNote }
  | { readonly kind: 'done'; readonly what: string; readonly line: string }
  | { readonly kind: 'download'; readonly url: string; readonly fileName: string; readonly line: string };

export type WirePage = { readonly messages: readonly WireMessage[]; readonly next: string | null };

export type WireLineage = {
  readonly ancestors: readonly WireMessage[];
  readonly message: WireMessage;
  readonly children: readonly WireMessage[];
};

export type WireSession = {
  readonly me: WirePerson & { readonly role: WireRole };
  readonly version: string;
  /** The person's own, else the browser's first. */
  readonly locale: 'en' | 'zh';
  readonly defaultCount: number;
  readonly promptCharactersMax: number;
};

export type WireVocabulary = {
  readonly models: readonly {
    readonly name: string;
    readonly styles: readonly { readonly name: string; readonly words: string }[];
  }[];
  readonly objects: readonly { readonly name: string; readonly emoji: string | null; readonly category: string }[];
  readonly colours: readonly string[];
};

export type WireSettings = {
  readonly style: string | null;
  readonly count: number | null;
  readonly suffix: string | null;
  readonly private: boolean | null;
  readonly language: 'en' | 'zh' | null;
  readonly strength: 'subtle' | 'strong' | null;
  readonly ping: boolean | null;
};

/** Server-sent events, by their name. Those that change what the page holds carry an id and are sent again after a gap. */
export type WireEvents = {
  message: WireMessage;
  gone: { readonly id: string };
  preview: { readonly id: string; readonly pictureIndex: number } & WirePreview;
  note: WireNote;
  people: { readonly people: readonly WirePerson[]; readonly online: readonly string[] };
  /** What was missed cannot be told any more: load again. */
  reset: Record<string, never>;
};

export type WireProblem = { readonly error: { readonly code: string; readonly message: string } };
