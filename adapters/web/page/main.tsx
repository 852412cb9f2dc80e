// Starts the page: who I am, what is there, and what happens from now on.

import './styles/main.css';
import { render } from 'preact';
import { api, Refusal } from './api.ts';
import { App } from './app.tsx';
import { listen } from './live.ts';
import { place, session, signInReason, vocabulary } from './state.ts';
import { applyTheme } from './theme.ts';
import { setLocale, t } from './words.ts';

export async function enter(): Promise<void> {
  try {
    session.value = await api.session();
    setLocale(session.value.locale);
    signInReason.value = null;
  } catch (thrown) {
    signInReason.value =
      thrown instanceof Refusal ? thrown.message : t('Easel cannot be reached. Load the page again.');
    return;
  }
  listen();
  vocabulary.value = await api.vocabulary();
}

applyTheme();
addEventListener('popstate', () => {
  place.value = location.pathname === '/gallery' ? 'gallery' : 'studio';
});
const root = document.getElementById('app');
if (root !== null) render(<App onSignedIn={() => void enter().catch(() => {})} />, root);
if (location.pathname.startsWith('/invite/')) signInReason.value = t('You are invited.');
else enter().catch(() => {});
