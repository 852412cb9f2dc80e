// The door of the admin page: a link from chat, the host's token, or the session of an admin of the web chat.

import { useSignal } from '@preact/signals';
import { Brand } from '../icons.tsx';
import { api } from './api.ts';
import { wordsOf } from './load.ts';

export function Door({ reason, onEntered }: { reason: string; onEntered: () => void }) {
  const link = /^\/admin\/link\/([\w-]+)$/u.exec(location.pathname)?.[1] ?? null;
  const problem = useSignal('');
  const isBusy = useSignal(false);
  const enter = async (given: Parameters<typeof api.enter>[0]) => {
    isBusy.value = true;
    problem.value = '';
    try {
      await api.enter(given);
      if (link !== null) history.replaceState(null, '', '/admin');
      onEntered();
    } catch (thrown) {
      problem.value = wordsOf(thrown);
    } finally {
      isBusy.value = false;
    }
  };
  return (
    <main class="door">
      <p class="brand">
        <Brand />
        Easel
      </p>
      <h1>{link === null ? 'Web admin' : 'Welcome, admin'}</h1>
      {link === null ? (
        <>
          <p>{reason}</p>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              const token = new FormData(event.currentTarget).get('token');
              if (typeof token === 'string' && token !== '') enter({ token }).catch(() => {});
            }}
          >
            <label>
              <span>Host token</span>
              <input name="token" type="password" autocomplete="current-password" required />
            </label>
            <button type="submit" class="button is-main" disabled={isBusy.value}>
              Sign in
            </button>
          </form>
          <p class="door-or">
            Or: <code>/easel admin</code> in a chat gives an admin a link; <code>npx easel admin</code> gives one to
            whoever runs Easel.
          </p>
          <button
            type="button"
            class="button"
            disabled={isBusy.value}
            onClick={() => void enter({ web: true }).catch(() => {})}
          >
            I am an admin of the web chat
          </button>
        </>
      ) : (
        <>
          <p>This link works once. It signs this browser in for a week.</p>
          <button
            type="button"
            class="button is-main"
            disabled={isBusy.value}
            onClick={() => void enter({ link }).catch(() => {})}
          >
            Come in
          </button>
        </>
      )}
      {problem.value !== '' && (
        <p class="problem" role="alert">
          {problem.value}
        </p>
      )}
    </main>
  );
}
