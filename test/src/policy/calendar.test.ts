import { describe, expect, it } from 'vitest';
import { createCalendar, isTimeZone, quietUntilMs } from '../../../src/policy/calendar.ts';

const at = (text: string) => Date.parse(text);

describe('periods', () => {
  const calendar = createCalendar();

  it.each([
    ['2026-01-15T12:00:00Z', 'UTC', '2026-01-15', '2026-01-12', '2026-01-01'],
    ['2026-01-15T23:30:00Z', 'Asia/Tokyo', '2026-01-16', '2026-01-12', '2026-01-01'],
    ['2026-02-01T04:00:00Z', 'America/New_York', '2026-01-31', '2026-01-26', '2026-01-01'],
    ['2026-03-01T18:10:00Z', 'Asia/Kathmandu', '2026-03-01', '2026-02-23', '2026-03-01'],
  ])('%s in %s is in the day %s, the week of %s and the month of %s', (text, zone, day, week, month) => {
    const periods = calendar.periodsAt(at(text), zone);
    expect([periods.day.from, periods.week.from, periods.month.from]).toEqual([day, week, month]);
  });

  it('touch each other across the days when the clock is changed', () => {
    for (const [text, hours] of [
      ['2026-03-29T12:00:00Z', 23],
      ['2026-10-25T12:00:00Z', 25],
    ] as const) {
      const { day } = calendar.periodsAt(at(text), 'Europe/Berlin');
      expect((day.endMs - day.startMs) / 3_600_000).toBe(hours);
      expect(calendar.periodsAt(day.endMs, 'Europe/Berlin').day.startMs).toBe(day.endMs);
      expect(calendar.periodsAt(day.endMs - 1, 'Europe/Berlin').day).toEqual(day);
    }
  });

  it('begin at midnight or, where there is none that day, when the day begins', () => {
    const { day } = calendar.periodsAt(at('2026-09-06T12:00:00-03:00'), 'America/Santiago');
    expect(day.from).toBe('2026-09-06');
    expect(new Date(day.startMs).toISOString()).toBe('2026-09-06T04:00:00.000Z');
  });

  it('know a zone by its name', () => {
    expect([isTimeZone('Europe/Berlin'), isTimeZone('Mars/Olympus'), isTimeZone('')]).toEqual([true, false, false]);
  });
});

describe('quiet hours', () => {
  const night = [{ from: '22:00', to: '07:00' }];

  it.each([
    [night, '2026-01-15T21:59:00Z', null],
    [night, '2026-01-15T22:00:00Z', '2026-01-16T07:00:00Z'],
    [night, '2026-01-16T06:59:00Z', '2026-01-16T07:00:00Z'],
    [night, '2026-01-16T07:00:00Z', null],
    [
      [
        { from: '09:00', to: '10:00' },
        { from: '10:00', to: '12:00' },
      ],
      '2026-01-15T09:30:00Z',
      '2026-01-15T12:00:00Z',
    ],
    // Friday evenings only: Saturday morning belongs to them.
    [[{ from: '22:00', to: '07:00', days: [5] }], '2026-01-17T03:00:00Z', '2026-01-17T07:00:00Z'],
    [[{ from: '22:00', to: '07:00', days: [5] }], '2026-01-16T03:00:00Z', null],
    [null, '2026-01-16T03:00:00Z', null],
  ])('%o at %s last until %s', (hours, text, until) => {
    expect(quietUntilMs(hours, at(text), 'UTC')).toBe(until === null ? null : at(until));
  });

  it('last an hour less in the night when the clock is put forward', () => {
    expect(quietUntilMs(night, at('2026-03-28T22:30:00+01:00'), 'Europe/Berlin')).toBe(at('2026-03-29T07:00:00+02:00'));
  });
});
