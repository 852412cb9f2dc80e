// All rules of this place as one text: to keep, to read, to bring back.

import { useSignal } from '@preact/signals';
import { address, api } from './api.ts';
import { attempt, wordsOf } from './load.ts';
import { Card, Problem } from './parts.tsx';

export function Yaml({ again }: { again: () => void }) {
  const typed = useSignal('');
  const found = useSignal<string | null>(null);
  const problem = useSignal('');
  const look = async () => {
    try {
      const { changes } = await api.importYaml(typed.value, true);
      found.value = changes === 0 ? 'This is what holds already.' : `This would change ${changes} rules or settings.`;
      problem.value = '';
    } catch (thrown) {
      found.value = null;
      problem.value = wordsOf(thrown);
    }
  };
  const apply = async () => {
    if (await attempt(() => api.importYaml(typed.value, false), 'Imported.')) again();
  };
  return (
    <Card
      title="As YAML"
      aside={
        <a class="button" href={address('limits.yaml')} download="easel-limits.yaml">
          Export
        </a>
      }
    >
      <form
        class="form is-tall"
        onSubmit={(event) => {
          event.preventDefault();
          look().catch(() => {});
        }}
      >
        <label>
          <span>Import: replaces the rules of this place</span>
          <textarea
            rows={4}
            class="code"
            spellcheck={false}
            value={typed.value}
            onInput={(event) => {
              typed.value = event.currentTarget.value;
              found.value = null;
            }}
          />
        </label>
        <Problem text={problem.value} />
        {found.value !== null && <p class="preview">{found.value}</p>}
        <span class="buttons">
          <button type="submit" class="button" disabled={typed.value.trim() === ''}>
            Look first
          </button>
          <button
            type="button"
            class="button is-main"
            disabled={found.value === null}
            onClick={() => void apply().catch(() => {})}
          >
            Import
          </button>
        </span>
      </form>
    </Card>
  );
}
