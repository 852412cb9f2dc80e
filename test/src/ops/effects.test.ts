import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { STEPS } from '../../../src/ops/step.ts';

/** Calls with an effect outside the process, as they are written in the core. */
const EFFECTS: readonly RegExp[] = [
  /\bstore\s*\.accept\(/gu,
  /\bgenerations\s*\.(?:keep|publish|cancel|remove)\(/gu,
  /\bjobs\s*\.(?:begin|drawn|failed|release)\(/gu,
  /\bsignIns\s*\.(?:link|redeem|open|end)\(/gu,
  /\bclaims\s*\.(?:begin|end)\(/gu,
  /\boutbox\s*\.(?:placeholder|posting|told|later|giveUp|link)\(/gu,
  /\bpictures\s*\.(?:expire|restore)\(/gu,
  /\blimits\s*\.(?:apply|refused|shadowed|rollUp)\(/gu,
  /\bpeople\s*\.(?:saveSettings|savePreset|forget)\(/gu,
  /\breactions\s*\.(?:add|done|remove)\(/gu,
  /\bgallery\s*\.(?:posted|later|gone)\(/gu,
  /\bblobs\s*\.(?:put|remove)\(/gu,
  /\b(?:supervisor|worker)\s*\.(?:draw|decode)\(/gu,
  /\bmessages\s*\.(?:post|edit|remove|find|privateReply|direct)\(/gu,
  /\b(?:upscaleLanczos2x|encodeWithin|composeSheet)\(/gu,
];
/** Where the effects themselves live, and what shows only what is not stored: previews. */
const FOLDERS = ['studio', 'queue', 'conversation', 'ops', 'policy'];
const ALLOWED: Record<string, string> = {
  'conversation/images.ts: composeSheet(pngs)': 'a preview on its way: nothing is stored, nothing is lost',
};

const SRC = fileURLToPath(new URL('../../../src', import.meta.url));

/** Calls of a source that are not lexically inside the argument of `step(`. */
function bypasses(source: string): string[] {
  // Comments name calls too.
  const code = source.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/gu, (comment) => ' '.repeat(comment.length));
  const inside = [...code.matchAll(/\bstep\(/gu)].map(
    ({ index }) => [index, closeOf(code, index + 'step('.length)] as const,
  );
  return EFFECTS.flatMap((effect) => [...code.matchAll(effect)])
    .filter(({ index }) => !/\b(?:import|function)\s[^;(]*$/u.test(code.slice(Math.max(0, index - 80), index)))
    .filter(({ index }) => !inside.some(([from, to]) => from < index && index < to))
    .map(({ index }) => code.slice(index, code.indexOf(')', index) + 1).replace(/\s+/gu, ''));
}

function closeOf(code: string, from: number): number {
  let depth = 1;
  for (let at = from; at < code.length; at++) {
    if (code[at] === '(') depth += 1;
    if (code[at] === ')' && --depth === 0) return at;
  }
  return code.length;
}

describe('effects outside the process', () => {
  it('all pass through step(name)', () => {
    const found = FOLDERS.flatMap((folder) =>
      readdirSync(join(SRC, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .flatMap((name) =>
          bypasses(readFileSync(join(SRC, folder, name), 'utf8')).map((call) => `${folder}/${name}: ${call}`),
        ),
    );
    expect(found.filter((call) => !Object.hasOwn(ALLOWED, call))).toEqual([]);
  });

  it('are found where they bypass it', () => {
    const planted = `
      await step('post', () => messages.edit(ref, view));
      await store.outbox.told(id, channel, messageId, nowMs); // step('settle', …)
      const png = await supervisor
        .draw(slot);
    `;
    expect(bypasses(planted)).toEqual(['outbox.told(id,channel,messageId,nowMs)', 'supervisor.draw(slot)']);
  });

  it('have the names that the design asks for, twelve at least', () => {
    const asked = ['accept', 'placeholder', 'pick', 'draw', 'encode', 'store', 'post', 'settle'];
    expect(STEPS).toEqual(expect.arrayContaining(asked));
    expect(STEPS.length).toBeGreaterThanOrEqual(12);
    expect(new Set(STEPS).size).toBe(STEPS.length);
  });
});
