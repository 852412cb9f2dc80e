// What an answer of the desk shows beside words: bars, fields, a menu, buttons, a file to take away.

import type { WireBar, WireNote } from '../wire.ts';
import { downloadText, pressDesk } from './actions.ts';
import { Icon } from './icons.tsx';
import { t } from './words.ts';

export function DeskAnswer({ note }: { note: WireNote }) {
  const { bars, fields, menu, file } = note;
  return (
    <>
      {bars.length > 0 && (
        <ul class="bars">
          {bars.map((bar) => (
            <Bar key={bar.label} bar={bar} />
          ))}
        </ul>
      )}
      {fields.length > 0 && (
        <dl class="note-fields">
          {fields.map(({ name, value }, index) => (
            // Two limits may be called the same.
            <div key={`${index} ${name}`}>
              <dt dir="auto">{name}</dt>
              <dd dir="auto">{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {menu !== null && (
        <label class="note-menu">
          <span>{menu.label}</span>
          <select
            onChange={(event) => {
              const chosen = menu.choices.find(({ id }) => id === event.currentTarget.value);
              event.currentTarget.value = '';
              if (chosen !== undefined) pressDesk(chosen).catch(() => {});
            }}
          >
            <option value="">…</option>
            {menu.choices.map(({ id, label }) => (
              <option key={id} value={id}>
                {label}
              </option>
            ))}
          </select>
        </label>
      )}
      {file !== null && (
        <button type="button" class="button" onClick={() => downloadText(file.fileName, file.text)}>
          <Icon name="direct" /> {t('Download')} {file.fileName}
        </button>
      )}
    </>
  );
}

function Bar({ bar }: { bar: WireBar }) {
  const { label, usedShare, value, note } = bar;
  const percent = Math.round(usedShare * 100);
  return (
    <li class={usedShare >= 1 ? 'bar is-full' : 'bar'}>
      <span class="bar-label">{label}</span>
      <span class="bar-value">{value}</span>
      <progress max="100" value={percent} aria-label={`${label}: ${value}`} />
      {note !== null && <small>{note}</small>}
    </li>
  );
}
