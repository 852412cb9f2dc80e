// The schemas are those of the installed Slack types, and closed.

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { makeSchemas } from './make-schemas.mjs';

const KEPT = readFileSync(new URL('../../../contracts/schemas/slack.json', import.meta.url), 'utf8');

it('are what Slack’s own types say now', { timeout: 120_000 }, () => {
  expect(makeSchemas() === KEPT, 'run `node test/fakes/slack/contract/make-schemas.mjs`').toBe(true);
});

it('let no unknown field through, and no block that is only “some block”', () => {
  const { definitions }: { definitions: Record<string, { type?: string; additionalProperties?: unknown }> } =
    JSON.parse(KEPT);
  expect(Object.keys(definitions)).not.toContain('Block');
  const open = Object.entries(definitions).filter(
    ([, schema]) => schema.type === 'object' && schema.additionalProperties !== false && !('allOf' in schema),
  );
  // Metadata of an app's own, whose values are its own.
  expect(open.map(([name]) => name)).toEqual(['MessageMetadataEventPayloadObject']);
});
