/** The seam to a chat platform's messages. What is said is decided here in the core; how it looks, in the adapter. */
import type { ImageFormat } from '../image/encode.ts';
import type { JsonObject, Person, Scope } from '../store/records.ts';
import type { Directory } from './directory.ts';
import type { View } from './view.ts';
import type { Locale } from './words.ts';

/** Where a message goes. `target` is the adapter's own (thread, reply token, locale): stored with the request, never read here. */
export type Address =
  | { kind: 'channel'; platform: string; tenant: string; channel: string; target: JsonObject }
  | { kind: 'direct'; platform: string; tenant: string; user: string; target: JsonObject };

export type MessageRef = {
  platform: string;
  channel: string;
  messageId: string;
  /** Whose message it is, where whoever asks knows: what a platform stored for it can go with it. */
  generationId?: string | null;
};

/**
 * A platform's messages.
 *
 * Every text of a view is plain: the implementation escapes it, cuts it to the platform's limits, and lets it name nobody.
 * It fails with `ADAPTER_BUSY` (`details.retryAfterMs`), `ADAPTER_UNAVAILABLE`, `ADAPTER_MESSAGE_GONE`, `ADAPTER_CHANNEL_GONE` or
 * `ADAPTER_DIRECT_CLOSED`; anything else counts as unavailable and is tried again.
 */
export type Messages = {
  /** Posts once a channel: the same generation again within minutes answers with the first message where the platform can tell. */
  post(address: Address, view: View, signal?: AbortSignal): Promise<MessageRef>;
  /** Shows this instead. Repeating it changes nothing. */
  edit(ref: MessageRef, view: View, signal?: AbortSignal): Promise<void>;
  /** Takes a message down; one that is gone already is fine. */
  remove(ref: MessageRef, signal?: AbortSignal): Promise<void>;
  /** The message of ours that carries this generation id, however long ago it was posted. */
  find(address: Address, generationId: string, signal?: AbortSignal): Promise<MessageRef | null>;
  /** An answer that only the person sees; where the platform has none, a direct message. */
  privateReply(scope: Scope, target: JsonObject, view: View, signal?: AbortSignal): Promise<void>;
  /** Idempotent like `post`. @throws {AppError} `ADAPTER_DIRECT_CLOSED` when the person takes no messages */
  direct(person: Person & { tenant: string }, view: View, signal?: AbortSignal): Promise<MessageRef>;
};

/** What a platform allows; the core keeps to it. */
export type ChannelLimits = {
  /** Edits on the way to a result that all messages of the platform share. */
  editsPerMinute: number;
  /** Between two edits of one message. */
  editGapMs: number;
  /** A message older than this is edited only into its result. */
  editableForMs: number;
  uploadBytesMax: number;
  imageFormats: readonly ImageFormat[];
};

/** One thing that was looked at by `/easel doctor`. */
export type ChannelCheck = {
  name: string;
  ok: boolean;
  /** What was found, and what to do when it is not ok; in the reader's language where that is known. */
  message: string;
};

/** A connected platform. Adapters call the studio, the desk and the reactions; the core calls only this. */
export type ChatAdapter = {
  readonly platform: string;
  readonly limits: ChannelLimits;
  readonly messages: Messages;
  /** Names of people, roles and channels. Absent: ids are shown, and only mentions can be typed. */
  readonly directory?: Directory;
  /** Where people can click to see a message; null: nowhere. */
  linkTo?(ref: MessageRef): Promise<string | null>;
  /** A mark (⚠️) on a message, once, where a refusal could be told to nobody. */
  warn?(ref: MessageRef): Promise<void>;
  /** A short message below this one that may ping this person and nobody else: they asked for it in their settings. */
  ping?(ref: MessageRef, person: Person & { tenant: string }, view: View): Promise<void>;
  /** What is missing in this very channel: permissions by name, upload size, direct messages. */
  examine?(scope: Scope, locale: Locale): Promise<readonly ChannelCheck[]>;
  /** Whether this person may set limits of this tenant, asked of the platform now. Absent or failing: no. */
  administers?(tenant: string, user: string): Promise<boolean>;
  /** Connects; requests may come from now on. */
  start(signal?: AbortSignal): Promise<void>;
  /** Takes no more requests. `messages` works on until `close`. */
  stopRequests(): Promise<void>;
  close(): Promise<void>;
};
