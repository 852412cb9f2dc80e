// `easel doctor`: what works here. Every check says what to do when it fails.

import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { arch, availableParallelism, platform, release, totalmem } from 'node:os';
import { dirname } from 'node:path';
import {
  AppError,
  askStatus,
  type Config,
  createWorkerPool,
  type DeviceReport,
  loadCatalog,
  openDataFolder,
  openPostgresStore,
  readConfig,
  toAppError,
  verifyModel,
} from '../../src/index.ts';
import { deviceSteps } from './device-steps.ts';
import { print, type Terminal } from './terminal.ts';

export type Check = {
  readonly name: string;
  /** A failed check that is needed stops the bot from drawing; others are for your information. */
  readonly ok: boolean;
  readonly needed: boolean;
  /** What was found, and what to do when it is not ok. */
  readonly message: string;
};

export type DoctorReport = {
  readonly ok: boolean;
  readonly checks: readonly Check[];
  readonly devices: readonly DeviceReport[];
};

export type DoctorOptions = {
  readonly json: boolean;
  readonly modelsDir: string | undefined;
  /** Of the chats that the configuration names. */
  readonly checkChats: ChatChecks | undefined;
};

export type ChatChecks = (config: Config) => Promise<readonly Omit<Check, 'needed'>[]>;

const NODE_MAJOR_MIN = 20;
const NODE_MINOR_MIN = 19;
const FREE_BYTES_MIN = 200e6;

/** @throws {AppError} the first failed check that is needed, after the whole report was printed */
export async function doctor({ json, modelsDir, checkChats }: DoctorOptions, terminal: Terminal): Promise<void> {
  const checks: Check[] = [checkNode(process.versions.node), checkMachine()];
  const config = checkConfig(terminal, checks);
  const devices: DeviceReport[] = [];
  if (config !== null) {
    checks.push(await checkDisk(config.dataDir));
    checks.push(await checkDatabase(config));
    // A bot that one chat refuses still draws for the others.
    for (const check of (await checkChats?.(config)) ?? []) checks.push({ ...check, needed: false });
    const model = await checkModel(config, modelsDir, checks);
    if (model !== null) devices.push(...(await checkDrawing(model, config, modelsDir, checks, terminal)));
  }
  const failed = checks.find((check) => check.needed && !check.ok);
  const report: DoctorReport = { ok: failed === undefined, checks, devices };
  if (json) print(terminal, JSON.stringify(report));
  else printReport(report, terminal);
  if (failed !== undefined) {
    throw new AppError('DEVICE_UNAVAILABLE', 'Easel cannot draw here yet: see what is marked "no" above.');
  }
}

/** Whether this version of Node is one that Easel runs on. */
export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const ok = major > NODE_MAJOR_MIN || (major === NODE_MAJOR_MIN && minor >= NODE_MINOR_MIN);
  const cure = ok ? '' : `: Easel needs ${NODE_MAJOR_MIN}.${NODE_MINOR_MIN} or newer, see https://nodejs.org`;
  return { name: 'node', ok, needed: true, message: `${version}${cure}` };
}

