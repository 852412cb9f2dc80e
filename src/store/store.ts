/** The seam of everything durable: one request accepted in one transaction, and what may be asked and changed after it. */
import type { Place } from '../policy/rules.ts';
import type { RefusalRow, UsageRow, WaitRow } from '../policy/usage.ts';
import type {
  AuditEntry,
  AuditQuery,
  Check,
  Counted,
  LimitState,
  NewAuditEntry,
  PeriodQuery,
  PreviewCounts,
  PreviewQuery,
  RollUpOutcome,
  ShadowRefusal,
  StoredRefusal,
  TotalsQuery,
} from './limit-records.ts';
import type {
  Accepted,
  CancelOutcome,
  Delivery,
  DrawnSlot,
  GalleryItem,
  Generation,
  HistoryPage,
  HistoryQuery,
  JsonObject,
  Leftovers,
  Lineage,
  NewRequest,
  OutboxItem,
  Person,
  QueuedJob,
  ReactionKey,
  SignIn,
  SignInOwner,
  SlotKey,
  StoredPicture,
} from './records.ts';

/**
 * What Easel remembers. PGlite in a folder and PostgreSQL behave alike: one contract suite runs on both.
 *
 * Every call may be repeated after `STORE_UNAVAILABLE`: a call whose answer was lost does nothing the second time.
 * Arguments are plain data and are copied, so the caller keeps them. Times come from the caller's clock.
 */
export type Store = {
  /**
   * Writes the generations, one slot per picture, a reservation and an outbox row each, in one transaction.
   *
   * The same request key again, even at the same time, answers with the generations accepted the first time. What the
   * reservation checks is counted in the same transaction, one request after another: a check that fails leaves nothing behind.
   */
  accept(request: NewRequest): Promise<Accepted>;
  readonly generations: GenerationStore;
  readonly jobs: JobStore;
  readonly outbox: OutboxStore;
  readonly pictures: PictureStore;
  readonly people: PeopleStore;
  readonly reactions: ReactionStore;
  readonly gallery: GalleryStore;
  readonly claims: ClaimStore;
  readonly signIns: SignInStore;
  readonly limits: LimitStore;
};

export type GenerationStore = {
  get(id: string): Promise<Generation | null>;
  /** Newest first. */
  history(query: HistoryQuery): Promise<HistoryPage>;
  lineage(id: string): Promise<Lineage>;
  /** What was accepted under this request key, in order. */
  ofRequest(platform: string, requestKey: string): Promise<Generation[]>;
  /**
   * Kept pictures never expire. In the same transaction its copy in the gallery becomes due, or leaves.
   *
   * @param gallery absent: this place has none, or it must not be shown there
   * @returns false when there is no such generation
   */
  keep(id: string, kept: boolean, gallery?: { channel: string; user: string; nowMs: number } | null): Promise<boolean>;
  /** Not private any more. @returns false when there is no such generation */
  publish(id: string): Promise<boolean>;
  /** Takes it off the queue and refunds it; `cancelled` also when it was cancelled before. Drawn, failed and removed ones stay as they are. */
  cancel(id: string, nowMs: number): Promise<CancelOutcome>;
  /** Leaves only a tombstone: prompt, options, token ids and pictures are gone. @returns null when there is no such generation */
  remove(id: string, nowMs: number): Promise<Leftovers | null>;
};

export type JobStore = {
  /** Every generation that is not finished, oldest first. */
  snapshot(): Promise<QueuedJob[]>;
  /**
   * Marks waiting slots as being drawn and counts the attempt.
   *
   * @param claim unique to this call, so that repeating it after a lost answer finds the same slots
   * @returns those that are now drawn under this claim; one that was cancelled meanwhile is missing
   */
  begin(slots: readonly SlotKey[], claim: string, nowMs: number): Promise<SlotKey[]>;
  /**
   * Stores one picture; the last one finishes the generation and makes its outbox row due.
   *
   * @returns the generation as it is now, or null when the slot is not being drawn any more (cancelled, removed): drop the picture
   */
  drawn(slot: DrawnSlot): Promise<Generation | null>;
  /** Gives one picture up. A generation without any drawn picture fails and is refunded; else it ends as drawn and pays for what there is. */
  failed(slot: SlotKey, errorCode: string, nowMs: number): Promise<Generation | null>;
  /** Back to waiting: the device is gone or Easel closes. `countAttempt` false takes the attempt back. */
  release(slots: readonly SlotKey[], countAttempt: boolean): Promise<void>;
};

