/** Runs benches by name, or all of them: a table for people, one JSON object a line with `--json`. */
import { existsSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { findPackageRoot, shippedModelsDir } from '../src/models/package-root.ts';
import type { Bench, BenchModel, BenchResult } from './bench.ts';
import { coldStart } from './cold-start-ms.ts';
import { concurrency } from './concurrent-vs-serial.ts';
import { discordAck, discordBurst, discordForm } from './discord/ack.ts';
import { discordPost } from './discord/post.ts';
import { eighthFirstPreview } from './eighth-first-preview-ms.ts';
import { eventLoopP99 } from './event-loop-p99-ms.ts';
import { limitsDecisionP50, limitsDecisionP99, limitsUsageView, limitsWhy } from './limits.ts';
import { previewCost } from './preview-cost.ts';
import { ratios } from './ratios.ts';
import { sheetOfFour } from './sheet-of-four-ms.ts';
import { slackAck, slackBurst } from './slack/ack.ts';
import { slackPost } from './slack/post.ts';
import { startUnfinished } from './start-unfinished-ms.ts';
import { submitP99 } from './submit-p99-ms.ts';
import { waitingJobs } from './waiting-jobs-mb.ts';
import { adminFirstView } from './web/admin-first-view-ms.ts';
import { healthzP99 } from './web/healthz-p99-ms.ts';
import { webFirstPreview, webScroll, webUsable } from './web/page.ts';
import { memory } from './worker-memory-mb.ts';

const BENCHES: readonly Bench[] = [
  ...ratios,
  ...concurrency,
  eighthFirstPreview,
  previewCost,
  sheetOfFour,
  eventLoopP99,
  ...memory,
  coldStart,
  submitP99,
  startUnfinished,
  waitingJobs,
  limitsDecisionP50,
  limitsDecisionP99,
  limitsWhy,
  limitsUsageView,
  healthzP99,
  adminFirstView,
  webUsable,
  webFirstPreview,
  webScroll,
  discordAck,
  discordForm,
  discordBurst,
  discordPost,
  slackAck,
  slackBurst,
  slackPost,
];

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const json = args.includes('--json');
  const names = args.filter((arg) => arg !== '--json');
  const unknown = names.filter((name) => !BENCHES.some((bench) => bench.name === name));
  if (unknown.length > 0) {
    const known = BENCHES.map((bench) => bench.name).join(', ');
    process.stderr.write(`There is no bench ${unknown.join(', ')}. Known: ${known}.\n`);
    return 2;
  }
  const model = benchModel();
  const load = loadavg()
    .map((value) => value.toFixed(2))
    .join(' ');
  process.stderr.write(
    `Model ${model.name}, load average ${load}. Stop what runs beside it: the ratios hold, the times do not.\n`,
  );
  for (const bench of BENCHES) {
    if (names.length > 0 && !names.includes(bench.name)) continue;
    const result = await bench.run(model);
    process.stdout.write(`${json ? JSON.stringify(result) : toLine(result)}\n`);
  }
  return 0;
}

function toLine({ name, value, unit, baseline, ratio, note }: BenchResult): string {
  const against = baseline === null || unit === 'ratio' ? '' : `  (${baseline} ${unit}, ratio ${ratio})`;
  const figure = value === null ? 'absent' : String(value);
  return `${name.padEnd(36)} ${figure.padStart(9)} ${unit}${against}  ${note}`;
}

function benchModel(): BenchModel {
  const shipped = shippedModelsDir();
  if (existsSync(join(shipped, 'catalog.json'))) return { modelsDir: shipped, name: 'easel-nano' };
  return { modelsDir: join(findPackageRoot(import.meta.url), 'test', 'fixtures'), name: 'tiny' };
}
