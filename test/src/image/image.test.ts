import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { encodeWithin, type ImageFormat } from '../../../src/image/encode.ts';
import { decodePng, encodePng } from '../../../src/image/png.ts';
import { encodePreview, PREVIEW_MAX_BYTES } from '../../../src/image/preview.ts';
import { type Provenance, readPngProvenance, withPngProvenance } from '../../../src/image/provenance.ts';
import { composeSheet, sheetGrid } from '../../../src/image/sheet.ts';
import { upscaleLanczos2x } from '../../../src/image/upscale.ts';
import { disc, noisy } from './picture.ts';

const PROVENANCE: Provenance = {
  prompt: 'a <red> apple & 🦊',
  seed: 7,
  pictureIndex: 2,
  model: 'easel-nano',
  modelHash: 'ab12',
  software: 'Easel 0.1.0',
};

describe('png', () => {
  test('gives back every pixel, and the same bytes each time', async () => {
    const pixels = noisy(40);
    const png = await encodePng(pixels);
    expect(Buffer.from((await decodePng(png)).rgba).equals(Buffer.from(pixels.rgba))).toBe(true);
    expect(Buffer.from(await encodePng(pixels)).equals(Buffer.from(png))).toBe(true);
  });

  test.each([
    ['nothing', new Uint8Array()],
    ['no picture', Buffer.from('no picture')],
  ])('of %s is refused', async (_, bytes) => {
    await expect(decodePng(bytes)).rejects.toMatchObject({ code: 'INPUT_PICTURE' });
  });

  test('cut in the middle is refused', async () => {
    const png = await encodePng(noisy(40));
    await expect(decodePng(png.subarray(0, png.length / 2))).rejects.toMatchObject({ code: 'INPUT_PICTURE' });
  });
});

describe('a sheet', () => {
  test.each([
    [1, 1, 1],
    [2, 2, 1],
    [3, 3, 1],
    [4, 2, 2],
    [5, 3, 2],
    [6, 3, 2],
    [7, 3, 3],
    [9, 3, 3],
  ])('of %i pictures has %i columns and %i rows', (pictures, columns, rows) => {
    expect(sheetGrid(pictures)).toEqual({ columns, rows });
  });

  test('of none or of ten is refused', () => {
    for (const pictures of [0, 10]) {
      expect(() => sheetGrid(pictures)).toThrow(expect.objectContaining({ code: 'INPUT_TOO_MANY_PICTURES' }));
    }
  });

  test('holds each picture pixel for pixel in reading order, transparent between and where none is', async () => {
    const colours = [
      [255, 0, 0],
      [0, 255, 0],
      [0, 0, 255],
    ] as const;
    const pictures = colours.map((colour) => disc(20, colour));
    const sheet = await composeSheet(
      await Promise.all([...pictures, pictures[0] as (typeof pictures)[0]].map(encodePng)),
      6,
    );
    expect(sheet).toMatchObject({ widthPx: 46, heightPx: 46, columns: 2, rows: 2 });
    const { rgba } = await decodePng(sheet.png);
    const pixel = (x: number, y: number): number[] => [...rgba.subarray((y * 46 + x) * 4, (y * 46 + x) * 4 + 4)];
    expect([pixel(10, 10), pixel(36, 10), pixel(10, 36)]).toEqual(colours.map((colour) => [...colour, 255]));
    expect([pixel(0, 0), pixel(23, 10), pixel(10, 23)]).toEqual([
      [0, 0, 0, 0],
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ]);
  });

  test('of pictures of two sizes is refused', async () => {
    const pngs = [await encodePng(disc(20, [1, 2, 3])), await encodePng(disc(30, [1, 2, 3]))];
    await expect(composeSheet(pngs)).rejects.toMatchObject({ code: 'INPUT_PICTURE' });
  });
});

describe('the upscaled picture', () => {
  test('is twice as large, keeps transparency, and has no dark fringe', async () => {
    const { png, widthPx, heightPx } = await upscaleLanczos2x(await encodePng(disc(32, [250, 40, 40])));
    expect([widthPx, heightPx]).toEqual([64, 64]);
    const { rgba } = await decodePng(png);
    expect(rgba[3]).toBe(0);
    for (let at = 0; at < rgba.length; at += 4) {
      if ((rgba[at + 3] ?? 0) > 64) expect(rgba[at]).toBeGreaterThan(235);
    }
  });
});

