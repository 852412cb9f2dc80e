/** `/easel stats`, `audit` and `doctor`: what happened here, who changed what, and what works. */
import { DateTime } from 'luxon';
import { CHART_HEIGHT_PX, CHART_WIDTH_PX, drawBarChart } from '../../image/chart.ts';
import { step } from '../../ops/step.ts';
import type { AuditEntry } from '../../policy/limits.ts';
import type { UsagePeriod, UsageRow } from '../../policy/usage.ts';
import type { ViewImage } from '../view.ts';
import { emptyView } from '../views.ts';
import type { DeskContext, Handlers } from './context.ts';
import { placeOf, value } from './context.ts';
import { action, fitting } from './limits.ts';
import { changesText } from './rule-text.ts';

const SHOWN_MAX = 10;
const AUDIT_SHOWN = 10;
const MEGABYTE = 1_000_000;

export const reportHandlers: Handlers<'stats' | 'audit' | 'doctor'> = {
  async stats(context) {
    const { parts, asker, words, locale } = context;
    const period = monthOf(context);
    const [total] = value(await parts.limits.usage(asker, { ...period, by: 'total', every: 'period' }));
    const people = value(await parts.limits.usage(asker, { ...period, by: 'user', every: 'period', limit: SHOWN_MAX }));
    const days = value(await parts.limits.usage(asker, { ...period, by: 'total', every: 'day' }));
    const refusals = value(await parts.limits.refusals(asker, period));
    const view = { ...emptyView('settings', locale), heading: words.say('stats.heading') };
    if (total === undefined || total.requests === 0) return { ...view, lines: [words.say('stats.nothing')] };
    const counts = new Map<string, number>();
    for (const { code, shadow, refusals: count } of refusals) {
      const said = `${words.sayCode(code)} (${words.say(shadow ? 'stats.shadow' : 'stats.refused')})`;
      counts.set(said, (counts.get(said) ?? 0) + count);
    }
    return {
      ...view,
      image: await chartOf(context, days),
      lines: [
        words.say('stats.total', {
          count: total.requests,
          pictures: total.pictures,
          seconds: Math.round(total.gpuSeconds),
        }),
        ...[...counts].map(([said, count]) => `${count} × ${said}`),
      ],
      fields: await Promise.all(
        people.map(async ({ key, pictures, gpuSeconds }) => ({
          name: key === '' ? words.say('desk.somebody') : await context.nameOf('user', key),
          value: words.say('stats.line', { pictures, seconds: Math.round(gpuSeconds) }),
        })),
      ),
    };
  },
  async audit(context, { before }) {
    const { parts, asker, words, locale } = context;
    const query = {
      limit: AUDIT_SHOWN + 1,
      host: placeOf(context) === null,
      ...(before === undefined ? {} : { before }),
    };
    const entries = value(await parts.limits.audit(asker, query));
    const view = { ...emptyView('settings', locale), heading: words.say('audit.heading') };
    if (entries.length === 0) return { ...view, lines: [words.say('audit.none')] };
    const shown = entries.slice(0, AUDIT_SHOWN);
    const last = shown.at(-1);
    const lines = await Promise.all(shown.map((entry) => entryText(context, entry)));
    const choices = shown
      .filter(({ undoneBy, action: done }) => undoneBy === null && done !== 'undo' && done !== 'clear')
      .map((entry) => ({
        ...action(`limits undo ${entry.id}`, (lines[shown.indexOf(entry)] ?? '').slice(0, 80)),
        about: null,
      }));
    return {
      ...view,
      lines,
      menu: choices.length === 0 ? null : { label: words.say('audit.undoOne'), choices },
      actions:
        entries.length > AUDIT_SHOWN && last !== undefined
          ? fitting([action(`audit ${last.id}`, words.say('audit.older'))])
          : [],
    };
  },
  async doctor(context) {
    const { parts, asker, words, locale } = context;
    const { platform, tenant } = asker.scope;
    const connection = parts.connection(platform);
    const { state, device, msPerPicture } = parts.drawing();
    const isReady = state === 'ready';
    const drawing = isReady
      ? words.say('desk.doctorWorkerOk', { device: device ?? '?', ms: Math.round(msPerPicture ?? 0) })
      : words.say('desk.doctorWorkerNo', { state });
    const { galleryChannel } = parts.limits.settings({ platform, tenant });
    const checks = [
      { name: words.say('desk.doctorWorker'), ok: isReady, message: drawing },
      ...(connection === undefined
        ? []
        : [
            {
              name: words.say('desk.doctorUpload'),
              ok: true,
              message: words.say('desk.doctorUploadOk', {
                megabytes: Math.floor(connection.limits.uploadBytesMax / MEGABYTE),
              }),
            },
          ]),
      ...((await connection?.examine?.(asker.scope, locale)) ?? []),
      {
        name: words.say('desk.doctorGallery'),
        ok: true,
        message:
          galleryChannel === null
            ? words.say('desk.doctorGalleryNone')
            : await context.nameOf('channel', galleryChannel),
      },
    ];
    const mark = (ok: boolean) => words.say(ok ? 'desk.doctorOk' : 'desk.doctorNo');
    return {
      ...emptyView('settings', locale),
      heading: words.say('desk.doctor'),
      lines: checks.map(({ name, ok, message }) => `${ok ? '✓' : '✗'} ${name} (${mark(ok)}): ${message}`),
      actions: [action('doctor', words.say('desk.refresh'))],
    };
  },
};