export type OutboxStore = {
  /**
   * What can be done now, longest due first: placeholders to post (`due`), results, failures and cancels to tell
   * (`placeholder` of a finished generation), and what a crash left in `posting`.
   */
  next(nowMs: number, limit: number): Promise<OutboxItem[]>;
  get(generationId: string): Promise<OutboxItem | null>;
  /** The placeholder was posted as this message. */
  placeholder(generationId: string, channel: string, messageId: string): Promise<void>;
  /** The result is about to go out: after a crash, look for it first. @returns false when it was removed or is already told */
  posting(generationId: string): Promise<boolean>;
  /**
   * Told: a drawn generation is settled (`posted`), a failed or cancelled one is refunded (`refunded`).
   *
   * @returns false when it was removed meanwhile: take the message down
   */
  told(generationId: string, channel: string, messageId: string, nowMs: number): Promise<boolean>;
  /** Could not be delivered now; `next` shows it again from `nextAttemptAtMs` on. */
  later(generationId: string, nextAttemptAtMs: number): Promise<void>;
  /** Nobody can be told any more (channel gone): ends the row and refunds the charge. */
  giveUp(generationId: string, nowMs: number): Promise<void>;
  /** One more message that belongs to a generation, say a copy sent by DM. */
  link(delivery: Delivery): Promise<void>;
  /** Whose message this is. */
  find(platform: string, channel: string, messageId: string): Promise<Generation | null>;
};

export type PictureStore = {
  /** Token ids, also after the picture has expired; null when it was never drawn or was removed. */
  ids(slot: SlotKey): Promise<number[] | null>;
  /** Bytes of all pictures that have a file, kept ones included. */
  totalBytes(): Promise<number>;
  /** Pictures with a file that are not kept, oldest first. */
  oldest(limit: number): Promise<StoredPicture[]>;
  /** Forgets the files of these pictures (token ids stay). @returns blob keys nobody refers to any more */
  expire(slots: readonly SlotKey[]): Promise<string[]>;
  /** A file was decoded anew after expiry. */
  restore(slot: SlotKey, blobKey: string, sizeBytes: number): Promise<void>;
  /** Which of these keys some picture refers to. */
  referenced(blobKeys: readonly string[]): Promise<string[]>;
};

export type PeopleStore = {
  settings(person: Person): Promise<JsonObject>;
  /** Merges at the top level; null takes a key away. @returns the settings as they are now */
  saveSettings(person: Person, change: JsonObject): Promise<JsonObject>;
  presets(person: Person): Promise<Record<string, JsonObject>>;
  /** Null takes the preset away. */
  savePreset(person: Person, name: string, options: JsonObject | null): Promise<void>;
  /** Deletes every row that names this person; counts stay, without a name. */
  forget(person: Person): Promise<Leftovers>;
};

/** Each of them once, however often a platform tells of it and however many processes hear it. */
export type ReactionStore = {
  /**
   * Claims a reaction. One that was claimed and not done within `staleMs` may be claimed again, under the key it had.
   *
   * @returns the key of its request; null when somebody else has it, or it is done
   */
  add(
    reaction: ReactionKey,
    claim: { generationId: string; requestKey: string; nowMs: number; staleMs: number },
  ): Promise<string | null>;
  done(reaction: ReactionKey): Promise<void>;
  /** When this person put it there; null: it is not there. */
  atMs(reaction: ReactionKey): Promise<number | null>;
  /** @returns null when it was not there */
  remove(reaction: ReactionKey): Promise<{ generationId: string; requestKey: string; atMs: number } | null>;
  /** How many people hold this emoji to a generation, on any of its messages. */
  count(generationId: string, emoji: string): Promise<number>;
};

