// Limits: the rules by scope, what holds for one person and why, plans, blocked words, and all of it as YAML.

import { useSignal } from '@preact/signals';
import type { WireLimits, WireRule } from '../../admin/wire.ts';
import { Icon } from '../icons.tsx';
import { api } from './api.ts';
import { countedWords, limitLabel, ruleValue } from './format.ts';
import { change, useLoaded } from './load.ts';
import { Card, Empty, Problem } from './parts.tsx';
import { RuleForm } from './rule-form.tsx';
import { me } from './state.ts';
import { Why } from './why.tsx';
import { Words } from './words.tsx';
import { Yaml } from './yaml.tsx';

const GROUPS: readonly { readonly kind: string; readonly title: string; readonly note: string }[] = [
  { kind: 'host', title: 'Ceilings of the host', note: 'Nobody gets beyond these.' },
  { kind: 'tenant', title: 'Everyone here', note: 'Holds where nothing below says otherwise.' },
  { kind: 'channel', title: 'Channels', note: 'Goes before what holds for everyone.' },
  { kind: 'role', title: 'Roles', note: 'Goes before channels; of several roles the most generous counts.' },
  { kind: 'user', title: 'People', note: 'Goes before everything but the ceilings.' },
];

const PLAN_WORDS: Readonly<Record<string, string>> = {
  open: 'Open: no limits of its own',
  small: 'Small server: 100 pictures a day each',
  big: 'Big server: 60 a day each, one at a time',
  paid: 'Paid roles: 12 a day, 200 for a role',
  event: 'Event: short turns for a crowd',
};

export function Limits() {
  const loaded = useLoaded(api.limits);
  const edited = useSignal<WireRule | null>(null);
  const limits = loaded.value.value;
  if (limits === null) return <Problem text={loaded.problem.value} />;
  return (
    <div class="columns">
      <div class="stack">
        <Card title={edited.value === null ? 'Set a limit' : 'Change a limit'}>
          <RuleForm
            key={edited.value?.rule.id ?? 'new'}
            limits={limits}
            edited={edited.value}
            onDone={() => {
              edited.value = null;
              loaded.again();
            }}
          />
        </Card>
        {GROUPS.map(({ kind, title, note }) => {
          const rules = limits.rules.filter(({ rule }) => rule.scope.kind === kind);
          if (rules.length === 0 && kind !== 'tenant') return null;
          return (
            <Card key={kind} title={title} note={note}>
              {rules.length === 0 ? (
                <Empty>No rules yet. A plan sets sensible ones in one click.</Empty>
              ) : (
                <ul class="rules" aria-label={title}>
                  {rules.map((each) => (
                    <Rule
                      key={each.rule.id}
                      of={each}
                      again={loaded.again}
                      onEdit={() => {
                        edited.value = each;
                        scrollTo({ top: 0 });
                      }}
                    />
                  ))}
                </ul>
              )}
            </Card>
          );
        })}
      </div>
      <div class="stack">
        <Why people={limits.people} again={loaded.again} />
        <Plans limits={limits} again={loaded.again} />
        <Words settings={limits.settings} again={loaded.again} />
        <Yaml again={loaded.again} />
      </div>
    </div>
  );
}

function Rule({ of: { rule, scopeName }, onEdit, again }: { of: WireRule; onEdit: () => void; again: () => void }) {
  const isNumber = typeof rule.value === 'number';
  const isTheirs = rule.scope.kind !== 'host' || me.value?.isHost === true;
  const name = `${limitLabel(rule.limit)}, ${scopeName}`;
  return (
    <li class="rule">
      <span class="rule-text">
        <strong>
          {isNumber || rule.value === null ? ruleValue(rule) : `${limitLabel(rule.limit)}: ${ruleValue(rule)}`}
        </strong>
        <span>
          {rule.value === null ? `${limitLabel(rule.limit)} · ` : ''}
          {scopeName} · {countedWords(rule.countedPer)}
          {rule.mode === 'shadow' && <em class="tag">only watches</em>}
        </span>
      </span>
      <span class="buttons">
        {isTheirs && (isNumber || rule.value === null) && (
          <button type="button" class="icon-button" aria-label={`Change: ${name}`} title="Change" onClick={onEdit}>
            <Icon name="edit" />
          </button>
        )}
        {isTheirs && (
          <button
            type="button"
            class="icon-button"
            aria-label={`Remove: ${name}`}
            title="Remove"
            onClick={() => void change({ do: 'remove', rule: rule.id }, 'Removed.', again)}
          >
            <Icon name="remove" />
          </button>
        )}
      </span>
    </li>
  );
}

function Plans({ limits, again }: { limits: WireLimits; again: () => void }) {
  const role = useSignal('');
  return (
    <Card title="Plans" note="Replaces the counted rules of this place. It can be undone.">
      <ul class="plans">
        {limits.plans.map(({ name, needs }) => (
          <li key={name}>
            <span>{PLAN_WORDS[name] ?? name}</span>
            {needs.includes('role') && (
              <input
                aria-label="Role of those who pay"
                placeholder="Role"
                list="roles"
                value={role.value}
                onInput={(event) => {
                  role.value = event.currentTarget.value;
                }}
              />
            )}
            <button
              type="button"
              class="button"
              aria-label={`Use the plan: ${PLAN_WORDS[name] ?? name}`}
              onClick={() => {
                const id = limits.roles.find((each) => each.name === role.value)?.id ?? role.value;
                const given = needs.includes('role') ? { role: id } : {};
                change({ do: 'plan', plan: name, ...given }, 'The plan is in force.', again).catch(() => {});
              }}
            >
              Use
            </button>
          </li>
        ))}
      </ul>
    </Card>
  );
}
