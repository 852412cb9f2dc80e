// Pictures that somebody kept, newest first.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { WireMessage } from '../wire.ts';
import { api } from './api.ts';
import { altOf } from './pictures.tsx';
import { messageOf, nameOf, say, shownPicture, take } from './state.ts';
import { t } from './words.ts';

export function Gallery() {
  const kept = useSignal<readonly string[] | null>(null);
  const next = useSignal<string | null>(null);
  const add = (messages: readonly WireMessage[], after: string | null) => {
    take(messages);
    const ids = messages.map(({ id }) => id).reverse();
    kept.value = [...new Set([...(kept.peek() ?? []), ...ids])];
    next.value = after;
  };
  const load = async () => {
    try {
      const page = await api.gallery(next.peek());
      add(page.messages, page.next);
    } catch {
      say(t('The gallery cannot be loaded now.'));
    }
  };
  useEffect(() => {
    load().catch(() => {});
  }, []);
  const shown = (kept.value ?? []).flatMap((id) => {
    const message = messageOf(id)?.value;
    return message?.kept === true ? [message] : [];
  });
  return (
    <div class="scroller is-gallery">
      {kept.value !== null && shown.length === 0 && (
        <section class="welcome">
          <h2>{t('Nothing is kept yet')}</h2>
          <p>{t('Press “Keep” under pictures you like, or react with ⭐. They come here and never expire.')}</p>
        </section>
      )}
      <ul class="gallery" aria-label={t('Kept pictures')}>
        {shown.map((message) =>
          message.pictures.map(({ index, url }) =>
            url === null ? null : (
              <li key={`${message.id}/${index}`}>
                <button
                  type="button"
                  aria-label={t('Open: {what}', { what: altOf(message, index) })}
                  onClick={() => {
                    shownPicture.value = { id: message.id, index };
                  }}
                >
                  <img src={url} alt={altOf(message, index)} loading="lazy" decoding="async" />
                  <span class="gallery-words">
                    <span dir="auto">{message.prompt}</span>
                    <small>{nameOf(message.author)}</small>
                  </span>
                </button>
              </li>
            ),
          ),
        )}
      </ul>
      {next.value !== null && (
        <button type="button" class="button more" onClick={() => void load().catch(() => {})}>
          {t('Show more')}
        </button>
      )}
    </div>
  );
}
