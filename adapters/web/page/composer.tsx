// The message box: a combobox that completes commands, options, styles and things to draw. Enter sends what was typed.

import { signal, useComputed, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { send } from './actions.ts';
import { api } from './api.ts';
import { type Completion, completionsFor, isDeskText, toCompletions } from './completions.ts';
import { Icon } from './icons.tsx';
import { session, vocabulary } from './state.ts';
import { t } from './words.ts';

/** Fast typists ask once. */
const SUGGEST_AFTER_MS = 60;

const text = signal('');
let box: HTMLInputElement | null = null;

/** Puts something into the box to be changed and sent. */
export function fillBox(content: string): void {
  text.value = content;
  box?.focus();
  queueMicrotask(() => box?.setSelectionRange(content.length, content.length));
}

const sent: string[] = [];

export function Composer() {
  const isOpen = useSignal(false);
  /** -1: nothing is chosen, so Enter sends. */
  const chosen = useSignal(-1);
  const caret = useSignal(0);
  const recalled = useRef(-1);
  /** What the server offers after `/easel`, for the text it was asked about. */
  const offered = useSignal<{ readonly text: string; readonly found: readonly Completion[] }>({ text: '', found: [] });
  const found = useComputed(() => {
    if (!isOpen.value) return [];
    if (!isDeskText(text.value)) return completionsFor(text.value, caret.value, vocabulary.value);
    return offered.value.text === text.value ? offered.value.found : [];
  });

  useEffect(() => {
    const typed = text.value;
    if (!isOpen.value || !isDeskText(typed)) return;
    const timer = setTimeout(() => {
      api.suggest(typed).then(
        (suggestions) => {
          offered.value = { text: typed, found: toCompletions(typed, suggestions) };
        },
        // Nothing is offered; what was typed can be sent all the same.
        () => {},
      );
    }, SUGGEST_AFTER_MS);
    return () => clearTimeout(timer);
  }, [text.value, isOpen.value]);

  useEffect(() => {
    box?.focus({ preventScroll: true });
    const focus = (event: KeyboardEvent) => {
      const isTyping =
        event.target instanceof Element && event.target.closest('input, textarea, select, dialog') !== null;
      if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      box?.focus();
    };
    addEventListener('keydown', focus);
    return () => removeEventListener('keydown', focus);
  }, []);

  const take = ({ from, to, insert }: Completion) => {
    text.value = `${text.value.slice(0, from)}${insert}${text.value.slice(to)}`;
    const at = from + insert.length;
    caret.value = at;
    chosen.value = -1;
    isOpen.value = /[ /]$/u.test(insert);
    box?.focus();
    queueMicrotask(() => box?.setSelectionRange(at, at));
  };

  const submit = () => {
    const typed = text.value;
    if (typed.trim() === '') return;
    sent.push(typed);
    recalled.current = -1;
    text.value = '';
    isOpen.value = false;
    send(typed).catch(() => {});
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const count = found.value.length;
    const pick = found.value[chosen.value];
    if (event.isComposing) return;
    if (event.key === 'Enter') {
      event.preventDefault();
      if (pick === undefined) submit();
      else take(pick);
    } else if (event.key === 'Tab' && count > 0 && !event.shiftKey) {
      event.preventDefault();
      const first = pick ?? found.value[0];
      if (first !== undefined) take(first);
    } else if (event.key === 'Escape') {
      isOpen.value = false;
      chosen.value = -1;
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const step = event.key === 'ArrowDown' ? 1 : -1;
      if (count > 0) {
        event.preventDefault();
        chosen.value = chosen.value === -1 && step === -1 ? count - 1 : (chosen.value + step + count + 1) % (count + 1);
        if (chosen.value === count) chosen.value = -1;
      } else if (event.key === 'ArrowUp' && (text.value === '' || recalled.current >= 0)) {
        event.preventDefault();
        recalled.current = Math.min(sent.length - 1, recalled.current + 1);
        text.value = sent[sent.length - 1 - recalled.current] ?? text.value;
      }
    }
  };

  const isLong = [...text.value].length > (session.value?.promptCharactersMax ?? 1_000);
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <div class="field">
        {found.value.length > 0 && (
          <div class="options" id="box-options" role="listbox" aria-label={t('Completions')}>
            {found.value.map((each, index) => (
              <div
                key={`${each.kind}${each.label}`}
                id={`option-${index}`}
                role="option"
                tabIndex={-1}
                aria-selected={index === chosen.value}
                class="option"
                onPointerDown={(event) => {
                  // Before the box loses the focus.
                  event.preventDefault();
                  take(each);
                }}
                ref={(element) => {
                  if (index === chosen.value) element?.scrollIntoView({ block: 'nearest' });
                }}
              >
                <span class="option-mark" aria-hidden="true">
                  {each.mark}
                </span>
                <span class="option-label">{each.label}</span>
                <span class="option-about">{each.about}</span>
              </div>
            ))}
          </div>
        )}
        <input
          id="box"
          type="text"
          ref={(element) => {
            box = element;
          }}
          role="combobox"
          aria-label={t('Message: say what to draw')}
          aria-autocomplete="list"
          aria-expanded={found.value.length > 0}
          aria-controls="box-options"
          aria-activedescendant={chosen.value >= 0 ? `option-${chosen.value}` : undefined}
          aria-describedby="box-help"
          autocomplete="off"
          autocapitalize="off"
          enterkeyhint="send"
          spellcheck
          placeholder={t('/imagine a red fox under a rainbow')}
          value={text.value}
          onInput={(event) => {
            text.value = event.currentTarget.value;
            caret.value = event.currentTarget.selectionStart ?? text.value.length;
            isOpen.value = true;
            chosen.value = -1;
            recalled.current = -1;
          }}
          onKeyDown={onKeyDown}
          onBlur={() => {
            isOpen.value = false;
          }}
        />
        <button type="submit" class="send" aria-label={t('Send')} disabled={text.value.trim() === ''}>
          <Icon name="send" />
        </button>
      </div>
      <p class="hint" id="box-help">
        {isLong ? (
          <strong>{t('This is longer than a prompt may be.')}</strong>
        ) : (
          <>
            <kbd>Enter</kbd> {t('draws')} <span class="wide">· {t('type')} </span>
            <span class="wide">
              <kbd>/</kbd> {t('for commands,')} <kbd>--</kbd> {t('for options,')} <kbd>{'{a,b}'}</kbd>{' '}
              {t('for several at once')}
            </span>
          </>
        )}
      </p>
    </form>
  );
}
