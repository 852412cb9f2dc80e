// Reactions: the controls once more, as people know them from chat, and a few that only say something.

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { WireMessage } from '../wire.ts';
import { react } from './actions.ts';
import { Icon } from './icons.tsx';
import { nameOf, session } from './state.ts';
import { t } from './words.ts';

const MEANINGS: readonly (readonly [emoji: string, meaning: string])[] = [
  ['🔁', 'Re-roll'],
  ['1️⃣', 'Vary 1'],
  ['2️⃣', 'Vary 2'],
  ['3️⃣', 'Vary 3'],
  ['4️⃣', 'Vary 4'],
  ['⬆️', 'Upscale'],
  ['⭐', 'Keep'],
  ['✉️', 'Send to me'],
  ['✏️', 'Edit prompt'],
  ['❌', 'Cancel or delete'],
  ['❤️', 'Love it'],
  ['👍', 'Good'],
  ['😂', 'Funny'],
  ['😮', 'Surprising'],
  ['🎨', 'Fine colours'],
  ['🔥', 'Great'],
];

export function Reactions({ message }: { message: WireMessage }) {
  const me = session.value?.me.id;
  if (message.reactions.length === 0) return null;
  return (
    <ul class="reactions" aria-label={t('Reactions')}>
      {message.reactions.map(({ emoji, people }) => {
        const isMine = people.some(({ id }) => id === me);
        const who = people.map(nameOf).join(', ');
        return (
          <li key={emoji}>
            <button
              type="button"
              class={isMine ? 'reaction is-mine' : 'reaction'}
              data-emoji={emoji}
              aria-pressed={isMine}
              aria-label={`${emoji} ${people.length}: ${who}`}
              title={who}
              onClick={() => {
                react(message, emoji).catch(() => {});
              }}
            >
              <span aria-hidden="true">{emoji}</span> {people.length}
            </button>
          </li>
        );
      })}
    </ul>
  );
}

export function AddReaction({ message }: { message: WireMessage }) {
  const isOpen = useSignal(false);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!isOpen.value) return;
    const close = (event: Event) => {
      if (event.target instanceof Node && box.current?.contains(event.target) === true) return;
      isOpen.value = false;
    };
    addEventListener('pointerdown', close);
    box.current?.querySelector<HTMLElement>('.palette button')?.focus();
    return () => removeEventListener('pointerdown', close);
  }, [isOpen.value]);
  const leave = () => {
    isOpen.value = false;
    box.current?.querySelector('button')?.focus();
  };
  return (
    <div class="add-reaction" ref={box}>
      <button
        type="button"
        class="icon-button"
        aria-label={t('Add a reaction')}
        title={t('Add a reaction')}
        aria-expanded={isOpen.value}
        onClick={() => {
          isOpen.value = !isOpen.value;
        }}
      >
        <Icon name="smile" />
      </button>
      {isOpen.value && (
        <fieldset
          class="palette"
          aria-label={t('Reactions')}
          onKeyDown={(event) => {
            if (event.key === 'Escape') leave();
          }}
        >
          {MEANINGS.map(([emoji, meaning]) => (
            <button
              key={emoji}
              type="button"
              data-emoji={emoji}
              aria-label={t(meaning)}
              title={t(meaning)}
              onClick={() => {
                leave();
                react(message, emoji).catch(() => {});
              }}
            >
              {emoji}
            </button>
          ))}
        </fieldset>
      )}
    </div>
  );
}
