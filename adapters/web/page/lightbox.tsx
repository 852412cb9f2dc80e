// One picture, large, with what can be done with it.

import { download } from './actions.ts';
import { Control, mayPress } from './controls.tsx';
import { Dialog } from './dialog.tsx';
import { Icon } from './icons.tsx';
import { altOf } from './pictures.tsx';
import { messageOf, nameOf, shownPicture } from './state.ts';
import { t } from './words.ts';

const LABELS = { none: 'Upscale', strong: 'Vary', subtle: 'Vary subtle' } as const;

export function Lightbox() {
  const shown = shownPicture.value;
  const message = shown === null ? undefined : messageOf(shown.id)?.value;
  if (shown === null || message === undefined) return null;
  const drawn = message.pictures.filter(({ url }) => url !== null);
  const at = drawn.findIndex(({ index }) => index === shown.index);
  const picture = drawn[at];
  if (picture === undefined || picture.url === null) return null;
  const { url } = picture;
  const close = () => {
    shownPicture.value = null;
  };
  const step = (by: number) => {
    const next = drawn[(at + by + drawn.length) % drawn.length];
    if (next !== undefined) shownPicture.value = { id: message.id, index: next.index };
  };
  const controls = message.controls.filter(
    (control) => control.pictureIndex === picture.index && mayPress(message, control),
  );
  return (
    <Dialog
      label={altOf(message, picture.index)}
      className="lightbox"
      onClose={close}
      onKeyDown={(event) => {
        if (event.key === 'ArrowRight') step(1);
        if (event.key === 'ArrowLeft') step(-1);
      }}
    >
      <figure>
        <div class="large">
          <img src={url} alt={altOf(message, picture.index)} draggable />
          {drawn.length > 1 && (
            <>
              <button
                type="button"
                class="icon-button step is-left"
                aria-label={t('Picture before')}
                onClick={() => step(-1)}
              >
                <Icon name="left" />
              </button>
              <button
                type="button"
                class="icon-button step is-right"
                aria-label={t('Next picture')}
                onClick={() => step(1)}
              >
                <Icon name="right" />
              </button>
            </>
          )}
        </div>
        <figcaption>
          <p class="prompt" dir="auto">
            {message.prompt}
          </p>
          <p class="by">
            {t('{who} · picture {picture} of {pictures} · {width} × {height} · seed {seed}', {
              ...{ who: nameOf(message.author), picture: picture.index + 1, pictures: message.pictures.length },
              ...{ width: picture.widthPx, height: picture.heightPx, seed: message.seed },
            })}
          </p>
          <div class="whole">
            {controls.map((control) => (
              <Control
                key={control.id}
                message={message}
                control={control}
                label={t(LABELS[control.strength ?? 'none'])}
              />
            ))}
            <button type="button" class="control" onClick={() => download(`${url}?download=1`, picture.fileName)}>
              <Icon name="direct" /> {t('Download')}
            </button>
          </div>
        </figcaption>
      </figure>
      <button type="button" class="icon-button close" aria-label={t('Close')} onClick={close}>
        <Icon name="close" />
      </button>
    </Dialog>
  );
}
