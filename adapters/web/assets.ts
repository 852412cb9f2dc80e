// The built page, held in memory and compressed once: a handful of files, named after their content.

import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { AppError, findPackageRoot } from '../../src/index.ts';

export type Asset = { readonly type: string; readonly plain: Buffer; readonly brotli: Buffer };

export type Assets = { readonly index: Asset; readonly admin: Asset; readonly files: ReadonlyMap<string, Asset> };

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.html': 'text/html; charset=utf-8',
};

/** @throws {AppError} `ADAPTER_UNAVAILABLE` when the page was not built */
export function readAssets(): Assets {
  const dir = join(findPackageRoot(import.meta.url), 'dist', 'adapters', 'web', 'public');
  const files = new Map<string, Asset>();
  try {
    for (const name of readdirSync(dir)) {
      const plain = readFileSync(join(dir, name));
      files.set(name, {
        type: TYPES[extname(name)] ?? 'application/octet-stream',
        plain,
        brotli: brotliCompressSync(plain),
      });
    }
  } catch (cause) {
    throw notBuilt(cause);
  }
  const index = files.get('index.html');
  const admin = files.get('admin.html');
  if (index === undefined || admin === undefined) throw notBuilt();
  return { index, admin, files };
}

function notBuilt(cause?: unknown): AppError {
  return new AppError('ADAPTER_UNAVAILABLE', 'The pages of the web chat are not built. Build it with: npm run build', {
    cause,
  });
}
