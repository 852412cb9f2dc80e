// What holds for one person: whether they may draw now, by which rules, and what they have left; grant, reset, block.

import { useSignal } from '@preact/signals';
import type { WireName, WireStep, WireWhy } from '../../admin/wire.ts';
import { api } from './api.ts';
import { formatDate, formatNumber, limitLabel, ruleValue } from './format.ts';
import { change, wordsOf } from './load.ts';
import { Card, Meter, Problem } from './parts.tsx';

const OUTCOMES: Record<WireStep['outcome'], string> = {
  passes: 'lets it pass',
  refuses: 'refuses',
  overridden: 'something more specific counts',
  shadow: 'would refuse, but only watches',
};
const GRANTED = 20;

export function Why({ people, again }: { people: readonly WireName[]; again: () => void }) {
  const asked = useSignal('');
  const why = useSignal<WireWhy | null>(null);
  const problem = useSignal('');
  const ask = async (who: string) => {
    try {
      why.value = await api.why(people.find(({ name }) => name === who)?.id ?? who.trim());
      problem.value = '';
    } catch (thrown) {
      problem.value = wordsOf(thrown);
    }
  };
  const act = async (action: Parameters<typeof change>[0], done: string) => {
    const shown = why.peek();
    if (shown === null) return;
    await change(action, done, () => {
      again();
      ask(shown.who.id).catch(() => {});
    });
  };
  return (
    <Card title="Why?" note="What holds for one person now, rule by rule.">
      <form
        class="form is-line"
        onSubmit={(event) => {
          event.preventDefault();
          if (asked.value.trim() !== '') ask(asked.value).catch(() => {});
        }}
      >
        <label>
          <span>Person</span>
          <input
            list="people"
            value={asked.value}
            placeholder="Name or id"
            autocomplete="off"
            onInput={(event) => {
              asked.value = event.currentTarget.value;
            }}
          />
          <datalist id="people">
            {people.map(({ id, name }) => (
              <option key={id} value={name} />
            ))}
          </datalist>
        </label>
        <button type="submit" class="button">
          Ask
        </button>
      </form>
      <Problem text={problem.value} />
      {why.value !== null && <Answer why={why.value} act={act} />}
    </Card>
  );
}

function Answer({
  why,
  act,
}: {
  why: WireWhy;
  act: (action: Parameters<typeof change>[0], done: string) => Promise<void>;
}) {
  const { who, allowed, reason, last, chain, bars } = why;
  const user = who.id;
  const isBlocked = chain.some(({ rule, outcome }) => rule?.limit === 'blocked' && outcome === 'refuses');
  return (
    <div class="why">
      <p class={allowed ? 'verdict is-good' : 'verdict is-bad'}>
        {who.name} {allowed ? 'may draw now' : 'would be refused now'}
        {reason !== null && <span>{reason}</span>}
      </p>
      {last !== null && (
        <p class="card-note">
          Last refused {formatDate(last.atMs)}: {last.reason}
        </p>
      )}
      <ul class="bars" aria-label={`What ${who.name} has left`}>
        {bars.map((bar) => (
          <li key={`${bar.limit}${bar.countedPer}`}>
            <span>
              {limitLabel(bar.limit)}: {formatNumber(bar.left)} of {formatNumber(bar.max)} left
            </span>
            <Meter share={bar.max === 0 ? 1 : bar.used / bar.max} label={`Used: ${limitLabel(bar.limit)}`} />
          </li>
        ))}
      </ul>
      <ol class="chain" aria-label="Rules that were looked at">
        {chain.map((step, index) => (
          <li key={step.rule?.id ?? index} class={step.outcome === 'refuses' ? 'is-bad' : undefined}>
            <strong>
              {step.rule === null ? step.scopeName : `${limitLabel(step.rule.limit)}: ${ruleValue(step.rule)}`}
            </strong>
            <span>
              {step.rule === null ? '' : `${step.scopeName} · `}
              {OUTCOMES[step.outcome]}
              {step.used !== null && step.max !== null
                ? ` (${formatNumber(step.used)} of ${formatNumber(step.max)})`
                : ''}
              {step.passesAtMs === null ? '' : `, until ${formatDate(step.passesAtMs)}`}
            </span>
          </li>
        ))}
      </ol>
      <span class="buttons">
        <button
          type="button"
          class="button"
          onClick={() =>
            void act(
              { do: 'grant', user, limit: 'picturesPerDay', amount: GRANTED },
              `${GRANTED} more today for ${who.name}.`,
            )
          }
        >
          {GRANTED} more today
        </button>
        <button
          type="button"
          class="button"
          onClick={() => void act({ do: 'reset', user }, `${who.name} starts anew.`)}
        >
          Count anew
        </button>
        <button
          type="button"
          class="button is-danger"
          onClick={() =>
            void (isBlocked
              ? act({ do: 'unblock', user }, `${who.name} may draw again.`)
              : act({ do: 'block', user }, `${who.name} is blocked.`))
          }
        >
          {isBlocked ? 'Unblock' : 'Block'}
        </button>
      </span>
    </div>
  );
}