function checkMachine(): Check {
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB of memory`;
  const message = `${platform()} ${release()} on ${arch()}, ${availableParallelism()} cores, ${memory}`;
  return { name: 'machine', ok: true, needed: false, message };
}

function checkConfig(terminal: Terminal, checks: Check[]): Config | null {
  try {
    const config = readConfig(terminal.environment);
    checks.push({ name: 'configuration', ok: true, needed: true, message: 'all settings can be read' });
    return config;
  } catch (thrown) {
    checks.push({ name: 'configuration', ok: false, needed: true, message: toAppError(thrown).message });
    return null;
  }
}

async function checkDisk(dataDir: string): Promise<Check> {
  try {
    const { bavail, bsize } = await statfsAbove(dataDir);
    const freeBytes = bavail * bsize;
    const ok = freeBytes >= FREE_BYTES_MIN;
    const cure = ok ? '' : `: free some, at least ${FREE_BYTES_MIN / 1e6} MB`;
    return { name: 'disk', ok, needed: true, message: `${(freeBytes / 1e9).toFixed(1)} GB free for ${dataDir}${cure}` };
  } catch (thrown) {
    const { message } = toAppError(thrown, 'STORE_FAILED');
    return { name: 'disk', ok: false, needed: true, message: `${dataDir} cannot be looked at: ${message}` };
  }
}

/** The data folder may not exist yet: then the disk is the one it would be made on. */
async function statfsAbove(folder: string): Promise<{ bavail: number; bsize: number }> {
  try {
    return await statfs(folder);
  } catch (thrown) {
    if (dirname(folder) === folder) throw thrown;
    return statfsAbove(dirname(folder));
  }
}

/** Opens the database as the bot would, unless the bot has it open or there is nothing to open yet. */
async function checkDatabase({ dataDir, databaseUrl }: Config): Promise<Check> {
  const found = (ok: boolean, message: string): Check => ({ name: 'database', ok, needed: true, message });
  try {
    const running = await askStatus(dataDir);
    if (running !== null) return found(true, `in use by the Easel that runs as process ${running['pid']}`);
    if (databaseUrl !== null) {
      await (await openPostgresStore({ connectionString: databaseUrl })).close();
      return found(true, 'PostgreSQL of DATABASE_URL answers');
    }
    if (!existsSync(dataDir)) return found(true, `will be made in ${dataDir} at the first start`);
    await (await openDataFolder({ dataDir, databaseUrl })).close();
    return found(true, `embedded, in ${dataDir}`);
  } catch (thrown) {
    return found(false, toAppError(thrown, 'STORE_FAILED').message);
  }
}

async function checkModel(config: Config, modelsDir: string | undefined, checks: Check[]): Promise<string | null> {
  try {
    const catalog = await loadCatalog(modelsDir);
    const name = config.model ?? catalog.defaultName;
    const report = await verifyModel(name, catalog);
    const problems = report.files.filter(({ state }) => state !== 'ok').map(({ message }) => message);
    const message = report.ok ? `${name}, ${report.files.length} files as shipped` : problems.join(' ');
    checks.push({ name: 'model', ok: report.ok, needed: true, message });
    return report.ok ? name : null;
  } catch (thrown) {
    checks.push({ name: 'model', ok: false, needed: true, message: toAppError(thrown, 'MODEL_INVALID').message });
    return null;
  }
}

/** Starts a worker as the bot would: every device is opened, tested against the model's reference and timed. */
async function checkDrawing(
  model: string,
  config: Config,
  modelsDir: string | undefined,
  checks: Check[],
  { environment, signal }: Terminal,
): Promise<readonly DeviceReport[]> {
  // Every device is tested now, whatever it showed at an earlier start.
  const worker = createWorkerPool({
    model,
    devices: config.devices,
    cpuWorkers: 1,
    environment,
    ...(modelsDir === undefined ? {} : { modelsDir }),
  });
  try {
    const info = await worker.start(signal);
    checks.push({ name: 'drawing', ok: true, needed: true, message: info.why });
    return info.devices;
  } catch (thrown) {
    checks.push({
      name: 'drawing',
      ok: false,
      needed: true,
      message: toAppError(thrown, 'DEVICE_UNAVAILABLE').message,
    });
    return [];
  } finally {
    await worker.close();
  }
}

function printReport({ checks, devices }: DoctorReport, terminal: Terminal): void {
  for (const { name, ok, message } of checks) print(terminal, `${ok ? 'ok' : 'no'}  ${name}: ${message}`);
  for (const { device, compute, passed, agreementShare, why } of devices) {
    print(terminal, `${passed ? 'ok' : '--'}  device ${device}${compute === 'float16' ? ' in float16' : ''}: ${why}`);
    // It never ran: something is missing here.
    const steps = agreementShare === null && compute === 'float32' ? deviceSteps(device, platform(), arch()) : null;
    if (steps !== null) print(terminal, `    to use it: ${steps}`);
  }
}
