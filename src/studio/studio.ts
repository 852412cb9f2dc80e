/** The facade that adapters call: everything a person can ask of Easel, as data in and data out. */
import type { ControlAction } from '../conversation/control.ts';
import type { AppError } from '../errors.ts';
import type { VariationStrength } from '../pipeline/pipeline.ts';
import type { Decision } from '../policy/decision.ts';
import type { Limits } from '../policy/limits.ts';
import type { GivenFlag, Notice } from '../prompt/types.ts';
import type { StudioEvent } from '../queue/events.ts';
import type { JobStatus } from '../queue/job-status.ts';
import type {
  Generation,
  HistoryPage,
  HistoryQuery,
  JsonObject,
  Lineage,
  Person,
  Scope,
  SlotKey,
} from '../store/records.ts';
import type { PersonalSettings, Preset } from './settings.ts';

/** Who asks, and whether they may touch what others made: the platform's own permission, asked at the moment of use. */
export type Asker = {
  scope: Scope;
  /** Asked only where it matters; absent: an ordinary member. */
  mayModerate?: () => Promise<boolean>;
  /** Whether they may set limits of this tenant; asked at the moment of use. Absent: no. */
  mayAdminister?: () => Promise<boolean>;
  /** Whether they run this Easel, and so may set the host's limits and see every tenant. Absent: no. */
  isHost?: () => Promise<boolean>;
  /** The platform's language tag; a personal setting goes before it. */
  locale?: string | null;
  /** IANA name, where the platform tells it: times are said in it. */
  timeZone?: string | null;
};

/** An asker whose request will be answered by a message. */
export type Asking = Asker & {
  /** The same key is the same request: interaction id, event id, (message, user, emoji). */
  requestKey: string;
  /** The adapter's own, stored with the request: thread, reply token. */
  target: JsonObject;
};

export type SubmitRequest = Asking & {
  text: string;
  /** Options that came beside the text. */
  given?: readonly GivenFlag[];
  /** Default: the person's setting. */
  private?: boolean;
  /** Name of a preset of the person. */
  preset?: string;
  /** The person has seen how many prompts the braces make. */
  confirmed?: boolean;
  /** Pictures without `--n`, before the person's setting. Default: four. */
  defaultCount?: number;
};

/** Expected refusals are outcomes; what breaks is thrown. */
export type Outcome =
  | { kind: 'accepted'; created: boolean; generations: readonly Generation[]; notices: readonly Notice[] }
  /** Nothing was accepted yet: ask, then submit again with `confirmed` and another request key. */
  | { kind: 'confirm'; prompts: readonly string[]; pictures: number }
  | {
      kind: 'refused';
      error: AppError;
      generation: Generation | null;
      /** How limits came to it; absent when something else refused. */
      decision?: Decision;
    }
  /** Done at once. */
  | { kind: 'done'; what: 'cancelled' | 'removed' | 'kept' | 'unkept' | 'sent' | 'shared' };

export type Refusal = Extract<Outcome, { kind: 'refused' }>;
export type Answer<T> = { kind: 'found'; value: T } | Refusal;

export type Studio = {
  /** Where people stand, why they were refused, and what admins change. */
  readonly limits: Limits;
  submit(request: SubmitRequest): Promise<Outcome>;
  /** The same words with another seed. */
  reroll(asking: Asking, generationId: string): Promise<Outcome>;
  /** @param pictureIndex 0-based @param strength null: as the person's setting says, else strong */
  vary(
    asking: Asking,
    generationId: string,
    pictureIndex: number,
    strength: VariationStrength | null,
  ): Promise<Outcome>;
  /** Twice the size by Lanczos: free, and says so. */
  upscale(asking: Asking, generationId: string, pictureIndex: number): Promise<Outcome>;
  /** Other words, as a child of this generation. */
  edit(request: SubmitRequest, generationId: string): Promise<Outcome>;
  /** Queued or being drawn; by its author or a moderator. */
  cancel(asker: Asker, generationId: string): Promise<Outcome>;
  /** Picture, prompt and messages go; by its author or a moderator. */
  remove(asker: Asker, generationId: string): Promise<Outcome>;
  keep(asker: Asker, generationId: string, kept: boolean): Promise<Outcome>;
  sendDirect(asker: Asker, generationId: string): Promise<Outcome>;
  /** A private picture is posted where it was asked for, and is everybody's there from now on; by its author alone. */
  share(asker: Asker, generationId: string): Promise<Outcome>;
  /** What a button or a reaction asks. @param text of the form of `edit` */
  press(asking: Asking, action: ControlAction, text?: string): Promise<Outcome>;
  /** A reaction was taken back within its moment: what it had asked for is cancelled, or removed when it was drawn already. */
  takeBack(asker: Asker, requestKey: string): Promise<Outcome>;

  show(asker: Asker, generationId: string): Promise<Answer<Generation>>;
  /** PNG; decoded anew when its file has expired. */
  picture(asker: Asker, slot: SlotKey): Promise<Answer<Uint8Array>>;
  history(asker: Asker, query: Omit<HistoryQuery, 'platform' | 'withPrivate'>): Promise<HistoryPage>;
  lineage(asker: Asker, generationId: string): Promise<Answer<Lineage>>;
  /** Whose message this is; null: not one of ours. */
  ofMessage(platform: string, channel: string, messageId: string): Promise<Generation | null>;
  status(generationId: string): JobStatus | null;

  settings(person: Person): Promise<PersonalSettings>;
  /** null takes a setting back to its default. */
  saveSettings(person: Person, change: JsonObject): Promise<Answer<PersonalSettings>>;
  presets(person: Person): Promise<Record<string, Preset>>;
  savePreset(person: Person, name: string, preset: Preset | null): Promise<Answer<Record<string, Preset>>>;
  /** Rows, files and messages of this person go; counts stay without a name. */
  forgetMe(person: Person): Promise<{ generations: number }>;

  /** Progress as data; listeners must be quick. @returns stops it */
  subscribe(listener: (event: StudioEvent) => void): () => void;
};
