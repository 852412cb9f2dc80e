// The frame of the admin page: views on the left (a menu on a phone), the place that is looked at, what was just done.

import type { ComponentChildren } from 'preact';
import { Brand, Icon, type IconName } from '../icons.tsx';
import { isDark, toggleTheme } from '../theme.ts';
import { api } from './api.ts';
import { attempt } from './load.ts';
import { doorReason, go, here, isMenuOpen, lookAt, me, said, type ViewName, view } from './state.ts';

const ENTRIES: readonly { readonly view: ViewName; readonly label: string; readonly icon: IconName }[] = [
  { view: 'live', label: 'Live', icon: 'brush' },
  { view: 'limits', label: 'Limits', icon: 'sliders' },
  { view: 'usage', label: 'Usage', icon: 'chart' },
  { view: 'gallery', label: 'Gallery', icon: 'gallery' },
  { view: 'audit', label: 'Audit log', icon: 'log' },
  { view: 'sessions', label: 'Sessions', icon: 'lock' },
];

export function Frame({ children }: { children: ComponentChildren }) {
  const entry = ENTRIES.find((each) => each.view === view.value);
  return (
    <div class="admin">
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <aside class={isMenuOpen.value ? 'side is-open' : 'side'} aria-label="Views">
        <p class="brand">
          <Brand />
          Easel admin
        </p>
        <PlaceSelect />
        <nav aria-label="Views">
          {ENTRIES.map(({ view: to, label, icon }) => (
            <a
              key={to}
              class="place"
              href={`/admin/${to}`}
              aria-current={view.value === to ? 'page' : undefined}
              onClick={(event) => {
                event.preventDefault();
                go(to);
              }}
            >
              <Icon name={icon} />
              {label}
            </a>
          ))}
        </nav>
        <Me />
      </aside>
      {isMenuOpen.value && (
        <button
          type="button"
          class="shade only-narrow"
          aria-label="Close the menu"
          onClick={() => {
            isMenuOpen.value = false;
          }}
        />
      )}
      <main class="main" id="content" tabIndex={-1}>
        <header class="admin-head">
          <button
            type="button"
            class="icon-button only-narrow"
            aria-label="Menu"
            aria-expanded={isMenuOpen.value}
            onClick={() => {
              isMenuOpen.value = !isMenuOpen.value;
            }}
          >
            <Icon name="menu" />
          </button>
          <h1>{entry?.label}</h1>
          <p class="head-note">{nameOfPlace()}</p>
        </header>
        <div class="content">{children}</div>
      </main>
      <div class={said.value === null ? 'toast' : 'toast is-shown'} role="status">
        {said.value?.text}
        {said.value?.undo != null && (
          <button type="button" class="toast-undo" onClick={said.value.undo}>
            Undo
          </button>
        )}
      </div>
    </div>
  );
}

function nameOfPlace(): string {
  const now = here.value ?? me.value?.place;
  const known = me.value?.places.find(({ platform, tenant }) => platform === now?.platform && tenant === now.tenant);
  return (known ?? now)?.name ?? '';
}

function PlaceSelect() {
  const places = me.value?.places ?? [];
  if (places.length < 2) return null;
  const now = here.value ?? me.value?.place;
  const keyOf = (place: { platform: string; tenant: string }) => `${place.platform}/${place.tenant}`;
  return (
    <label class="place-select">
      <span>Place</span>
      <select
        value={now === undefined ? '' : keyOf(now)}
        onChange={(event) => {
          const chosen = places.find((place) => keyOf(place) === event.currentTarget.value);
          if (chosen !== undefined) lookAt(chosen);
        }}
      >
        {places.map((place) => (
          <option key={keyOf(place)} value={keyOf(place)}>
            {place.name}
          </option>
        ))}
      </select>
    </label>
  );
}

function Me() {
  const leave = async () => {
    if (!(await attempt(api.leave))) return;
    me.value = null;
    doorReason.value = 'You are signed out.';
  };
  return (
    <div class="me">
      <span class="me-name">
        <strong>{me.value?.name}</strong>
        <small>{me.value?.isHost === true ? 'Host' : 'Admin'}</small>
      </span>
      <a class="icon-button" href="/" aria-label="Back to the chat" title="Back to the chat">
        <Icon name="left" />
      </a>
      <button
        type="button"
        class="icon-button"
        aria-label="Sign out"
        title="Sign out"
        onClick={() => void leave().catch(() => {})}
      >
        <Icon name="lock" />
      </button>
      <button
        type="button"
        class="icon-button"
        aria-label={isDark() ? 'Light colours' : 'Dark colours'}
        title={isDark() ? 'Light colours' : 'Dark colours'}
        onClick={toggleTheme}
      >
        <Icon name={isDark() ? 'sun' : 'moon'} />
      </button>
    </div>
  );
}