export type GalleryStore = {
  /** Copies to post and to take down on these platforms, longest due first. */
  next(platforms: readonly string[], nowMs: number, limit: number): Promise<GalleryItem[]>;
  /** It was posted as this message, which from now on belongs to the generation. @returns false when it was un-kept meanwhile: take it down */
  posted(generationId: string, messageId: string): Promise<boolean>;
  later(generationId: string, nextAttemptAtMs: number): Promise<void>;
  /** Taken down, or nobody can see it any more. */
  gone(generationId: string): Promise<void>;
};

/** What a platform told, worked once: in all processes, and across restarts. */
export type ClaimStore = {
  /**
   * Takes hold of a key. One that was begun and not ended within `staleMs` may be begun by somebody else.
   *
   * @param claim.holder unique to this try, so that asking again after a lost answer finds it held
   * @returns false when somebody else holds it, or it was ended
   */
  begin(key: string, claim: { holder: string; nowMs: number; staleMs: number }): Promise<boolean>;
  /** Nobody begins it again. */
  end(key: string, holder: string, nowMs: number): Promise<void>;
  /** Those begun before: no platform tells of them any more. */
  forget(beforeMs: number): Promise<void>;
};

/** Sessions of the web admin, and the links that open one. It sees only hashes of secrets. */
export type SignInStore = {
  link(secretHash: string, owner: SignInOwner, expiresAtMs: number): Promise<void>;
  /** Uses a link up. @returns null when it was used for another session, has expired or never was */
  redeem(secretHash: string, session: NewSession, nowMs: number): Promise<SignIn | null>;
  /** A session without a link: whoever asks has proved in another way who they are. */
  open(session: NewSession, owner: SignInOwner, nowMs: number): Promise<SignIn>;
  /** @returns null when it was ended, has expired or never was */
  get(tokenHash: string, nowMs: number): Promise<SignIn | null>;
  /** Those still open, newest first; null: of every place. */
  list(place: { platform: string; tenant: string } | null, nowMs: number): Promise<SignIn[]>;
  end(id: string): Promise<void>;
  /** Those that have expired. */
  forget(nowMs: number): Promise<void>;
};

export type NewSession = { tokenHash: string; id: string; expiresAtMs: number };

export type LimitStore = {
  load(): Promise<LimitState>;
  /** Writes the changes and the entry that tells of them, together. @throws {AppError} `LIMIT_CHANGED` when what it undoes was undone already */
  apply(entry: NewAuditEntry): Promise<void>;
  /** Newest first. */
  audit(query: AuditQuery): Promise<AuditEntry[]>;
  auditEntry(id: string): Promise<AuditEntry | null>;
  /** What is used now; reserves nothing. @param withTimes also when it changes by itself */
  count(checks: readonly Check[], nowMs: number, withTimes: boolean): Promise<Counted[]>;
  /** Counts a refusal and keeps it as the person's last. */
  refused(refusal: StoredRefusal): Promise<void>;
  /** Counts what a shadow rule would have refused. */
  shadowed(refusal: ShadowRefusal): Promise<void>;
  lastRefusal(place: Place, user: string): Promise<Pick<StoredRefusal, 'atMs' | 'code' | 'message' | 'details'> | null>;
  /** Of the last hundred pictures of a model, newest last. */
  engineMs(model: string): Promise<number[]>;
  /** Ids of what a person has waiting or drawn, oldest first. */
  unfinishedOf(place: Place, user: string): Promise<string[]>;
  totals(query: TotalsQuery): Promise<UsageRow[]>;
  refusals(query: PeriodQuery): Promise<RefusalRow[]>;
  waits(query: PeriodQuery): Promise<WaitRow[]>;
  preview(query: PreviewQuery): Promise<PreviewCounts>;
  /** Old rows leave the ledger; their totals by day stay, and become totals by month later. */
  rollUp(nowMs: number): Promise<RollUpOutcome>;
};

/** What `easel doctor` and the log say about the store. */
export type StoreInfo = {
  backEnd: 'pglite' | 'postgresql';
  schemaVersion: number;
  generations: number;
  unfinished: number;
  /** Slots that a crash had left in drawing and that wait again since this opening. */
  recoveredSlots: number;
};

/** A store with its life cycle; whoever opened it closes it. */
export type OpenedStore = Store & {
  describe(): Promise<StoreInfo>;
  /** Waits for calls in flight, then lets go of the database and the lock. Later calls fail with `STORE_CLOSED`. */
  close(): Promise<void>;
};
