// Reads Vitest's JSON report: prints the totals, and fails when a test is skipped that test/allowed-skips.json does not
// list as { "file", "title", "reason" }.

import { readFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const [reportPath] = process.argv.slice(2);
const root = fileURLToPath(new URL('..', import.meta.url));
const report = JSON.parse(readFileSync(reportPath, 'utf8'));
const allowed = JSON.parse(readFileSync(new URL('allowed-skips.json', import.meta.url), 'utf8'));

const skipped = report.testResults.flatMap(({ name, assertionResults }) =>
  assertionResults
    .filter(({ status }) => status !== 'passed' && status !== 'failed')
    .map(({ fullName }) => ({ file: relative(root, name).split(sep).join('/'), title: fullName })),
);
const isAllowed = ({ file, title }) =>
  allowed.some((entry) => entry.file === file && entry.title === title && entry.reason);
const unexplained = skipped.filter((test) => !isAllowed(test));

for (const { file, title } of unexplained)
  console.error(`skipped without a reason in test/allowed-skips.json: ${file}: ${title}`);
for (const { file, title, reason } of allowed) {
  if (skipped.some((test) => test.file === file && test.title === title))
    console.error(`skipped: ${title} (${reason})`);
}
console.log(`${report.numPassedTests} passed, ${report.numFailedTests} failed`);
process.exit(unexplained.length > 0 || !report.success ? 1 : 0);
