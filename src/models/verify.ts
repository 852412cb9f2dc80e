/** Whether the files of a model are the ones its `model.json` promises: present, whole, unaltered. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../errors.ts';
import type { FileRole, ModelManifest } from './manifest.ts';

export type FileReport = {
  role: FileRole;
  /** Relative to the model's folder. */
  path: string;
  bytes: number;
  /** `cut`: another size than promised. `altered`: right size, other bytes. */
  state: 'ok' | 'missing' | 'cut' | 'altered';
  /** One sentence that names the file and says what to do; empty when ok. */
  message: string;
};

export type VerifyReport = { model: string; ok: boolean; files: FileReport[] };

/** Reads and hashes every listed file. */
export async function verifyFiles(dir: string, model: string, manifest: ModelManifest): Promise<VerifyReport> {
  const files: FileReport[] = [];
  for (const [role, expected] of Object.entries(manifest.files)) {
    if (expected !== undefined) files.push(await verifyFile(dir, model, role as FileRole, expected));
  }
  return { model, ok: files.every((file) => file.state === 'ok'), files };
}

/** @throws {AppError} `MODEL_MISSING`, `MODEL_CUT` or `MODEL_ALTERED` for the first file that is not as promised */
export function assertVerified(report: VerifyReport): void {
  const bad = report.files.find((file) => file.state !== 'ok');
  if (bad === undefined) return;
  const code = bad.state === 'missing' ? 'MODEL_MISSING' : bad.state === 'cut' ? 'MODEL_CUT' : 'MODEL_ALTERED';
  throw new AppError(code, bad.message, { details: { model: report.model, file: bad.path } });
}

type Expected = NonNullable<ModelManifest['files'][FileRole]>;

async function verifyFile(dir: string, model: string, role: FileRole, expected: Expected): Promise<FileReport> {
  const path = join(dir, expected.path);
  const report = (state: FileReport['state'], what: string): FileReport => ({
    role,
    path: expected.path,
    bytes: expected.bytes,
    state,
    message: state === 'ok' ? '' : `${path} of the model ${model} ${what}. ${CURE}`,
  });
  let sizeBytes: number;
  try {
    const found = await stat(path);
    if (!found.isFile()) return report('missing', 'is not a file');
    sizeBytes = found.size;
  } catch {
    return report('missing', 'is missing');
  }
  if (sizeBytes !== expected.bytes) {
    return report('cut', `has ${sizeBytes} bytes instead of ${expected.bytes}: it was cut or exchanged`);
  }
  try {
    if ((await sha256Of(path)) !== expected.sha256) return report('altered', 'was altered: its sha256 is another');
  } catch {
    return report('missing', 'cannot be read');
  }
  return report('ok', '');
}

const CURE = 'Restore it from the repository (git checkout -- models), then run: npx easel models verify';

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
