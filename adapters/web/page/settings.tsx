// One's own defaults, saved as they are changed.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { WireSettings } from '../wire.ts';
import { api } from './api.ts';
import { Dialog } from './dialog.tsx';
import { isSettingsOpen, say, vocabulary } from './state.ts';
import { setLocale, t } from './words.ts';

export function Settings() {
  return isSettingsOpen.value ? <SettingsForm /> : null;
}

function SettingsForm() {
  const settings = useSignal<WireSettings | null>(null);
  useEffect(() => {
    api.settings().then(
      (found) => {
        settings.value = found;
      },
      () => say(t('Your settings cannot be loaded now.')),
    );
  }, []);
  const close = () => {
    isSettingsOpen.value = false;
  };
  const save = async (change: Partial<WireSettings>) => {
    try {
      settings.value = await api.saveSettings(change);
      // The page follows at once; what the browser asks for first is only known to the server.
      if (change.language !== undefined) setLocale((await api.session()).locale);
      say(t('Saved.'));
    } catch (thrown) {
      say(thrown instanceof Error ? thrown.message : t('This was not saved.'));
    }
  };
  const now = settings.value;
  const styles = vocabulary.value.models[0]?.styles ?? [];
  const keep = (change: Partial<WireSettings>) => void save(change).catch(() => {});
  return (
    <Dialog label={t('Your settings')} className="form" onClose={close}>
      <h2>{t('Your settings')}</h2>
      {now !== null && (
        <div class="rows">
          <label>
            <span>{t('Pictures of a prompt')}</span>
            <select
              value={`${now.count ?? ''}`}
              onChange={({ currentTarget: { value } }) => keep({ count: value === '' ? null : Number(value) })}
            >
              <option value="">{t('4, as usual')}</option>
              {[1, 2, 3, 4].map((count) => (
                <option key={count} value={`${count}`}>
                  {count}
                </option>
              ))}
            </select>
          </label>
          <label>
            <span>{t('Style')}</span>
            <select
              value={now.style ?? ''}
              onChange={({ currentTarget: { value } }) => keep({ style: value === '' ? null : value })}
            >
              <option value="">{t('none')}</option>
              {styles.map(({ name }) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <label>
            <span>{t('A number varies')}</span>
            <select
              value={now.strength ?? ''}
              onChange={({ currentTarget: { value } }) =>
                keep({ strength: value === 'subtle' || value === 'strong' ? value : null })
              }
            >
              <option value="">{t('strongly, as usual')}</option>
              <option value="strong">{t('strongly')}</option>
              <option value="subtle">{t('subtly')}</option>
            </select>
          </label>
          <label>
            <span>{t('Words always appended')}</span>
            <input
              type="text"
              maxLength={200}
              defaultValue={now.suffix ?? ''}
              onChange={({ currentTarget: { value } }) => keep({ suffix: value.trim() === '' ? null : value.trim() })}
            />
          </label>
          <label>
            <span>{t('Answers in')}</span>
            <select
              value={now.language ?? ''}
              onChange={({ currentTarget: { value } }) =>
                keep({ language: value === 'en' || value === 'zh' ? value : null })
              }
            >
              <option value="">{t("the browser's language")}</option>
              <option value="en">English</option>
              <option value="zh">中文</option>
            </select>
          </label>
          <label class="check">
            <input
              type="checkbox"
              checked={now.ping === true}
              onChange={({ currentTarget: { checked } }) => keep({ ping: checked ? true : null })}
            />
            <span>{t('Ping me when a long wait ends')}</span>
          </label>
          <label class="check">
            <input
              type="checkbox"
              checked={now.private === true}
              onChange={({ currentTarget: { checked } }) => keep({ private: checked ? true : null })}
            />
            <span>{t('Draw privately: only I see it')}</span>
          </label>
        </div>
      )}
      <p class="form-foot">
        <button type="button" class="button is-main" onClick={close}>
          {t('Done')}
        </button>
      </p>
    </Dialog>
  );
}
