// Who changed what, from what to what: filtered, undone, taken away as CSV.

import { useSignal } from '@preact/signals';
import type { WireAudit, WireChange } from '../../admin/wire.ts';
import { address, api } from './api.ts';
import { formatDate, limitLabel, ruleValue } from './format.ts';
import { change, usePages, wordsOf } from './load.ts';
import { Empty, Problem } from './parts.tsx';
import { say } from './state.ts';

const ACTIONS = [
  'set',
  'remove',
  'plan',
  'grant',
  'reset',
  'block',
  'unblock',
  'pause',
  'resume',
  'clear',
  'yaml',
  'settings',
  'undo',
] as const;
const UNDOABLE = (entry: WireAudit) => entry.undoneBy === null && entry.action !== 'undo' && entry.action !== 'clear';

export function Audit() {
  const action = useSignal('');
  const by = useSignal('');
  const asked = useSignal('');
  const query = () => ({ action: action.value, by: asked.value });
  const pages = usePages(
    (before) => api.audit({ ...query(), before }).then(({ entries, next }) => ({ items: entries, next })),
    [action.value, asked.value],
  );
  const { items: entries } = pages;
  return (
    <div class="stack">
      <form
        class="form is-line"
        onSubmit={(event) => {
          event.preventDefault();
          asked.value = by.value.trim();
        }}
      >
        <label>
          <span>Action</span>
          <select
            value={action.value}
            onChange={(event) => {
              action.value = event.currentTarget.value;
            }}
          >
            <option value="">all</option>
            {ACTIONS.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label>
          <span>Id of who did it</span>
          <input
            value={by.value}
            onInput={(event) => {
              by.value = event.currentTarget.value;
            }}
          />
        </label>
        <button type="submit" class="button">
          Filter
        </button>
        <a class="button" href={address('audit.csv', query())} download="easel-audit.csv">
          Export CSV
        </a>
      </form>
      <Problem text={pages.problem.value} />
      {pages.isLoaded && entries.length === 0 && <Empty>Nothing was changed yet.</Empty>}
      <ol class="audit" aria-label="Changes">
        {entries.map((entry) => (
          <li key={entry.id} class={entry.undoneBy === null ? 'entry' : 'entry is-undone'}>
            <span class="entry-text">
              <strong>
                {entry.by.name} · {entry.action}
              </strong>
              <span>
                {formatDate(entry.atMs)} · {entry.placeName}
                {entry.jobs > 0 ? ` · ${entry.jobs} requests cancelled` : ''}
                {entry.undoneBy === null ? '' : ' · undone'}
              </span>
              <ul class="entry-changes">
                {entry.changes.map((each, index) => (
                  <li key={index}>{changeWords(each)}</li>
                ))}
              </ul>
            </span>
            {UNDOABLE(entry) && (
              <button
                type="button"
                class="button is-quiet"
                onClick={() => void change({ do: 'undo', entry: entry.id }, 'Undone.', pages.again)}
              >
                Undo
              </button>
            )}
          </li>
        ))}
      </ol>
      {pages.hasMore && (
        <button type="button" class="button more" onClick={pages.more}>
          Older ones
        </button>
      )}
    </div>
  );
}

function changeWords({ kind, before, after }: WireChange): string {
  const words = (side: unknown): string => {
    if (typeof side !== 'object' || side === null) return 'nothing';
    if (kind === 'rule' && 'limit' in side && 'value' in side) {
      return `${limitLabel(String(side.limit))}: ${ruleValue({ limit: String(side.limit), value: side.value })}`;
    }
    if (kind === 'grant' && 'amount' in side && 'limit' in side) {
      return side.limit === 'since' ? 'counted anew' : `${String(side.amount)} more, ${limitLabel(String(side.limit))}`;
    }
    return 'settings of this place';
  };
  if (kind === 'settings') return settingsWords(before, after);
  return `${words(before)} → ${words(after)}`;
}

/** Only what is different. */
function settingsWords(before: unknown, after: unknown): string {
  const entriesOf = (side: unknown) => (typeof side === 'object' && side !== null ? Object.entries(side) : []);
  const old = new Map(entriesOf(before).map(([name, value]) => [name, JSON.stringify(value)]));
  const changed = entriesOf(after).filter(([name, value]) => JSON.stringify(value) !== old.get(name));
  return changed.map(([name, value]) => `${name}: ${JSON.stringify(value)}`).join(', ') || 'settings';
}
