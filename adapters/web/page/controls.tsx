// The buttons of a message: one stop of the tab key, arrows inside.

import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import type { WireControl, WireMessage } from '../wire.ts';
import { press } from './actions.ts';
import { Icon, type IconName } from './icons.tsx';
import { session } from './state.ts';
import { t } from './words.ts';

const ICONS: Record<WireControl['kind'], IconName> = {
  cancel: 'cancel',
  reroll: 'reroll',
  redraw: 'reroll',
  upscale: 'up',
  vary: 'brush',
  edit: 'edit',
  keep: 'keep',
  share: 'direct',
  direct: 'direct',
  remove: 'remove',
};

export function mayPress(message: WireMessage, control: WireControl): boolean {
  const me = session.value?.me;
  return !control.ownersOnly || me?.role === 'admin' || me?.id === message.author.id;
}

export function Controls({ message }: { message: WireMessage }) {
  const controls = message.controls.filter((control) => mayPress(message, control));
  if (controls.length === 0) return null;
  const isOne = message.pictures.length === 1;
  const of = (kind: WireControl['kind'], strength: WireControl['strength'] = null) =>
    controls.filter((each) => each.kind === kind && each.strength === strength);
  const groups = [
    { name: t('Upscale'), controls: of('upscale') },
    { name: t('Vary'), controls: of('vary', 'strong') },
    { name: t('Subtle'), controls: of('vary', 'subtle') },
  ].filter((group) => group.controls.length > 0);
  const whole = controls.filter(({ pictureIndex }) => pictureIndex === null);
  return (
    <Toolbar label={t('What to do with it')}>
      {groups.length > 0 && (
        <div class={isOne ? 'numbered is-one' : 'numbered'}>
          {groups.map((group) => (
            <div key={group.name} class="group">
              {!isOne && (
                <span class="group-name" aria-hidden="true">
                  {group.name}
                </span>
              )}
              {group.controls.map((control) => (
                <Control key={control.id} message={message} control={control} isShort={!isOne} />
              ))}
            </div>
          ))}
        </div>
      )}
      <div class="whole">
        {whole.map((control) => (
          <Control key={control.id} message={message} control={control} />
        ))}
      </div>
    </Toolbar>
  );
}

export function Control({
  message,
  control,
  isShort = false,
  label = control.label,
}: {
  message: WireMessage;
  control: WireControl;
  isShort?: boolean;
  /** Where only one picture is shown, its number need not be said. */
  label?: string;
}) {
  const { kind, pictureIndex } = control;
  const isKept = kind === 'keep' && message.kept;
  const shown = isShort ? label.split(' ')[0] : isKept ? t('Kept') : label;
  const name =
    isShort && pictureIndex !== null
      ? `${label}: ${t(LONG[control.strength ?? 'none'], { picture: pictureIndex + 1 })}`
      : undefined;
  return (
    <button
      type="button"
      class={`control is-${kind}`}
      data-control={control.id}
      data-kind={kind}
      data-picture={pictureIndex === null ? undefined : pictureIndex + 1}
      data-strength={control.strength ?? undefined}
      aria-label={name}
      aria-pressed={kind === 'keep' ? message.kept : undefined}
      title={name ?? undefined}
      onClick={() => {
        press(message, control).catch(() => {});
      }}
    >
      {!isShort && <Icon name={ICONS[kind]} isFilled={isKept} />}
      {shown}
    </button>
  );
}

const LONG = {
  none: 'upscale picture {picture}',
  strong: 'vary picture {picture}',
  subtle: 'vary subtly picture {picture}',
} as const;

/** @see https://www.w3.org/WAI/ARIA/apg/patterns/toolbar/ */
export function Toolbar({ label, children }: { label: string; children: ComponentChildren }) {
  const bar = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent) => {
    const buttons = [...(bar.current?.querySelectorAll<HTMLElement>('button') ?? [])];
    const at = buttons.findIndex((button) => button.matches(':focus'));
    const to = {
      ArrowRight: at + 1,
      ArrowDown: at + 1,
      ArrowLeft: at - 1,
      ArrowUp: at - 1,
      Home: 0,
      End: buttons.length - 1,
    }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    const next = buttons[(to + buttons.length) % buttons.length];
    for (const button of buttons) button.tabIndex = button === next ? 0 : -1;
    next?.focus();
  };
  return (
    <div
      class="controls"
      role="toolbar"
      aria-label={label}
      ref={(element) => {
        bar.current = element;
        const buttons = [...(element?.querySelectorAll<HTMLElement>('button') ?? [])];
        const isStop = buttons.some((button) => button === document.activeElement);
        for (const [index, button] of buttons.entries()) {
          if (!isStop) button.tabIndex = index === 0 ? 0 : -1;
          else button.tabIndex = button === document.activeElement ? 0 : -1;
        }
      }}
      onKeyDown={move}
    >
      {children}
    </div>
  );
}
