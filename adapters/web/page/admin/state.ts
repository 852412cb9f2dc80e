// What the admin page knows: who looks, at which place, and which view.

import { signal } from '@preact/signals';
import type { WireMe, WirePlace } from '../../admin/wire.ts';

export const VIEWS = ['live', 'limits', 'usage', 'gallery', 'audit', 'sessions'] as const;
export type ViewName = (typeof VIEWS)[number];

export const me = signal<WireMe | null>(null);
/** Why somebody has to sign in; null: they need not, or it is not known yet. */
export const doorReason = signal<string | null>(null);
/** null: one's own. In the address, so that it outlives a reload. */
export const here = signal<WirePlace | null>(placeOf(location.search));
export const view = signal<ViewName>(viewOf(location.pathname));
export const isMenuOpen = signal(false);
/** Said for a moment, to screen readers too. */
export const said = signal<{ readonly text: string; readonly undo: (() => void) | null } | null>(null);

export function viewOf(path: string): ViewName {
  const name = path.split('/')[2];
  return VIEWS.find((each) => each === name) ?? 'live';
}

/** Its name is known once one is signed in. */
function placeOf(search: string): WirePlace | null {
  const [platform, ...rest] = (new URLSearchParams(search).get('place') ?? '').split('/');
  const tenant = rest.join('/');
  return platform === undefined || platform === '' || tenant === '' ? null : { platform, tenant, name: tenant };
}

export function lookAt(place: WirePlace): void {
  here.value = place;
  history.replaceState(null, '', `${location.pathname}${searchOf(place)}`);
}

function searchOf(place: WirePlace | null): string {
  return place === null ? '' : `?place=${encodeURIComponent(`${place.platform}/${place.tenant}`)}`;
}

let timer: ReturnType<typeof setTimeout> | undefined;
const SAID_MS = 8_000;

export function say(text: string, undo: (() => void) | null = null): void {
  said.value = { text, undo };
  clearTimeout(timer);
  timer = setTimeout(() => {
    said.value = null;
  }, SAID_MS);
}

export function go(to: ViewName): void {
  history.pushState(null, '', `/admin/${to}${searchOf(here.peek())}`);
  view.value = to;
  isMenuOpen.value = false;
}