describe('a preview', () => {
  test('of an ordinary picture keeps its size', async () => {
    const preview = await encodePreview(disc(64, [10, 200, 30]));
    expect(preview).toMatchObject({ widthPx: 64, heightPx: 64 });
  });

  test('never has more than 32 kB, even of noise', async () => {
    const preview = await encodePreview(noisy(256));
    expect(preview.png.length).toBeLessThanOrEqual(PREVIEW_MAX_BYTES);
    expect((await decodePng(preview.png)).widthPx).toBe(preview.widthPx);
  });
});

describe('provenance', () => {
  test('is read back from a PNG, whose pixels stay', async () => {
    const png = await encodePng(disc(20, [9, 9, 9]));
    const marked = withPngProvenance(png, PROVENANCE);
    expect(readPngProvenance(png)).toBeNull();
    expect(readPngProvenance(marked)).toEqual(PROVENANCE);
    expect(Buffer.from((await decodePng(marked)).rgba).equals(Buffer.from((await decodePng(png)).rgba))).toBe(true);
  });

  test('says in XMP that a model drew it, which other programs read', async () => {
    const { xmpAsString } = await sharp(withPngProvenance(await encodePng(disc(20, [9, 9, 9])), PROVENANCE)).metadata();
    expect(xmpAsString).toContain('trainedAlgorithmicMedia');
    expect(xmpAsString).toContain('a &lt;red&gt; apple &amp; 🦊');
  });

  test('of a private prompt holds no prompt anywhere', async () => {
    const marked = withPngProvenance(await encodePng(disc(20, [9, 9, 9])), { ...PROVENANCE, prompt: null });
    expect(Buffer.from(marked).toString('utf8')).not.toMatch(/apple|Description\0|dc:description/);
    expect(readPngProvenance(marked)).toMatchObject({ prompt: null, seed: 7 });
  });

  test('of a damaged PNG is none', () => {
    expect(readPngProvenance(Buffer.from('no picture at all, though long enough'))).toBeNull();
  });
});

describe('the encode ladder', () => {
  const every: readonly ImageFormat[] = ['png', 'webp', 'jpeg'];

  test('sends the PNG itself when it fits', async () => {
    const png = await encodePng(disc(64, [200, 30, 30]));
    const encoded = await encodeWithin(png, { maxBytes: 1e6, formats: every }, null);
    expect(encoded).toMatchObject({ format: 'png', extension: 'png', mediaType: 'image/png', lossless: true });
    expect(Buffer.from(encoded.bytes).equals(Buffer.from(png))).toBe(true);
  });

  test.each([
    [60_000, every],
    [30_000, every],
    [30_000, ['png'] as const],
    [6_000, every],
    [40_000, ['jpeg'] as const],
  ])('fits noise into %i bytes of %j, with its provenance', async (maxBytes, formats) => {
    const png = await encodePng(noisy(128));
    expect(png.length).toBeGreaterThan(60_000);
    const encoded = await encodeWithin(png, { maxBytes, formats }, PROVENANCE);
    expect(encoded.bytes.length).toBeLessThanOrEqual(maxBytes);
    expect(formats).toContain(encoded.format);
    const metadata = await sharp(encoded.bytes).metadata();
    expect([metadata.width, metadata.height]).toEqual([encoded.widthPx, encoded.heightPx]);
    expect(metadata.xmpAsString).toContain('trainedAlgorithmicMedia');
  });

  test('keeps transparency while a format that has it is allowed, and paints white for JPEG', async () => {
    const png = await encodePng(disc(64, [200, 30, 30]));
    const webp = await encodeWithin(png, { maxBytes: 1e6, formats: ['webp'] }, null);
    expect(webp).toMatchObject({ format: 'webp', lossless: true });
    expect((await decodePng(webp.bytes)).rgba[3]).toBe(0);
    const jpeg = await encodeWithin(png, { maxBytes: 1e6, formats: ['jpeg'] }, null);
    expect(jpeg).toMatchObject({ format: 'jpeg', extension: 'jpg', lossless: false });
    expect((await decodePng(jpeg.bytes)).rgba[0]).toBeGreaterThan(250);
  });

  test('says so when nothing fits', async () => {
    const png = await encodePng(noisy(128));
    const refused = encodeWithin(png, { maxBytes: 50, formats: every }, null);
    await expect(refused).rejects.toMatchObject({ code: 'INPUT_PICTURE', details: { maxBytes: 50 } });
  });
});
