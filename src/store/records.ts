/** What the store keeps, as plain data: it crosses threads and processes, and every time is milliseconds since 1970. */

import type { Counted, Reservation } from './limit-records.ts';

/** Who asked and where. Platform words (guild, ts, interaction) stop at the adapter. */
export type Scope = {
  platform: string;
  /** Server or workspace; on the web and in the terminal the adapter's own constant. */
  tenant: string;
  channel: string;
  user: string;
  roles: string[];
};

/** Whoever settings, presets and forget-me belong to. */
export type Person = Pick<Scope, 'platform' | 'user'>;

export type GenerationKind = 'imagine' | 'reroll' | 'variation' | 'upscale';
export type GenerationStatus = 'queued' | 'drawing' | 'drawn' | 'failed' | 'cancelled' | 'removed';
export type SlotState = 'waiting' | 'drawing' | 'drawn' | 'failed' | 'cancelled';
export type ReservationState = 'reserved' | 'settled' | 'refunded';

/** `due` -> `placeholder` -> `posting` -> `posted`; `refunded` when a failure or a cancel was told instead, `removed` when its author took it away. */
export type OutboxState = 'due' | 'placeholder' | 'posting' | 'posted' | 'refunded' | 'removed';

/** Anything JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** One generation to accept. */
export type NewGeneration = {
  /** uuid v7 from `newGenerationId`, so that ids sort by time. */
  id: string;
  kind: GenerationKind;
  parentId: string | null;
  /** Which picture of the parent, 0-based; null when the whole sheet is meant. */
  parentPictureIndex: number | null;
  prompt: string;
  /** Parsed options as the studio understands them; the store never looks inside. */
  options: JsonObject;
  /** uint32 */
  seed: number;
  model: string;
  modelHash: string;
  /** Slots to draw, at least one. */
  pictures: number;
  /** Pictures taken from the quota: 0 for an upscale. */
  chargedPictures: number;
};

/** A request as it is accepted: several generations when permutations were expanded. */
export type NewRequest = {
  /** The same key twice is the same request: an interaction id, an event id. */
  requestKey: string;
  scope: Scope;
  /** Only the person who asked sees the result. */
  private: boolean;
  /** Whatever the adapter needs to deliver (thread, reply token, locale); the store never looks inside. */
  target: JsonObject;
  acceptedAtMs: number;
  generations: readonly NewGeneration[];
  /** Absent: nothing is checked, and the day is that of UTC. */
  reservation?: Reservation;
};

/** `created` is false when this request key was accepted before: then these are the generations of that time. */
export type Accepted = {
  created: boolean;
  /** None when it was refused. */
  generations: Generation[];
  /** A check of the reservation failed: nothing was written. */
  refused: boolean;
  /** By check of the reservation; empty when nothing was counted. Times are told of a refusal only. */
  counted: Counted[];
};

/** One picture of a generation. */
export type Picture = {
  index: number;
  state: SlotState;
  attempts: number;
  /** Where its bytes are; null before it is drawn and again when it has expired. */
  blobKey: string | null;
  sizeBytes: number | null;
  widthPx: number | null;
  heightPx: number | null;
  drawMs: number | null;
  engineMs: number | null;
  /** A code of the error table. */
  errorCode: string | null;
};

/** The durable record of an accepted request. Token ids are not in it: ask `pictures.ids`. */
export type Generation = {
  id: string;
  requestKey: string;
  kind: GenerationKind;
  parentId: string | null;
  parentPictureIndex: number | null;
  /** Empty once removed. */
  prompt: string;
  options: JsonObject;
  seed: number;
  model: string;
  modelHash: string;
  status: GenerationStatus;
  errorCode: string | null;
  scope: Scope;
  private: boolean;
  target: JsonObject;
  kept: boolean;
  createdAtMs: number;
  /** When its first picture began to be drawn. */
  startedAtMs: number | null;
  finishedAtMs: number | null;
  charge: { state: ReservationState; pictures: number; engineMs: number };
  pictures: Picture[];
};

/** Names one slot: a picture of a generation. */
export type SlotKey = { generationId: string; pictureIndex: number };

