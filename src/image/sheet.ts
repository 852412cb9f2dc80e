/** Several pictures of one generation in one: a grid on a transparent ground. */
import { AppError } from '../errors.ts';
import { decodePng, encodePng, type Pixels } from './png.ts';

export const SHEET_MAX_PICTURES = 9;

export type Sheet = {
  png: Uint8Array;
  widthPx: number;
  heightPx: number;
  columns: number;
  rows: number;
};

/** How many columns and rows a sheet of so many pictures has: 1, 2x1, 3x1, 2x2, 3x2, 3x3. */
export function sheetGrid(pictures: number): { columns: number; rows: number } {
  if (!Number.isInteger(pictures) || pictures < 1 || pictures > SHEET_MAX_PICTURES) {
    throw new AppError('INPUT_TOO_MANY_PICTURES', `A sheet holds 1 to ${SHEET_MAX_PICTURES} pictures.`, {
      details: { pictures },
    });
  }
  const columns = pictures === 4 ? 2 : Math.min(3, pictures);
  return { columns, rows: Math.ceil(pictures / columns) };
}

/**
 * Lays pictures out row by row. Pixels are copied, never blended or scaled, so transparency is kept as it is.
 *
 * @param gapPx between pictures, transparent
 * @throws {AppError} `INPUT_TOO_MANY_PICTURES` outside 1..9, `INPUT_PICTURE` for bytes that are no picture or differ in size
 */
export async function composeSheet(pngs: readonly Uint8Array[], gapPx = 4): Promise<Sheet> {
  const { columns, rows } = sheetGrid(pngs.length);
  const pictures = await Promise.all(pngs.map(decodePng));
  const { widthPx: cellWidthPx, heightPx: cellHeightPx } = pictures[0] as Pixels;
  if (pictures.some((picture) => picture.widthPx !== cellWidthPx || picture.heightPx !== cellHeightPx)) {
    throw new AppError('INPUT_PICTURE', 'The pictures of one sheet must have one size: draw them with one model.');
  }
  const widthPx = columns * cellWidthPx + (columns - 1) * gapPx;
  const heightPx = rows * cellHeightPx + (rows - 1) * gapPx;
  const rgba = new Uint8Array(widthPx * heightPx * 4);
  pictures.forEach((picture, index) => {
    const left = (index % columns) * (cellWidthPx + gapPx);
    const top = Math.floor(index / columns) * (cellHeightPx + gapPx);
    for (let y = 0; y < cellHeightPx; y++) {
      const line = picture.rgba.subarray(y * cellWidthPx * 4, (y + 1) * cellWidthPx * 4);
      rgba.set(line, ((top + y) * widthPx + left) * 4);
    }
  });
  return { png: await encodePng({ rgba, widthPx, heightPx }), widthPx, heightPx, columns, rows };
}
