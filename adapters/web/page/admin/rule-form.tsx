// One limit to set: for whom, how much, counted how; and how many are above it before it is set.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { WireLimitPreview, WireLimits, WireName, WireRule, WireScope } from '../../admin/wire.ts';
import { api } from './api.ts';
import { NUMBER_LIMITS } from './format.ts';
import { change, wordsOf } from './load.ts';
import { Problem } from './parts.tsx';
import { me } from './state.ts';

const ASK_AFTER_MS = 400;

function idOf(scope: WireScope): string {
  switch (scope.kind) {
    case 'channel':
      return scope.channel;
    case 'role':
      return scope.role;
    case 'user':
      return scope.user;
    default:
      return '';
  }
}

export function RuleForm({
  limits,
  edited,
  onDone,
}: {
  limits: WireLimits;
  edited: WireRule | null;
  onDone: () => void;
}) {
  const rule = edited?.rule;
  const limit = useSignal(rule?.limit ?? 'picturesPerDay');
  const amount = useSignal(typeof rule?.value === 'number' ? String(rule.value) : '');
  const isUnlimited = useSignal(rule !== undefined && rule.value === null);
  const scope = useSignal<string>(rule?.scope.kind ?? 'tenant');
  const who = useSignal(rule === undefined ? '' : idOf(rule.scope));
  const per = useSignal(rule?.countedPer ?? 'user');
  const isShadow = useSignal(rule?.mode === 'shadow');
  const preview = useSignal<WireLimitPreview | null>(null);
  const problem = useSignal('');

  const needsWho = scope.value === 'channel' || scope.value === 'role' || scope.value === 'user';
  const known: readonly WireName[] =
    { channel: limits.channels, role: limits.roles, user: limits.people }[scope.value as 'channel'] ?? [];
  const kind = NUMBER_LIMITS.find(({ name }) => name === limit.value);
  const isReady = (isUnlimited.value || amount.value !== '') && (!needsWho || who.value.trim() !== '');
  const draft = () => ({
    scope: needsWho
      ? { kind: scope.value, id: known.find(({ name }) => name === who.value)?.id ?? who.value.trim() }
      : { kind: scope.value },
    limit: limit.value,
    value: isUnlimited.value ? null : Number(amount.value),
    countedPer: kind?.isCounted === true ? per.value : 'user',
    mode: isShadow.value ? 'shadow' : 'enforce',
  });
  const text = isReady ? JSON.stringify(draft()) : '';

  useEffect(() => {
    preview.value = null;
    problem.value = '';
    if (text === '') return;
    let isWanted = true;
    const timer = setTimeout(() => {
      api.preview(JSON.parse(text)).then(
        (found) => {
          if (isWanted) preview.value = found;
        },
        (thrown: unknown) => {
          if (isWanted) problem.value = wordsOf(thrown);
        },
      );
    }, ASK_AFTER_MS);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [text]);

  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isReady) return;
        change({ do: 'set', draft: draft() }, 'The limit is in force.', onDone).catch(() => {});
      }}
    >
      <label>
        <span>What</span>
        <select
          value={limit.value}
          disabled={edited !== null}
          onChange={(event) => {
            limit.value = event.currentTarget.value;
          }}
        >
          {NUMBER_LIMITS.map(({ name, label }) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>How much</span>
        <input
          type="number"
          inputMode="decimal"
          min="0"
          step="any"
          value={amount.value}
          disabled={isUnlimited.value}
          onInput={(event) => {
            amount.value = event.currentTarget.value;
          }}
        />
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={isUnlimited.value}
          onChange={(event) => {
            isUnlimited.value = event.currentTarget.checked;
          }}
        />
        <span>no limit</span>
      </label>
      <label>
        <span>For whom</span>
        <select
          value={scope.value}
          disabled={edited !== null}
          onChange={(event) => {
            scope.value = event.currentTarget.value;
            who.value = '';
          }}
        >
          <option value="tenant">Everyone here</option>
          <option value="channel">A channel</option>
          <option value="role">A role</option>
          <option value="user">A person</option>
          {me.value?.isHost === true && <option value="host">Everywhere (ceiling)</option>}
        </select>
      </label>
      {needsWho && (
        <label>
          <span>Which</span>
          <input
            list="scope-names"
            value={who.value}
            disabled={edited !== null}
            placeholder="Name or id"
            autocomplete="off"
            onInput={(event) => {
              who.value = event.currentTarget.value;
            }}
          />
          <datalist id="scope-names">
            {known.map(({ id, name }) => (
              <option key={id} value={name} />
            ))}
          </datalist>
        </label>
      )}
      {kind?.isCounted === true && (
        <label>
          <span>Counted for</span>
          <select
            value={per.value}
            disabled={edited !== null}
            onChange={(event) => {
              per.value = event.currentTarget.value;
            }}
          >
            <option value="user">each person</option>
            <option value="channel">each channel together</option>
            <option value="tenant">everyone together</option>
          </select>
        </label>
      )}
      <label class="check">
        <input
          type="checkbox"
          checked={isShadow.value}
          disabled={edited !== null}
          onChange={(event) => {
            isShadow.value = event.currentTarget.checked;
          }}
        />
        <span>only watch (refuses nobody)</span>
      </label>
      <p class="preview" aria-live="polite">
        {preview.value !== null && previewWords(preview.value)}
      </p>
      <Problem text={problem.value} />
      <span class="buttons">
        <button type="submit" class="button is-main" disabled={!isReady}>
          {edited === null ? 'Set' : 'Change'}
        </button>
        {edited !== null && (
          <button type="button" class="button is-quiet" onClick={onDone}>
            Leave it
          </button>
        )}
      </span>
    </form>
  );
}

function previewWords({ active, above, countedPer }: WireLimitPreview): string {
  if (above === null) return 'Nothing is counted for this limit, so nobody can be said to be above it.';
  const kind = { user: 'people', channel: 'channels', tenant: 'places' }[countedPer as 'user'] ?? 'people';
  if (active === 0) return `No ${kind} drew here this month: nobody is above this.`;
  const all = active === 1 ? `the one ${kind === 'people' ? 'person' : kind.slice(0, -1)}` : `the ${active} ${kind}`;
  return `${above} of ${all} who drew this month ${above === 1 ? 'is' : 'are'} above this.`;
}
