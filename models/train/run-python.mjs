/**
 * Runs Python with the recipe's pinned packages: EASEL_PYTHON where set, else models/train/.venv, made when it is missing.
 *
 *   node models/train/run-python.mjs --setup          make or renew the environment
 *   node models/train/run-python.mjs -m pytest ...    anything else: arguments for Python; before pytest, ruff runs
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));
const environment = join(folder, '.venv');
const requirements = join(folder, 'requirements.txt');
const marker = join(environment, 'requirements.sha256');
const OLDEST_PYTHON = [3, 11];

/** Runs a command with this terminal's output and returns its exit status; the repository's recipe is importable. */
function run(command, args) {
  const paths = [folder, process.env.PYTHONPATH].filter(Boolean);
  const env = { ...process.env, PYTHONPATH: paths.join(process.platform === 'win32' ? ';' : ':') };
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', env });
  if (error) fail(`${command} can't be started (${error.code}).`);
  return status ?? 1;
}

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}

/** The first Python of this machine that is new enough. */
function systemPython() {
  const candidates = process.platform === 'win32' ? [['py', '-3'], ['python']] : [['python3'], ['python']];
  for (const [command, ...args] of candidates) {
    const { status, stdout } = spawnSync(command, [...args, '-c', 'import sys; print(*sys.version_info[:2])']);
    if (status !== 0) continue;
    const [major = 0, minor = 0] = stdout.toString().trim().split(' ').map(Number);
    if (major === OLDEST_PYTHON[0] && minor >= OLDEST_PYTHON[1]) return [command, ...args];
  }
  return fail(
    `Training needs Python ${OLDEST_PYTHON.join('.')} or newer: install it, or set EASEL_PYTHON to one that has ${requirements}.`,
  );
}

function environmentPython() {
  return process.platform === 'win32' ? join(environment, 'Scripts', 'python.exe') : join(environment, 'bin', 'python');
}

function wantedMark() {
  return createHash('sha256').update(readFileSync(requirements)).digest('hex');
}

function isSetUp() {
  return existsSync(environmentPython()) && existsSync(marker) && readFileSync(marker, 'utf8') === wantedMark();
}

function setUp() {
  const [command, ...args] = systemPython();
  if (!existsSync(environmentPython()) && run(command, [...args, '-m', 'venv', environment]) !== 0) {
    fail('The Python environment could not be made: on Debian, install python3-venv.');
  }
  if (
    run(environmentPython(), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements]) !==
    0
  ) {
    fail(`The packages of ${requirements} could not be installed: see pip's message above.`);
  }
  writeFileSync(marker, wantedMark());
}

function python() {
  const chosen = process.env.EASEL_PYTHON;
  if (chosen) return chosen;
  if (!isSetUp()) setUp();
  return environmentPython();
}

/** Lint and format first: they take a second. */
function lint() {
  for (const args of [
    ['check', folder],
    ['format', '--check', folder],
  ]) {
    const status = run(python(), ['-m', 'ruff', ...args]);
    if (status !== 0) process.exit(status);
  }
}

const args = process.argv.slice(2);
if (args[0] === '--setup') {
  setUp();
} else {
  if (args[0] === '-m' && args[1] === 'pytest') lint();
  process.exit(run(python(), args));
}
