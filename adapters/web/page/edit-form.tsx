// Edit and re-roll: the prompt as it was typed, to be changed and drawn anew as a child.

import { useRef } from 'preact/hooks';
import { submitEdit } from './actions.ts';
import { Dialog } from './dialog.tsx';
import { edited } from './state.ts';
import { t } from './words.ts';

export function EditForm() {
  const editing = edited.value;
  const dialogText = useRef<HTMLTextAreaElement>(null);
  if (editing === null) return null;
  const close = () => {
    edited.value = null;
  };
  const submit = () => {
    const text = dialogText.current?.value ?? '';
    close();
    submitEdit(editing.controlId, text).catch(() => {});
  };
  return (
    <Dialog label={t('Edit the prompt')} className="form" onClose={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <h2>{t('Edit the prompt')}</h2>
        <textarea
          ref={(element) => {
            dialogText.current = element;
            if (element !== null && document.activeElement !== element) {
              element.focus();
              element.setSelectionRange(element.value.length, element.value.length);
            }
          }}
          aria-label={t('Prompt')}
          rows={4}
          defaultValue={editing.message.command}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            submit();
          }}
        />
        <p class="form-foot">
          <button type="button" class="button is-quiet" onClick={close}>
            {t('Cancel')}
          </button>
          <button type="submit" class="button is-main">
            {t('Draw')}
          </button>
        </p>
      </form>
    </Dialog>
  );
}
