// What the page knows, as signals: each message has its own, so that a row painted of one redraws only that one.

import { effect, type Signal, signal } from '@preact/signals';
import type { WireForm, WireMessage, WireNote, WirePerson, WirePreview, WireSession, WireVocabulary } from '../wire.ts';

/** Something only this page shows: an answer, a question, a request on its way. */
export type LocalNote = {
  readonly id: string;
  readonly note: WireNote;
  /** Of a question: what to do when the answer is yes. */
  readonly confirm: (() => void) | null;
  readonly isSending: boolean;
};

export type Place = 'studio' | 'gallery';

export const session = signal<WireSession | null>(null);
/** The server knows who this is. What was typed before waits for it. */
export const signedIn = new Promise<void>((resolve) => {
  effect(() => {
    if (session.value !== null) resolve();
  });
});
/** Why somebody has to sign in; null: they need not. */
export const signInReason = signal<string | null>(null);
export const place = signal<Place>(location.pathname === '/gallery' ? 'gallery' : 'studio');
export const isConnected = signal(true);
export const vocabulary = signal<WireVocabulary>({ models: [], objects: [], colours: [] });
export const names = signal<ReadonlyMap<string, string>>(new Map());
export const online = signal<readonly string[]>([]);

/** Ids of the loaded messages, oldest first. */
export const order = signal<readonly string[]>([]);
/** Where older messages begin; null: there are none. */
export const older = signal<string | null>(null);
export const isLoading = signal(true);
export const notes = signal<readonly LocalNote[]>([]);
/** Said to screen readers and shown for a moment. */
export const toast = signal('');
/** Said to screen readers alone. */
export const announcement = signal('');

export const shownPicture = signal<{ readonly id: string; readonly index: number } | null>(null);
export const shownLineage = signal<string | null>(null);
export const edited = signal<{ readonly message: WireMessage; readonly controlId: string } | null>(null);
/** A form of the desk that is being filled in. */
export const deskForm = signal<{ readonly form: WireForm; readonly problems: Readonly<Record<string, string>> } | null>(
  null,
);
export const isSettingsOpen = signal(false);
export const isMenuOpen = signal(false);

const messages = new Map<string, Signal<WireMessage>>();
const previews = new Map<string, Signal<WirePreview | null>>();
const goneIds = new Set<string>();

export function messageOf(id: string): Signal<WireMessage> | undefined {
  return messages.get(id);
}

export function previewOf(id: string, index: number): Signal<WirePreview | null> {
  const key = `${id}/${index}`;
  const known = previews.get(key);
  if (known !== undefined) return known;
  const fresh = signal<WirePreview | null>(null);
  previews.set(key, fresh);
  return fresh;
}

/** The picture itself is there: what was painted of it is not needed any more. */
export function dropPreview(id: string, index: number): void {
  previews.delete(`${id}/${index}`);
}

/** Takes messages in, whatever order they come in; an older state never replaces a later one. */
export function take(incoming: readonly WireMessage[]): void {
  const added: string[] = [];
  for (const message of incoming) {
    if (goneIds.has(message.id)) continue;
    const known = messages.get(message.id);
    if (known === undefined) {
      messages.set(message.id, signal(message));
      added.push(message.id);
    } else if (known.peek().version < message.version) {
      known.value = message;
    }
    if (message.kind === 'queued' || message.kind === 'painting') takePreviews(message);
  }
  if (added.length > 0) order.value = [...order.peek(), ...added].sort();
}

function takePreviews({ id, pictures }: WireMessage): void {
  for (const { index, preview } of pictures) {
    const known = previewOf(id, index);
    if (preview !== null && (known.peek()?.rowsDone ?? -1) < preview.rowsDone) known.value = preview;
  }
}

export function forget(id: string): void {
  goneIds.add(id);
  messages.delete(id);
  order.value = order.peek().filter((each) => each !== id);
  if (shownPicture.peek()?.id === id) shownPicture.value = null;
  if (shownLineage.peek() === id) shownLineage.value = null;
}

/**
 * All of it anew, since what was missed is not known. What came while it was loading stays: it is newer.
 *
 * @param before ids that were here when loading began
 */
export function replaceAll(incoming: readonly WireMessage[], next: string | null, before: ReadonlySet<string>): void {
  const still = new Set(incoming.map(({ id }) => id));
  for (const id of before) if (!still.has(id)) messages.delete(id);
  order.value = order.peek().filter((id) => messages.has(id));
  take(incoming);
  older.value = next;
}

export function nameOf({ id, name }: WirePerson): string {
  return names.value.get(id) ?? name;
}

export function addNote(note: WireNote, extra: Partial<Pick<LocalNote, 'confirm' | 'isSending'>> = {}): string {
  const id = crypto.randomUUID();
  notes.value = [...notes.peek(), { id, note, confirm: null, isSending: false, ...extra }];
  return id;
}

export function dropNote(id: string): void {
  notes.value = notes.peek().filter((each) => each.id !== id);
}

let toastTimer: ReturnType<typeof setTimeout> | undefined;
const TOAST_MS = 4_000;

export function say(text: string): void {
  if (text === '') return;
  toast.value = text;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => {
    toast.value = '';
  }, TOAST_MS);
}
