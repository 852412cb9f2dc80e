// A thread of lineage: what a message was made from, and what was made from it.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { WireLineage, WireMessage } from '../wire.ts';
import { api } from './api.ts';
import { Icon } from './icons.tsx';
import { messageOf, nameOf, order, say, shownLineage, take } from './state.ts';
import { timeOfDay } from './time.ts';
import { t } from './words.ts';

export function Lineage({ id }: { id: string }) {
  const lineage = useSignal<WireLineage | null>(null);
  useEffect(() => {
    api.lineage(id).then(
      (found) => {
        lineage.value = found;
      },
      () => {
        shownLineage.value = null;
        say(t('This picture is not here any more.'));
      },
    );
    // Anew when something was made meanwhile.
  }, [id, order.value.length]);
  const close = () => {
    shownLineage.value = null;
  };
  const found = lineage.value;
  return (
    <aside
      class="panel"
      aria-label={t('Lineage')}
      onKeyDown={(event) => {
        if (event.key === 'Escape') close();
      }}
    >
      <header class="head">
        <Icon name="lineage" />
        <h2>{t('Lineage')}</h2>
        <button
          type="button"
          class="icon-button"
          aria-label={t('Close the lineage')}
          ref={(button) => button?.focus()}
          onClick={close}
        >
          <Icon name="close" />
        </button>
      </header>
      {found !== null && (
        <ol class="chain">
          {found.ancestors.map((message) => (
            <Link key={message.id} message={message} />
          ))}
          <Link message={messageOf(found.message.id)?.value ?? found.message} isSelf />
          {found.children.length > 0 && (
            <li class="children">
              <ol>
                {found.children.map((message) => (
                  <Link key={message.id} message={message} />
                ))}
              </ol>
            </li>
          )}
        </ol>
      )}
    </aside>
  );
}

const WORDS: Record<WireMessage['request'], string> = {
  imagine: 'Imagined',
  reroll: 'Rolled again',
  variation: 'Varied',
  upscale: 'Upscaled',
};

function Link({ message, isSelf = false }: { message: WireMessage; isSelf?: boolean }) {
  const { id, parent, pictures } = message;
  const of =
    parent === null || parent.pictureIndex === null
      ? ''
      : t(' from picture {picture}', { picture: parent.pictureIndex + 1 });
  return (
    <li class={isSelf ? 'link is-self' : 'link'}>
      <button
        type="button"
        aria-current={isSelf ? 'true' : undefined}
        onClick={() => {
          take([message]);
          shownLineage.value = id;
          requestAnimationFrame(() => reveal(id));
        }}
      >
        <span class="link-words">
          <strong>
            {t(WORDS[message.request])}
            {of}
          </strong>
          <small>
            {nameOf(message.author)}, {timeOfDay(message.createdAtMs)}
          </small>
          <span dir="auto">{message.prompt}</span>
        </span>
        <span class="link-pictures">
          {pictures.slice(0, 4).map(({ index, url }) => (url === null ? null : <img key={index} src={url} alt="" />))}
        </span>
      </button>
    </li>
  );
}

function reveal(id: string): void {
  const message = document.getElementById(`message-${id}`);
  message?.scrollIntoView({ block: 'center' });
  message?.classList.add('is-found');
  setTimeout(() => message?.classList.remove('is-found'), 1_600);
}
