// The places of the page, who is here, and oneself.

import { useSignal } from '@preact/signals';
import { go } from './actions.ts';
import { api } from './api.ts';
import { Avatar } from './avatar.tsx';
import { Brand, Icon } from './icons.tsx';
import { isMenuOpen, isSettingsOpen, names, online, type Place, place, say, session } from './state.ts';
import { isDark, toggleTheme } from './theme.ts';
import { t } from './words.ts';

const PLACES: readonly { readonly place: Place; readonly label: string; readonly icon: 'brush' | 'gallery' }[] = [
  { place: 'studio', label: 'Studio', icon: 'brush' },
  { place: 'gallery', label: 'Gallery', icon: 'gallery' },
];

export function Sidebar() {
  const close = () => {
    isMenuOpen.value = false;
  };
  return (
    <>
      <aside class={isMenuOpen.value ? 'side is-open' : 'side'} aria-label={t('Places and people')}>
        <p class="brand">
          <Brand />
          Easel
        </p>
        <nav aria-label={t('Places')}>
          {PLACES.map(({ place: to, label, icon }) => (
            <a
              key={to}
              class="place"
              href={to === 'gallery' ? '/gallery' : '/'}
              aria-current={place.value === to ? 'page' : undefined}
              onClick={(event) => {
                event.preventDefault();
                go(to);
                close();
              }}
            >
              <Icon name={icon} />
              {t(label)}
            </a>
          ))}
        </nav>
        <section class="people" aria-label={t('People here')}>
          <h2>{t('Here now')}</h2>
          <ul>
            {online.value.map((id) => (
              <li key={id}>
                <Avatar id={id} name={names.value.get(id) ?? t('Someone')} />
                <span>{names.value.get(id) ?? t('Someone')}</span>
                {id === session.value?.me.id && <span class="you">{t('you')}</span>}
              </li>
            ))}
          </ul>
        </section>
        <Me />
      </aside>
      {isMenuOpen.value && (
        <button type="button" class="shade only-narrow" aria-label={t('Close the menu')} onClick={close} />
      )}
    </>
  );
}

function Me() {
  const isNaming = useSignal(false);
  const me = session.value?.me;
  if (me === undefined) return null;
  const rename = async (form: HTMLFormElement) => {
    const name = new FormData(form).get('name');
    if (typeof name !== 'string') return;
    try {
      session.value = await api.rename(name);
      isNaming.value = false;
    } catch (thrown) {
      say(thrown instanceof Error ? thrown.message : t('This name was not taken.'));
    }
  };
  return (
    <div class="me">
      <Avatar id={me.id} name={me.name} />
      {isNaming.value ? (
        <form
          class="me-form"
          onSubmit={(event) => {
            event.preventDefault();
            rename(event.currentTarget).catch(() => {});
          }}
        >
          <input
            name="name"
            aria-label={t('Your name')}
            maxLength={32}
            autocomplete="off"
            defaultValue={me.name}
            ref={(input) => input?.select()}
            onKeyDown={(event) => {
              if (event.key === 'Escape') isNaming.value = false;
            }}
          />
        </form>
      ) : (
        <button
          type="button"
          class="me-name"
          title={t('Change your name')}
          onClick={() => {
            isNaming.value = true;
          }}
        >
          <strong>{me.name}</strong>
          <small>{t(me.role === 'admin' ? 'Admin' : 'Member')}</small>
        </button>
      )}
      <button
        type="button"
        class="icon-button"
        aria-label={t('Your settings')}
        title={t('Your settings')}
        onClick={() => {
          isSettingsOpen.value = true;
        }}
      >
        <Icon name="sliders" />
      </button>
      <button
        type="button"
        class="icon-button"
        aria-label={t(isDark() ? 'Light colours' : 'Dark colours')}
        title={t(isDark() ? 'Light colours' : 'Dark colours')}
        onClick={toggleTheme}
      >
        <Icon name={isDark() ? 'sun' : 'moon'} />
      </button>
    </div>
  );
}
