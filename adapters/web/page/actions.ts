// What a person does on the page, from the press to the answer shown.

import type { WireAction, WireAnswer, WireControl, WireDeskAnswer, WireForm, WireMessage, WireNote } from '../wire.ts';
import { api, type FormValues, Refusal } from './api.ts';
import {
  addNote,
  deskForm,
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
import { t } from './words.ts';

/** Sends what was typed: a command, or words to draw. */
export async function send(text: string): Promise<void> {
  const command = /^\/(\w+)\s*(.*)$/su.exec(text.trim());
  switch (command?.[1]?.toLowerCase()) {
    case undefined:
      return submit(text);
    case 'imagine':
      return submit(command?.[2] ?? '');
    case 'help':
      return askDesk(() => api.desk('help'));
    case 'easel':
      return askDesk(() => api.desk(command?.[2] ?? ''));
    case 'gallery':
      return go('gallery');
    case 'settings':
      isSettingsOpen.value = true;
      return;
    default:
      refuse(t('There is no command /{name}. Draw with /imagine and words.', { name: command?.[1] ?? '' }));
  }
}

/** A command of the desk: its answer is a note, or a form to fill in. */
async function askDesk(request: () => Promise<WireDeskAnswer>): Promise<void> {
  try {
    await signedIn;
    showDesk(await request());
  } catch (thrown) {
    refuse(wordsOf(thrown));
  }
}

export function pressDesk({ id, opensForm }: WireAction): Promise<void> {
  return askDesk(() => (opensForm ? api.deskForm(id) : api.deskPress(id)));
}

/** @returns whether it was taken; else the form shows what is wrong */
export async function submitDesk(form: WireForm, values: FormValues): Promise<boolean> {
  try {
    const answer = await api.deskSubmit(form.id, values);
    if (Object.keys(answer.problems).length > 0) {
      deskForm.value = { form, problems: answer.problems };
      return false;
    }
    deskForm.value = null;
    showDesk(answer);
    return true;
  } catch (thrown) {
    deskForm.value = null;
    refuse(wordsOf(thrown));
    return true;
  }
}

function showDesk({ form, note }: WireDeskAnswer): void {
  if (form !== null) deskForm.value = { form, problems: {} };
  const [only, ...more] = note?.actions ?? [];
  // Nothing to read but the way to its form.
  const isOnlyForm = only?.opensForm === true && more.length === 0 && note?.lines.length === 0 && note.menu === null;
  if (isOnlyForm && only !== undefined) void pressDesk(only).catch(() => {});
  else if (note !== null) addNote(note);
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
    if (answer.kind === 'done' && answer.what === 'number') say(t('Which one? React with its number: 1️⃣ to 4️⃣.'));
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
    sendingId = addNote(plainNote('answer', t('Sending…'), [], prompt), { isSending: true });
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

export function downloadText(fileName: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain;charset=utf-8' }));
  download(url, fileName);
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

function refuse(line: string, prompt: string | null = null): void {
  addNote(plainNote('refused', t('Not accepted'), [line], prompt));
}

function plainNote(kind: WireNote['kind'], heading: string, lines: readonly string[], prompt: string | null): WireNote {
  return { kind, heading, lines, prompt, controls: [], fields: [], bars: [], actions: [], menu: null, file: null };
}

function wordsOf(thrown: unknown): string {
  if (thrown instanceof Refusal) return thrown.message;
  return t('Easel cannot be reached. It was not sent; try again when the connection is back.');
}

export async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    say(t('{what} copied', { what }));
  } catch {
    // Without https only a selection can be copied.
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    const isDone = document.execCommand('copy');
    area.remove();
    say(isDone ? t('{what} copied', { what }) : `${what}: ${text}`);
  }
}

export function go(to: 'studio' | 'gallery'): void {
  if (place.peek() === to) return;
  history.pushState(null, '', to === 'gallery' ? '/gallery' : '/');
  place.value = to;
  shownPicture.value = null;
  shownLineage.value = null;
}