/** What the picker knows of a generation that is not finished. Small on purpose: ten thousand of them are held in memory. */
export type QueuedJob = {
  generationId: string;
  kind: GenerationKind;
  platform: string;
  tenant: string;
  channel: string;
  user: string;
  model: string;
  createdAtMs: number;
  pictures: number;
  /** Indexes of the pictures that wait, ascending. */
  waiting: number[];
  /** Indexes of the pictures that are being drawn. */
  drawing: number[];
};

/** What a drawn slot leaves behind. */
export type DrawnSlot = SlotKey & {
  ids: readonly number[];
  blobKey: string;
  sizeBytes: number;
  widthPx: number;
  heightPx: number;
  drawMs: number;
  engineMs: number;
  finishedAtMs: number;
};

/** What the deliverer has to do next. */
export type OutboxItem = {
  generationId: string;
  state: OutboxState;
  platform: string;
  channel: string;
  /** Of the placeholder or the result, once there is one. */
  messageId: string | null;
  /** How often this delivery failed; above 0, look for the message before posting it. */
  attempts: number;
  nextAttemptAtMs: number;
  createdAtMs: number;
  generation: Generation;
};

/** A posted message that belongs to a generation. */
export type Delivery = { platform: string; channel: string; messageId: string; generationId: string };

/** `open`: claimed and not known to be done, so that another try may take it up after a crash. */
export type ReactionState = 'open' | 'done';

/** One person's emoji on one message. */
export type ReactionKey = Pick<Delivery, 'platform' | 'channel' | 'messageId'> & { user: string; emoji: string };

/** `due` -> `posted` -> `leaving` -> no row. */
export type GalleryState = 'due' | 'posted' | 'leaving';

/** A copy of a kept generation in a gallery's channel, wanted or there. */
export type GalleryItem = {
  generationId: string;
  state: GalleryState;
  platform: string;
  tenant: string;
  channel: string;
  /** Once it is posted. */
  messageId: string | null;
  /** Who kept it. */
  user: string;
  attempts: number;
  nextAttemptAtMs: number;
  generation: Generation;
};

/** A file of a picture that may go when space is needed. */
export type StoredPicture = SlotKey & { blobKey: string; sizeBytes: number; drawnAtMs: number };

/** Which generations to page through; every field given must match. */
export type HistoryQuery = {
  platform: string;
  tenant?: string;
  channel?: string;
  user?: string;
  /** Private ones are left out unless this says otherwise. */
  withPrivate?: boolean;
  /** Only those that wait or are drawn; then oldest first. */
  unfinished?: true;
  /** Only those with a picture. */
  drawn?: true;
  /** Part of the prompt, in any case. */
  search?: string;
  /** Only what somebody kept. */
  kept?: true;
  /** The last id of the page before. */
  before?: string;
  /** 1 to 100 */
  limit: number;
};

export type HistoryPage = { generations: Generation[]; next: string | null };

/** A generation's ancestors, oldest first, and what was made from it, newest last. */
export type Lineage = { ancestors: Generation[]; children: Generation[] };

/** What goes with removed or forgotten generations: files nobody else refers to, messages to take down, slots to abort. */
export type Leftovers = {
  generationIds: string[];
  blobKeys: string[];
  deliveries: Delivery[];
  /** Being drawn at that moment. */
  drawing: SlotKey[];
};

/** Who may be signed in to the web admin, and by which door: a link from chat, the web chat, or as who runs Easel. */
export type SignInOwner = {
  via: 'link' | 'web' | 'host';
  platform: string;
  tenant: string;
  user: string;
  /** What the admin's own page calls them. */
  name: string;
};

/** A session of the web admin. What it may do is asked of its platform at the moment of use. */
export type SignIn = SignInOwner & {
  id: string;
  createdAtMs: number;
  expiresAtMs: number;
};

/** A cancel that changed nothing (`cancelled` false) found the generation finished or unknown. */
export type CancelOutcome = { cancelled: boolean; generation: Generation | null; drawing: SlotKey[] };
