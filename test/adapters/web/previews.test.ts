// Previews on their way to pages: as many as can be encoded, the newest always among them.

import { describe, expect, it } from 'vitest';
import { createPreviews } from '../../../adapters/web/previews.ts';
import type { WirePreview } from '../../../adapters/web/wire.ts';
import { decodePng } from '../../../src/index.ts';
import { eventually } from '../../fakes/protocol/eventually.ts';

const ROWS = 40;
const pixels = (shade: number) => ({ rgba: new Uint8Array(8 * 8 * 4).fill(shade), widthPx: 8, heightPx: 8 });
const update = (rowsDone: number) => ({ rowsDone, rows: ROWS, preview: pixels(rowsDone) });

function watch() {
  const shown: { id: string; index: number; preview: WirePreview }[] = [];
  const previews = createPreviews((id, index, preview) => shown.push({ id, index, preview }));
  return { shown, previews };
}

describe('previews for pages', () => {
  it('leave out what is old before it could be encoded, never the newest, and go forwards only', async () => {
    const { shown, previews } = watch();
    for (let row = 1; row <= ROWS; row++) previews.show('one', 0, update(row));
    const last = await eventually('the newest', () => shown.find(({ preview }) => preview.rowsDone === ROWS));
    const rows = shown.map(({ preview }) => preview.rowsDone);
    expect(rows[0]).toBe(1);
    expect(rows).toEqual(rows.toSorted((a, b) => a - b));
    expect(rows.length).toBeLessThan(ROWS / 2);
    const { rgba } = await decodePng(Buffer.from(last.preview.png ?? '', 'base64'));
    expect([...new Set(rgba)]).toEqual([ROWS]);
    expect(previews.of('one', 0)).toEqual(last.preview);
  });

  it('keep the picture of the row before when a row comes without one', async () => {
    const { shown, previews } = watch();
    previews.show('one', 2, update(1));
    const first = await eventually('a picture', () => shown[0]);
    previews.show('one', 2, { rowsDone: 2, rows: ROWS, preview: null });
    expect(await eventually('the row after', () => shown[1])).toEqual({
      ...first,
      preview: { ...first.preview, rowsDone: 2 },
    });
  });

  it('that cannot be encoded are left out', async () => {
    const { shown, previews } = watch();
    previews.show('one', 0, { ...update(3), preview: { rgba: new Uint8Array(3), widthPx: 8, heightPx: 8 } });
    expect(await eventually('the row', () => shown[0])).toMatchObject({ preview: { png: null, rowsDone: 3 } });
  });

  it('of what is forgotten are not shown any more', async () => {
    const { shown, previews } = watch();
    previews.show('gone', 0, update(1));
    previews.forget('gone');
    previews.show('here', 0, update(1));
    await eventually('another', () => shown.find(({ id }) => id === 'here'));
    expect(shown.map(({ id }) => id)).toEqual(['here']);
    expect(previews.of('gone', 0)).toBeNull();
  });
});
