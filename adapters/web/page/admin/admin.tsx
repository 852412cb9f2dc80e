// Starts the admin page: who looks, and the view that the address names.

import './admin.css';
import { render } from 'preact';
import { applyTheme } from '../theme.ts';
import { api, Refusal } from './api.ts';
import { Audit } from './audit.tsx';
import { Door } from './door.tsx';
import { Frame } from './frame.tsx';
import { Gallery } from './gallery.tsx';
import { Limits } from './limits.tsx';
import { Live } from './live.tsx';
import { Sessions } from './sessions.tsx';
import { doorReason, me, type ViewName, view, viewOf } from './state.ts';
import { Usage } from './usage.tsx';

const VIEW: Record<ViewName, () => preact.JSX.Element> = {
  live: Live,
  limits: Limits,
  usage: Usage,
  gallery: Gallery,
  audit: Audit,
  sessions: Sessions,
};

async function enter(): Promise<void> {
  try {
    me.value = await api.me();
    doorReason.value = null;
  } catch (thrown) {
    const isDoor = thrown instanceof Refusal && thrown.status === 401;
    doorReason.value = isDoor
      ? 'Sign in to see and steer what is drawn.'
      : 'Easel cannot be reached. Load the page again.';
  }
}

function App() {
  if (doorReason.value !== null) {
    return <Door reason={doorReason.value} onEntered={() => void enter().catch(() => {})} />;
  }
  if (me.value === null) return <p class="loading-page">Loading…</p>;
  const View = VIEW[view.value];
  return (
    <Frame>
      <View />
    </Frame>
  );
}

applyTheme();
addEventListener('popstate', () => {
  view.value = viewOf(location.pathname);
});
const root = document.getElementById('app');
if (root !== null) render(<App />, root);
if (location.pathname.startsWith('/admin/link/')) doorReason.value = '';
else enter().catch(() => {});
