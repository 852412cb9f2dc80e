// What the server tells while the page is open. The browser asks again after a gap for what was missed, by its last event's id.

import type { WireEvents, WireMessage } from '../wire.ts';
import { api } from './api.ts';
import {
  addNote,
  announcement,
  forget,
  isConnected,
  isLoading,
  nameOf,
  names,
  older,
  online,
  order,
  previewOf,
  replaceAll,
  session,
  take,
} from './state.ts';
import { t } from './words.ts';

/** Shorter gaps are not worth a word. */
const GAP_SHOWN_AFTER_MS = 1_500;
const REOPEN_AFTER_MS = 1_500;

let lastEventId = '';

/** Opens the stream; what was before it is loaded once it is open, so that nothing falls between. */
export function listen(): void {
  const source = new EventSource(`/api/events${lastEventId === '' ? '' : `?after=${encodeURIComponent(lastEventId)}`}`);
  let gapTimer: ReturnType<typeof setTimeout> | undefined;

  function on<Name extends keyof WireEvents>(name: Name, hear: (data: WireEvents[Name]) => void): void {
    source.addEventListener(name, (event) => {
      lastEventId = event.lastEventId;
      hear(JSON.parse(event.data));
    });
  }

  on('message', (message) => {
    const before = order.peek().includes(message.id);
    take([message]);
    announce(message, before);
  });
  on('gone', ({ id }) => forget(id));
  on('preview', ({ id, pictureIndex, png, rowsDone, rows }) => {
    previewOf(id, pictureIndex).value = { png, rowsDone, rows };
  });
  on('note', (note) => addNote(note));
  on('people', (told) => {
    names.value = new Map(told.people.map(({ id, name }) => [id, name]));
    online.value = told.online;
  });
  on('reset', () => {
    load().catch(() => {});
  });

  source.onopen = () => {
    clearTimeout(gapTimer);
    gapTimer = undefined;
    isConnected.value = true;
    // Without an id the server does not know what this page has missed.
    if (lastEventId === '') load().catch(() => {});
  };
  source.onerror = () => {
    // Every try that fails is an error of its own: the first one counts.
    gapTimer ??= setTimeout(() => {
      isConnected.value = false;
    }, GAP_SHOWN_AFTER_MS);
    if (source.readyState !== EventSource.CLOSED) return;
    // The browser has given up: the server answered with an error.
    clearTimeout(gapTimer);
    isConnected.value = false;
    setTimeout(listen, REOPEN_AFTER_MS);
  };
}

/** The newest page; what the stream told before it came stays where it is newer. */
export async function load(): Promise<void> {
  const before = new Set(order.peek());
  const page = await api.messages(null);
  replaceAll(page.messages, page.next, before);
  isLoading.value = false;
}

export async function loadOlder(): Promise<void> {
  const from = older.peek();
  if (from === null || isLoading.peek()) return;
  isLoading.value = true;
  try {
    const page = await api.messages(from);
    older.value = page.next;
    take(page.messages);
  } finally {
    isLoading.value = false;
  }
}

function announce(message: WireMessage, isKnown: boolean): void {
  const who =
    message.author.id === session.peek()?.me.id
      ? t('Your picture')
      : t("{who}'s picture", { who: nameOf(message.author) });
  const what = `“${message.prompt.slice(0, 80)}”`;
  if (message.kind === 'result' || message.kind === 'failed') announcement.value = `${who} ${what}: ${message.heading}`;
  else if (!isKnown) announcement.value = `${who} ${what}: ${message.heading}`;
}
