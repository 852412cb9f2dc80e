// An answer that only this page shows: a refusal with its reason, a question, help.

import { pressControl } from './actions.ts';
import { fillBox } from './composer.tsx';
import { Icon } from './icons.tsx';
import { dropNote, type LocalNote } from './state.ts';

export function Note({ local }: { local: LocalNote }) {
  const { id, note, confirm, isSending } = local;
  return (
    <section class={`note is-${note.kind}`} role={note.kind === 'refused' ? 'alert' : 'status'} data-note={note.kind}>
      {note.prompt !== null && note.prompt !== '' && (
        <p class="note-prompt" dir="auto">
          {note.prompt.length > 400 ? `${note.prompt.slice(0, 400)}…` : note.prompt}
        </p>
      )}
      <p class="note-heading">
        <strong>{note.heading}</strong>
      </p>
      {note.lines.length > 0 && (
        <ul class={note.kind === 'confirm' ? 'note-prompts' : 'note-lines'}>
          {note.lines.map((line) => (
            <li key={line} dir="auto">
              {line}
            </li>
          ))}
        </ul>
      )}
      {!isSending && (
        <footer class="note-foot">
          {confirm !== null && (
            <button
              type="button"
              class="button is-main"
              data-confirm
              ref={(button) => button?.focus()}
              onClick={() => {
                dropNote(id);
                confirm();
              }}
            >
              Draw them
            </button>
          )}
          {note.kind === 'refused' && note.prompt !== null && note.prompt !== '' && (
            <button
              type="button"
              class="button"
              onClick={() => {
                dropNote(id);
                fillBox(note.prompt ?? '');
              }}
            >
              <Icon name="edit" /> Change it
            </button>
          )}
          {note.controls.map((control) => (
            <button
              key={control.id}
              type="button"
              class="button"
              onClick={() => {
                dropNote(id);
                pressControl(control.id, note.prompt ?? '').catch(() => {});
              }}
            >
              {control.label}
            </button>
          ))}
          <button type="button" class="button is-quiet" onClick={() => dropNote(id)}>
            {confirm === null ? 'Dismiss' : 'Not now'}
          </button>
          <small>
            <Icon name="eye" /> Only you see this
          </small>
        </footer>
      )}
    </section>
  );
}