/** Pictures of each day of the month so far, days without any included. */
async function chartOf(context: DeskContext, rows: readonly UsageRow[]): Promise<ViewImage> {
  const { from, to } = monthOf(context);
  const known = new Map(rows.map(({ day, pictures }) => [day, pictures]));
  const days: string[] = [];
  for (let at = DateTime.fromISO(from); at.toFormat('yyyy-MM-dd') <= to; at = at.plus({ days: 1 })) {
    days.push(at.toFormat('yyyy-MM-dd'));
  }
  const values = days.map((day) => known.get(day) ?? 0);
  const told = days.flatMap((day, index) => ((values[index] ?? 0) === 0 ? [] : [`${day}: ${values[index]}`]));
  return {
    bytes: await step('encode', () => drawBarChart({ days, values })),
    format: 'png',
    mediaType: 'image/png',
    fileName: `easel-${from.slice(0, 7)}.png`,
    widthPx: CHART_WIDTH_PX,
    heightPx: CHART_HEIGHT_PX,
    alt: context.words.say('stats.chart', { from, to, days: told.join(', ') }),
    blobKeys: [],
  };
}

async function entryText(context: DeskContext, entry: AuditEntry): Promise<string> {
  const { words } = context;
  const who = await context.nameOf('user', entry.by.user);
  const [first, ...more] = await changesText(context, entry);
  const what = [words.say(`audit.action.${entry.action}`), first ?? '', more.length > 0 ? `(+${more.length})` : '']
    .filter((part) => part !== '')
    .join(' ');
  const line = words.say('audit.line', { when: words.sayDate(entry.atMs), who, what });
  return entry.undoneBy === null ? line : `${line} ${words.say('audit.undone')}`;
}

/** From a terminal of all places. */
function monthOf(context: DeskContext): UsagePeriod {
  const { parts } = context;
  const place = placeOf(context);
  const own = place === null ? null : parts.limits.settings(place).timeZone;
  const zone = own ?? parts.limits.settings(null).timeZone ?? 'local';
  const now = DateTime.fromMillis(parts.clock.nowMs(), { zone });
  const days = { from: now.startOf('month').toFormat('yyyy-MM-dd'), to: now.toFormat('yyyy-MM-dd') };
  return place === null ? { ...days, tenant: null } : days;
}
