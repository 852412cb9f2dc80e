// The sheet: each picture by itself, so that it can be opened, dragged out and varied; before that, as far as it is painted.

import type { WireMessage, WirePicture } from '../wire.ts';
import { Icon } from './icons.tsx';
import { dropPreview, previewOf, shownPicture } from './state.ts';
import { t } from './words.ts';

export function Pictures({ message }: { message: WireMessage }) {
  const { pictures, prompt } = message;
  const shape = pictures.length === 1 ? 'one' : pictures.length === 4 || pictures.length === 2 ? 'two' : 'three';
  return (
    <ul
      class={`sheet is-${shape}${message.request === 'upscale' ? ' is-upscale' : ''}`}
      aria-label={t('Pictures: {prompt}', { prompt })}
    >
      {pictures.map((picture) => (
        <li key={picture.index} class={`tile is-${picture.state}`}>
          {picture.url === null ? (
            <Painting message={message} picture={picture} />
          ) : (
            <Drawn message={message} picture={picture} url={picture.url} />
          )}
        </li>
      ))}
    </ul>
  );
}

/** What a picture is called for who cannot see it. */
export function altOf(message: WireMessage, index: number): string {
  return message.pictures.length === 1
    ? message.prompt
    : t('{prompt} (picture {picture} of {pictures})', {
        ...{ prompt: message.prompt, picture: index + 1, pictures: message.pictures.length },
      });
}

function Drawn({ message, picture, url }: { message: WireMessage; picture: WirePicture; url: string }) {
  const { index, fileName } = picture;
  const painted = previewOf(message.id, index).peek()?.png ?? null;
  return (
    <button
      type="button"
      class="open"
      aria-label={t('Open: {what}', { what: altOf(message, index) })}
      onClick={() => {
        shownPicture.value = { id: message.id, index };
      }}
    >
      <img
        src={url}
        alt={altOf(message, index)}
        decoding="async"
        draggable
        // What was painted stays until the picture is there.
        style={
          painted === null
            ? undefined
            : { background: `center / contain no-repeat url(data:image/png;base64,${painted})` }
        }
        onLoad={(event) => {
          event.currentTarget.style.background = '';
          dropPreview(message.id, index);
        }}
        onDragStart={(event) => {
          // Chromium writes the file under this name where it is dropped; others take the picture itself.
          event.dataTransfer?.setData('DownloadURL', `image/png:${fileName}:${new URL(url, location.href).href}`);
        }}
      />
      {message.pictures.length > 1 && (
        <span class="number" aria-hidden="true">
          {index + 1}
        </span>
      )}
    </button>
  );
}

/** Rows come from the top down; a line of light shows where the brush is. */
function Painting({ message, picture }: { message: WireMessage; picture: WirePicture }) {
  const preview = previewOf(message.id, picture.index).value;
  if (picture.state === 'failed') {
    return (
      <span
        class="no-picture"
        role="img"
        aria-label={t('Picture {picture} could not be drawn', { picture: picture.index + 1 })}
      >
        <Icon name="eye" />
      </span>
    );
  }
  const share = preview === null ? 0 : preview.rowsDone / preview.rows;
  return (
    <span
      class="canvas"
      role="img"
      aria-label={t('Picture {picture}, {percent} % drawn', {
        picture: picture.index + 1,
        percent: Math.round(share * 100),
      })}
    >
      {preview?.png != null && (
        <img
          class="painted"
          src={`data:image/png;base64,${preview.png}`}
          alt=""
          draggable={false}
          style={{ clipPath: `inset(0 0 ${100 - share * 100}% 0)` }}
        />
      )}
      {share > 0 && share < 1 && <span class="brush-line" style={{ top: `${share * 100}%` }} />}
    </span>
  );
}
