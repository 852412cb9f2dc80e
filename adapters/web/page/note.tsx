// An answer that only this page shows: a refusal with its reason, a question, help.

import { pressControl, pressDesk } from './actions.ts';
import { fillBox } from './composer.tsx';
import { DeskAnswer } from './desk-answer.tsx';
import { Icon } from './icons.tsx';
import { dropNote, type LocalNote } from './state.ts';
import { t } from './words.ts';

export function Note({ local }: { local: LocalNote }) {
  const { id, note, confirm, isSending } = local;
  return (
    <section
      class={`note is-${note.kind}`}
      role={note.kind === 'refused' ? 'alert' : 'status'}
      data-note={note.kind}
      data-id={id}
    >
      {note.prompt !== null && note.prompt !== '' && (
        <p class="note-prompt" dir="auto">
          {note.prompt.length > 400 ? `${note.prompt.slice(0, 400)}…` : note.prompt}
        </p>
      )}
      <p class="note-heading">
        <strong>{note.heading}</strong>
      </p>
      {note.lines.length > 0 && (
        <ul class={note.kind === 'confirm' && note.actions.length === 0 ? 'note-prompts' : 'note-lines'}>
          {note.lines.map((line) => (
            <li key={line} dir="auto">
              {line}
            </li>
          ))}
        </ul>
      )}
      <DeskAnswer note={note} />
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
              {t('Draw them')}
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
              <Icon name="edit" /> {t('Change it')}
            </button>
          )}
          {note.actions.map((action) => (
            <button
              key={action.id}
              type="button"
              class={
                action.style === 'main' ? 'button is-main' : action.style === 'danger' ? 'button is-danger' : 'button'
              }
              data-action={action.id}
              onClick={() => {
                // What it leads to takes its place.
                if (!action.opensForm) dropNote(id);
                pressDesk(action).catch(() => {});
              }}
            >
              {action.label}
            </button>
          ))}
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
            {t(confirm === null ? 'Dismiss' : 'Not now')}
          </button>
          <small>
            <Icon name="eye" /> {t('Only you see this')}
          </small>
        </footer>
      )}
    </section>
  );
}
