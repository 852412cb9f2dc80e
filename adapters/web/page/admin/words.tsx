// Blocked words, the time zone and the gallery channel of this place.

import { useSignal } from '@preact/signals';
import type { WireSettings } from '../../admin/wire.ts';
import { change } from './load.ts';
import { Card } from './parts.tsx';

export function Words({ settings, again }: { settings: WireSettings; again: () => void }) {
  const { blockedWords } = settings;
  const typed = useSignal(blockedWords.words.join('\n'));
  const isListOn = useSignal(blockedWords.defaultList);
  const zone = useSignal(settings.timeZone ?? '');
  const gallery = useSignal(settings.galleryChannel ?? '');
  const save = () => {
    const words = [
      ...new Set(
        typed.value
          .split('\n')
          .map((line) => line.trim())
          .filter((line) => line !== ''),
      ),
    ];
    const action = {
      do: 'settings',
      change: {
        timeZone: zone.value.trim() === '' ? null : zone.value.trim(),
        galleryChannel: gallery.value.trim() === '' ? null : gallery.value.trim(),
        blockedWords: { defaultList: isListOn.value, words, allowed: blockedWords.allowed },
      },
    };
    change(action, 'Saved.', again).catch(() => {});
  };
  return (
    <Card
      title="Words and place"
      note="A request with a blocked word is refused before anything is drawn, and costs nothing."
    >
      <form
        class="form is-tall"
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <label>
          <span>Blocked words and phrases, one a line</span>
          <textarea
            rows={4}
            value={typed.value}
            onInput={(event) => {
              typed.value = event.currentTarget.value;
            }}
          />
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={isListOn.value}
            onChange={(event) => {
              isListOn.value = event.currentTarget.checked;
            }}
          />
          <span>and the maintained list</span>
        </label>
        <label>
          <span>Time zone, such as Europe/Berlin</span>
          <input
            value={zone.value}
            placeholder="as the host"
            onInput={(event) => {
              zone.value = event.currentTarget.value;
            }}
          />
        </label>
        <label>
          <span>Id of the gallery channel</span>
          <input
            value={gallery.value}
            placeholder="none"
            onInput={(event) => {
              gallery.value = event.currentTarget.value;
            }}
          />
        </label>
        <button type="submit" class="button">
          Save
        </button>
      </form>
    </Card>
  );
}
