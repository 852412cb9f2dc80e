// What is painted so far, as pages show it. A preview becomes a PNG where somebody looks at it, and no oftener than it can be made.

import { encodePreview, type Pixels } from '../../src/index.ts';
import type { WirePreview } from './wire.ts';

export type PreviewUpdate = { readonly rowsDone: number; readonly rows: number; readonly preview: Pixels | null };

export type Previews = {
  /** Newer ones of a picture take the place of those that wait to be encoded. */
  show(id: string, pictureIndex: number, update: PreviewUpdate): void;
  /** The last one that was encoded. */
  of(id: string, pictureIndex: number): WirePreview | null;
  forget(id: string): void;
};

type Shown = { latest: WirePreview | null; next: PreviewUpdate | null; isEncoding: boolean };

export function createPreviews(onShown: (id: string, pictureIndex: number, preview: WirePreview) => void): Previews {
  const generations = new Map<string, Map<number, Shown>>();

  function shownOf(id: string, pictureIndex: number): Shown {
    const pictures = generations.get(id) ?? new Map<number, Shown>();
    generations.set(id, pictures);
    const shown = pictures.get(pictureIndex) ?? { latest: null, next: null, isEncoding: false };
    pictures.set(pictureIndex, shown);
    return shown;
  }

  async function encodeWhatComes(id: string, pictureIndex: number, shown: Shown): Promise<void> {
    shown.isEncoding = true;
    for (let update = shown.next; update !== null; update = shown.next) {
      shown.next = null;
      const { preview, rowsDone, rows } = update;
      // One that cannot be encoded is left out: the next row brings another.
      const encoded = preview === null ? null : await encodePreview(preview).catch(() => null);
      if (generations.get(id)?.get(pictureIndex) !== shown) return; // forgotten meanwhile
      const png = encoded === null ? (shown.latest?.png ?? null) : Buffer.from(encoded.png).toString('base64');
      shown.latest = { png, rowsDone, rows };
      onShown(id, pictureIndex, shown.latest);
    }
    shown.isEncoding = false;
  }

  return {
    show(id, pictureIndex, update) {
      const shown = shownOf(id, pictureIndex);
      shown.next = update;
      if (!shown.isEncoding) void encodeWhatComes(id, pictureIndex, shown);
    },
    of: (id, pictureIndex) => generations.get(id)?.get(pictureIndex)?.latest ?? null,
    forget: (id) => void generations.delete(id),
  };
}
