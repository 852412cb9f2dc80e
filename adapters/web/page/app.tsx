// The page as a whole: who is here on the left, the channel or the gallery, and what opens over them.

import { Channel } from './channel.tsx';
import { Composer } from './composer.tsx';
import { DeskForm } from './desk-form.tsx';
import { EditForm } from './edit-form.tsx';
import { Gallery } from './gallery.tsx';
import { Icon } from './icons.tsx';
import { Lightbox } from './lightbox.tsx';
import { Lineage } from './lineage.tsx';
import { Settings } from './settings.tsx';
import { Sidebar } from './sidebar.tsx';
import { SignIn } from './sign-in.tsx';
import { announcement, isConnected, isMenuOpen, online, place, shownLineage, signInReason, toast } from './state.ts';
import { t } from './words.ts';

export function App({ onSignedIn }: { onSignedIn: () => void }) {
  if (signInReason.value !== null) return <SignIn reason={signInReason.value} onSignedIn={onSignedIn} />;
  const isGallery = place.value === 'gallery';
  return (
    <div class={shownLineage.value === null ? 'frame' : 'frame with-panel'}>
      <a class="skip" href="#box">
        {t('Skip to the message box')}
      </a>
      <Sidebar />
      <main class="main" aria-label={t(isGallery ? 'Gallery' : 'Studio')}>
        <header class="head">
          <button
            type="button"
            class="icon-button only-narrow"
            aria-label={t('Menu')}
            aria-expanded={isMenuOpen.value}
            onClick={() => {
              isMenuOpen.value = !isMenuOpen.value;
            }}
          >
            <Icon name="menu" />
          </button>
          <h1>
            <span class="hash" aria-hidden="true">
              {isGallery ? '★' : '#'}
            </span>
            {t(isGallery ? 'gallery' : 'studio')}
          </h1>
          <p class="head-note">{t(isGallery ? 'Pictures that somebody kept' : 'Say what to draw')}</p>
          <p class="head-online" title={t('People with this page open')}>
            <span class="dot" aria-hidden="true" />
            {t('{count} here', { count: online.value.length })}
          </p>
        </header>
        {!isConnected.value && (
          <p class="gap" role="status">
            {t('Connection lost. It comes back by itself, and so does what you missed.')}
          </p>
        )}
        {isGallery ? <Gallery /> : <Channel />}
        {!isGallery && <Composer />}
      </main>
      {shownLineage.value !== null && <Lineage id={shownLineage.value} />}
      <Lightbox />
      <EditForm />
      <DeskForm />
      <Settings />
      <div class={toast.value === '' ? 'toast' : 'toast is-shown'} role="status">
        {toast.value}
      </div>
      <div class="only-heard" aria-live="polite">
        {announcement.value}
      </div>
    </div>
  );
}
