import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CONTROL_KINDS,
  type ControlAction,
  readControlId,
  readReaction,
  toControl,
  writeControlId,
} from '../../../src/conversation/control.ts';
import { newGenerationId } from '../../../src/store/generation-id.ts';

const generationId = newGenerationId(Date.UTC(2026, 0, 1));
const anyAction = fc.record<ControlAction>({
  kind: fc.constantFrom(...CONTROL_KINDS),
  generationId: fc.constant(generationId),
  pictureIndex: fc.option(fc.integer({ min: 0, max: 8 })),
  strength: fc.option(fc.constantFrom('subtle', 'strong')),
});

describe('controls', () => {
  it('an id carries the whole control and fits every platform', () => {
    fc.assert(
      fc.property(anyAction, (action) => {
        const id = writeControlId(action);
        expect(readControlId(id)).toEqual(action);
        expect(id.length).toBeLessThanOrEqual(100);
      }),
    );
  });

  it('an id that is not ours is nothing', () => {
    fc.assert(fc.property(fc.string(), (text) => readControlId(text) === null));
    for (const id of ['easel:fly:abc::', 'easel:vary:../../x:1:', `easel:vary:${generationId}:0:`, '']) {
      expect(readControlId(id)).toBeNull();
    }
  });

  it.each([
    ['🔁', 'reroll', null],
    ['3️⃣', 'vary', 2],
    ['3⃣', 'vary', 2],
    ['⬆', 'upscale', null],
    ['✉', 'direct', null],
    ['⭐', 'keep', null],
  ])('the reaction %s asks for %s', (emoji, kind, pictureIndex) => {
    expect(readReaction(emoji, { generationId, finished: true })).toMatchObject({ kind, pictureIndex });
  });

  it('❌ cancels what is not finished and removes what is', () => {
    expect(readReaction('❌', { generationId, finished: false })?.kind).toBe('cancel');
    expect(readReaction('❌', { generationId, finished: true })?.kind).toBe('remove');
  });

  it('any other reaction is only a reaction', () => {
    expect(readReaction('🦊', { generationId, finished: true })).toBeNull();
  });

  it('only edit opens a form, and only cancel and remove are for owners', () => {
    const action = { generationId, pictureIndex: null, strength: null };
    const controls = CONTROL_KINDS.map((kind) => toControl({ ...action, kind }, kind));
    expect(controls.filter(({ form }) => form !== null).map(({ kind }) => kind)).toEqual(['edit']);
    expect(controls.filter(({ ownersOnly }) => ownersOnly).map(({ kind }) => kind)).toEqual(['cancel', 'remove']);
  });
});
