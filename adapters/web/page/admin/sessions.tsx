// Who is signed in here, and the end of it.

import { api } from './api.ts';
import { formatDate } from './format.ts';
import { attempt, useLoaded } from './load.ts';
import { Card, Problem } from './parts.tsx';

const VIA = { link: 'by a link from chat', web: 'from the web chat', host: 'as the host' } as const;

export function Sessions() {
  const loaded = useLoaded(api.sessions);
  const end = async (id: string) => {
    if (await attempt(() => api.endSession(id), 'Signed out.')) loaded.again();
  };
  return (
    <Card title="Signed in" note="Somebody who is no admin any more is shut out at once; a session ends after a week.">
      <Problem text={loaded.problem.value} />
      <ul class="rules">
        {loaded.value.value?.map(({ id, name, via, place, createdAtMs, expiresAtMs, isMine }) => (
          <li key={id} class="rule">
            <span class="rule-text">
              <strong>
                {name}
                {isMine && <em class="tag">this browser</em>}
              </strong>
              <span>
                {place.name} · {VIA[via]} · since {formatDate(createdAtMs)}, until {formatDate(expiresAtMs)}
              </span>
            </span>
            <button
              type="button"
              class="button is-quiet"
              aria-label={`Sign out ${name}, since ${formatDate(createdAtMs)}`}
              onClick={() => void end(id).catch(() => {})}
            >
              Sign out
            </button>
          </li>
        ))}
      </ul>
    </Card>
  );
}
