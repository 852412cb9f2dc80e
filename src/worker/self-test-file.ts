/** Passed self-tests in a file of the user's cache folder. Losing it costs a second at the next start. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { arch, cpus, platform, release } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { DeviceName } from '../pipeline/device.ts';
import { RUNTIME_VERSION } from '../pipeline/onnx.ts';
import type { SelfTests } from '../pipeline/self-tests.ts';

const testedSchema = z.object({
  agreementShare: z.number(),
  msPerPicture: z.number(),
  capacity: z.int().positive(),
  refusal: z.string().optional(),
});
const fileSchema = z.record(z.string(), testedSchema);
/** The newest answers are kept: a model trained anew every hour must not fill the file. */
const KEPT_MAX = 64;

/** @param path of the file; null keeps nothing */
export function createSelfTestFile(path: string | null): SelfTests {
  const read = async (): Promise<z.infer<typeof fileSchema>> => {
    try {
      return path === null ? {} : fileSchema.parse(JSON.parse(await readFile(path, 'utf8')));
    } catch {
      return {};
    }
  };
  return {
    async recall(device, question) {
      return (await read())[await keyOf(device, question)] ?? null;
    },
    async remember(device, question, tested) {
      if (path === null) return;
      try {
        const tests = Object.entries(await read()).slice(1 - KEPT_MAX);
        const text = JSON.stringify(Object.fromEntries([...tests, [await keyOf(device, question), tested]]));
        await mkdir(dirname(path), { recursive: true });
        // Two workers may write at once: each file is whole, the last one stays.
        await writeFile(`${path}.${process.pid}`, text);
        await rename(`${path}.${process.pid}`, path);
      } catch {
        // A read-only home: tested at every start.
      }
    },
  };
}

async function keyOf(device: DeviceName, question: string): Promise<string> {
  const parts = [device, question, RUNTIME_VERSION, platform(), arch(), await driverOf(device)];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

/** What changes when a driver does: its own version where the system tells it, the files that load it, the system's version. */
async function driverOf(device: DeviceName): Promise<readonly string[]> {
  if (device === 'cpu') return [cpus()[0]?.model ?? '', String(cpus().length)];
  const texts = ['/proc/driver/nvidia/version', '/sys/module/amdgpu/version', '/sys/module/i915/version'];
  const versions = texts.map((text) => readFile(text, 'utf8').catch(() => ''));
  const folders = ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d'];
  const files = (await Promise.all(folders.map(filesOf))).flat();
  return [release(), ...(await Promise.all([...versions, ...files.map(stampOf)]))];
}

async function filesOf(folder: string): Promise<readonly string[]> {
  return (await readdir(folder).catch(() => [])).sort().map((name) => join(folder, name));
}

async function stampOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  return found === null ? '' : `${path} ${found.size} ${found.mtimeMs}`;
}
