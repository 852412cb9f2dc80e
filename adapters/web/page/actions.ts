// What a person does on the page, from the press to the answer shown.

import type { WireAnswer, WireControl, WireMessage } from '../wire.ts';
import { api, Refusal } from './api.ts';
import {
  addNote,
  dropNote,
  edited,
  isSettingsOpen,
  place,
  say,
  session,
  shownLineage,
  shownPicture,
  signedIn,
} from './state.ts';

/** Sends what was typed: a command, or words to draw. */
export async function send(text: string): Promise<void> {
  const command = /^\/(\w+)\s*(.*)$/su.exec(text.trim());
  switch (command?.[1]?.toLowerCase()) {
    case undefined:
      return submit(text);
    case 'imagine':
      return submit(command?.[2] ?? '');
    case 'help':
      addNote(await api.help());
      return;
    case 'gallery':
      return go('gallery');
    case 'settings':
      isSettingsOpen.value = true;
      return;
    default:
      refuse(`There is no command /${command?.[1] ?? ''}. Draw with /imagine and words.`);
  }
}

async function submit(text: string, confirmed = false): Promise<void> {
  await ask(
    text,
    (requestKey) => api.submit(text, requestKey, confirmed),
    () => submit(text, true),
  );
}

/** What a button asks; `edit` opens its form first. */
export async function press(message: WireMessage, control: WireControl): Promise<void> {
  if (control.form === 'prompt') {
    edited.value = { message, controlId: control.id };
    return;
  }
  await pressControl(control.id, message.prompt);
}

export async function pressControl(controlId: string, prompt: string): Promise<void> {
  await ask(prompt, (requestKey) => api.press(controlId, requestKey));
}

export async function submitEdit(controlId: string, text: string, confirmed = false): Promise<void> {
  await ask(
    text,
    (requestKey) => api.press(controlId, requestKey, { text, confirmed }),
    () => submitEdit(controlId, text, true),
  );
}

export async function react(message: WireMessage, emoji: string): Promise<void> {
  const me = session.peek()?.me.id;
  const isOn = message.reactions.some((each) => each.emoji === emoji && each.people.some(({ id }) => id === me));
  const edit = message.controls.find(({ kind }) => kind === 'edit');
  if (emoji === '✏️' && !isOn && edit !== undefined) {
    edited.value = { message, controlId: edit.id };
    return;
  }
  try {
    const answer = await api.react(message.id, emoji, !isOn);
    if (answer.kind === 'done' && answer.what === 'number') say('Which one? React with its number: 1️⃣ to 4️⃣.');
    else show(answer, message.prompt);
  } catch (thrown) {
    refuse(wordsOf(thrown), message.prompt);
  }
}

async function ask(
  prompt: string,
  request: (requestKey: string) => Promise<WireAnswer>,
  again?: () => Promise<void>,
): Promise<void> {
  const slow = setTimeout(() => {
    sendingId = addNote({ kind: 'answer', heading: 'Sending…', lines: [], prompt, controls: [] }, { isSending: true });
  }, 1_500);
  let sendingId = '';
  try {
    await signedIn;
    show(await request(crypto.randomUUID()), prompt, again);
  } catch (thrown) {
    refuse(wordsOf(thrown), prompt);
  } finally {
    clearTimeout(slow);
    dropNote(sendingId);
  }
}

function show(answer: WireAnswer, prompt: string, again?: () => Promise<void>): void {
  switch (answer.kind) {
    case 'accepted':
      return;
    case 'confirm':
      addNote(answer.note, { confirm: again === undefined ? null : () => void again().catch(() => {}) });
      return;
    case 'refused':
      addNote({ ...answer.note, prompt: answer.note.prompt ?? prompt });
      return;
    case 'done':
      say(answer.line);
      return;
    case 'download':
      download(answer.url, answer.fileName);
  }
}

export function download(url: string, fileName: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
}

function refuse(line: string, prompt: string | null = null): void {
  addNote({ kind: 'refused', heading: 'Not accepted', lines: [line], prompt, controls: [] });
}

function wordsOf(thrown: unknown): string {
  if (thrown instanceof Refusal) return thrown.message;
  return 'Easel cannot be reached. It was not sent; try again when the connection is back.';
}

export async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    say(`${what} copied`);
  } catch {
    // Without https only a selection can be copied.
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    const isDone = document.execCommand('copy');
    area.remove();
    say(isDone ? `${what} copied` : `${what}: ${text}`);
  }
}

export function go(to: 'studio' | 'gallery'): void {
  if (place.peek() === to) return;
  history.pushState(null, '', to === 'gallery' ? '/gallery' : '/');
  place.value = to;
  shownPicture.value = null;
  shownLineage.value = null;
}
