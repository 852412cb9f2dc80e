// The messages, oldest on top, newest next to the box. Older ones come as one scrolls up; only those near the eye are in the page.

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { fillBox } from './composer.tsx';
import { Icon } from './icons.tsx';
import { loadOlder } from './live.ts';
import { Message } from './message.tsx';
import { forgetScroller, Near } from './near.tsx';
import { Note } from './note.tsx';
import { isLoading, messageOf, notes, older, order } from './state.ts';
import { t } from './words.ts';

const AT_END_PX = 120;
const LOAD_AHEAD = '1200px';
const EXAMPLES = [
  'a red fox under a rainbow',
  'three yellow stars on a dark blue ground',
  'a {green,purple} cat --n 2',
];

export function Channel() {
  const scroller = useRef<HTMLDivElement>(null);
  const top = useRef<HTMLDivElement>(null);
  const isAtEnd = useSignal(true);

  useEffect(() => {
    const sentinel = top.current;
    if (sentinel === null) return;
    const seen = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) loadOlder().catch(() => {});
      },
      { root: scroller.current, rootMargin: `${LOAD_AHEAD} 0px 0px 0px` },
    );
    seen.observe(sentinel);
    return () => seen.disconnect();
    // Observed anew after each page: a sentinel that stays in sight tells nothing twice.
  }, [older.value]);

  useEffect(() => forgetScroller, []);

  const toEnd = () => {
    scroller.current?.scrollTo({ top: 0 });
    isAtEnd.value = true;
  };
  // One's own request is always looked at.
  const lastNote = notes.value.at(-1)?.id;
  useEffect(() => {
    if (lastNote !== undefined) toEnd();
  }, [lastNote]);

  const isEmpty = order.value.length === 0 && !isLoading.value;
  return (
    <div class="scroll-frame">
      <div
        class="scroller"
        ref={scroller}
        onScroll={(event) => {
          // The scroller is laid out from its end: the end is 0, further up is negative.
          isAtEnd.value = Math.abs(event.currentTarget.scrollTop) < AT_END_PX;
        }}
      >
        <div class="messages">
          <div ref={top} class="top">
            {older.value !== null && <span class="loading">{t('Loading earlier pictures…')}</span>}
          </div>
          {isEmpty && <Welcome />}
          <ol aria-label={t('Messages')}>
            {order.value.map((id) => (
              <li key={id} id={`message-${id}`}>
                <Near id={id}>{() => <MessageOf id={id} />}</Near>
              </li>
            ))}
          </ol>
          {notes.value.map((local) => (
            <Note key={local.id} local={local} />
          ))}
        </div>
      </div>
      {!isAtEnd.value && (
        <button type="button" class="to-end" onClick={toEnd}>
          <Icon name="down" /> {t('Newest')}
        </button>
      )}
    </div>
  );
}

function MessageOf({ id }: { id: string }) {
  const message = messageOf(id);
  return message === undefined ? null : <Message message={message.value} />;
}

function Welcome() {
  return (
    <section class="welcome" aria-label={t('Welcome')}>
      <h2>{t('What shall I draw?')}</h2>
      <p>
        {t(
          'Type it below in your own words. Four pictures paint themselves from the top down; then re-roll, vary, upscale or keep them.',
        )}
      </p>
      <ul>
        {EXAMPLES.map((example) => (
          <li key={example}>
            <button type="button" class="example" onClick={() => fillBox(`/imagine ${example}`)}>
              {example}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
