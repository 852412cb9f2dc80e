// The door, where other machines may come: an invite, or the host's token.

import { useSignal } from '@preact/signals';
import { api } from './api.ts';
import { Brand } from './icons.tsx';
import { t } from './words.ts';

export function SignIn({ reason, onSignedIn }: { reason: string; onSignedIn: () => void }) {
  const invite = /^\/invite\/([\w-]+)$/u.exec(location.pathname)?.[1] ?? null;
  const problem = useSignal('');
  const isBusy = useSignal(false);
  const signIn = async (given: { token: string } | { invite: string }) => {
    isBusy.value = true;
    problem.value = '';
    try {
      await api.signIn(given);
      history.replaceState(null, '', '/');
      onSignedIn();
    } catch (thrown) {
      problem.value = thrown instanceof Error ? thrown.message : t('Easel cannot be reached.');
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
      <h1>{t(invite === null ? 'Sign in' : 'You are invited')}</h1>
      {invite === null ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const token = new FormData(event.currentTarget).get('token');
            if (typeof token === 'string' && token !== '') signIn({ token }).catch(() => {});
          }}
        >
          <p>{reason}</p>
          <label>
            <span>{t('Host token')}</span>
            <input
              name="token"
              type="password"
              autocomplete="current-password"
              required
              ref={(input) => input?.focus()}
            />
          </label>
          <button type="submit" class="button is-main" disabled={isBusy.value}>
            {t('Sign in')}
          </button>
        </form>
      ) : (
        <>
          <p>{t('This link works once. It lets this browser in.')}</p>
          <button
            type="button"
            class="button is-main"
            disabled={isBusy.value}
            onClick={() => void signIn({ invite }).catch(() => {})}
          >
            {t('Come in')}
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
