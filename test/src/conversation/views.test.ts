import { describe, expect, it } from 'vitest';
import {
  finalView,
  helpView,
  outcomeView,
  refusedView,
  settingsView,
  statusView,
} from '../../../src/conversation/views.ts';
import { AppError } from '../../../src/errors.ts';
import { newGenerationId } from '../../../src/store/generation-id.ts';
import { readSettings } from '../../../src/studio/settings.ts';
import { generation, picture } from '../../fakes/generation.ts';

const HOSTILE = '<script>alert(1)</script> @everyone <!channel> **x** {{place}} $t(view.help)';
const kinds = (view: { controls: readonly { kind: string; pictureIndex: number | null }[] }) =>
  view.controls.map(({ kind, pictureIndex }) => (pictureIndex === null ? kind : `${kind} ${pictureIndex + 1}`));

describe('views', () => {
  it('a waiting one tells place, time left and how many of yours are ahead, and can be cancelled', () => {
    const view = statusView(generation(), {
      kind: 'queued',
      place: 3,
      placesKnown: 500,
      yoursAhead: 2,
      secondsLeft: 100,
    });
    expect(view.lines).toEqual(['Place 3', '2 of yours ahead', 'about 2 min left']);
    expect(kinds(view)).toEqual(['cancel']);
  });

  it('a place beyond the known ones is said so, and a time that nobody knows is left out', () => {
    const view = statusView(generation(), {
      kind: 'queued',
      place: null,
      placesKnown: 500,
      yoursAhead: 0,
      secondsLeft: null,
    });
    expect(view.lines).toEqual(['Place beyond 500']);
  });

  it('a result carries seed, model and every control, the most wanted first', () => {
    const view = finalView(generation(), null);
    expect(view.fields).toEqual([
      { name: 'Seed', value: '7' },
      { name: 'Model', value: 'nano' },
    ]);
    expect(kinds(view).slice(0, 5)).toEqual(['reroll', 'upscale 1', 'upscale 2', 'upscale 3', 'upscale 4']);
    expect(kinds(view).filter((kind) => kind.startsWith('vary'))).toHaveLength(8);
    expect(kinds(view)).toEqual(expect.arrayContaining(['edit', 'keep', 'direct', 'remove']));
    expect(new Set(view.controls.map(({ id }) => id)).size).toBe(view.controls.length);
  });

  it('an upscale offers no further upscale, and says that it adds no detail', () => {
    const view = finalView(
      generation({ kind: 'upscale', parentId: newGenerationId(1), parentPictureIndex: 1, pictures: [picture(0)] }),
      null,
    );
    expect(view.heading).toContain('Picture 2 at twice the size');
    expect(kinds(view).some((kind) => kind.startsWith('upscale'))).toBe(false);
    expect(view.parentId).not.toBeNull();
  });

  it('a sheet of which one picture failed offers controls of the others only', () => {
    const view = finalView(generation({ pictures: [picture(0), picture(1, 'failed')] }), null);
    expect(view.lines.join()).toContain('1 picture could not be drawn');
    expect(kinds(view)).not.toContain('upscale 2');
  });

  it('a failure tells its reason, that it costs nothing, and how to try again', () => {
    const view = finalView(generation({ status: 'failed', errorCode: 'WORKER_DIED' }), null);
    expect(view.lines.join(' ')).toMatch(/stopped twice.*costs you nothing/u);
    expect(kinds(view)).toEqual(['redraw', 'edit', 'remove']);
  });

  it('what a person typed is in the prompt only, untouched and never read as words of ours', () => {
    const hostile = generation({ prompt: HOSTILE });
    for (const view of [
      finalView(hostile, null),
      statusView(hostile, { kind: 'painting', doneShare: 0.5, secondsLeft: 5 }),
    ]) {
      expect(view.prompt).toBe(HOSTILE);
      expect(JSON.stringify({ ...view, prompt: '' })).not.toContain('alert(1)');
    }
  });

  it('speaks the language the request was made in', () => {
    expect(finalView(generation({ options: { locale: 'zh-CN' } }), null)).toMatchObject({
      locale: 'zh',
      heading: '完成',
    });
  });

  it('a gone model offers the redraw instead of the refusal alone', () => {
    const error = new AppError('JOB_MODEL_GONE', 'Gone.');
    const view = outcomeView({ kind: 'refused', error, generation: generation() }, 'en');
    expect(view?.controls.map(({ kind }) => kind)).toEqual(['redraw']);
  });

  it.each(['cancelled', 'removed', 'kept', 'unkept', 'sent', 'shared'] as const)(
    '"%s" is answered in words',
    (what) => {
      expect(outcomeView({ kind: 'done', what }, 'en')?.heading).toMatch(/\.$/u);
    },
  );

  it('an accepted request is answered by its message, a private one by a word', () => {
    const accepted = (isPrivate: boolean) =>
      ({ kind: 'accepted', created: true, notices: [], generations: [generation({ private: isPrivate })] }) as const;
    expect(outcomeView(accepted(false), 'en')).toBeNull();
    expect(outcomeView(accepted(true), 'en')?.heading).toContain('direct message');
  });

  it('help, settings and refusals say something in both languages', () => {
    for (const locale of ['en', 'zh'] as const) {
      expect(helpView(locale).lines.length).toBeGreaterThan(3);
      expect(
        settingsView(readSettings({ count: 2 }), { one: { flags: '--n 1' } }, locale).fields.map(({ value }) => value),
      ).toEqual(expect.arrayContaining(['2', '--n 1']));
      expect(refusedView(new AppError('QUEUE_FULL', 'Full.'), locale).lines[0]).toBeTruthy();
    }
  });
});
