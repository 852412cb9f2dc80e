/** Calendar periods and quiet hours in a time zone, by luxon: days of 23 and 25 hours included. */
import { DateTime, IANAZone } from 'luxon';
import type { QuietHours } from './rules.ts';
import type { Day } from './usage.ts';

export type Period = {
  /** First and last day; the first is also its label. */
  from: Day;
  to: Day;
  startMs: number;
  /** When the next one begins. */
  endMs: number;
};

export type Periods = { day: Period; week: Period; month: Period };

const UNITS = ['day', 'week', 'month'] as const;

export function isTimeZone(name: string): boolean {
  return IANAZone.isValidZone(name);
}

/** What the machine is set to. */
export function machineTimeZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

export type Calendar = { periodsAt(atMs: number, timeZone: string): Periods };

/** Remembers the periods of each zone until one of them ends: a decision asks for them every time. */
export function createCalendar(): Calendar {
  const known = new Map<string, Periods>();
  return {
    periodsAt(atMs, timeZone) {
      const before = known.get(timeZone);
      // The day is the shortest, and lies in the two others.
      if (before !== undefined && before.day.startMs <= atMs && atMs < before.day.endMs) return before;
      const at = DateTime.fromMillis(atMs, { zone: timeZone });
      const [day, week, month] = UNITS.map((unit) => toPeriod(at, unit)) as [Period, Period, Period];
      const periods = { day, week, month };
      known.set(timeZone, periods);
      return periods;
    },
  };
}

function toPeriod(at: DateTime, unit: (typeof UNITS)[number]): Period {
  const start = at.startOf(unit);
  const next = start.plus({ [unit]: 1 }).startOf(unit);
  return {
    from: toDay(start),
    to: toDay(next.minus({ days: 1 })),
    startMs: start.toMillis(),
    endMs: next.toMillis(),
  };
}

function toDay(at: DateTime): Day {
  return at.toFormat('yyyy-MM-dd');
}

/**
 * When the quiet hours that hold now end.
 *
 * Hours that touch each other are one: waiting for the first to end would only lead into the next.
 * @returns null when it is not quiet
 */
export function quietUntilMs(hours: QuietHours, atMs: number, timeZone: string): number | null {
  let untilMs: number | null = null;
  for (let round = 0; round <= (hours?.length ?? 0); round += 1) {
    const next = endOfQuiet(hours, untilMs ?? atMs, timeZone);
    if (next === null) break;
    untilMs = next;
  }
  return untilMs;
}

function endOfQuiet(hours: QuietHours, atMs: number, timeZone: string): number | null {
  const now = DateTime.fromMillis(atMs, { zone: timeZone });
  const ends = (hours ?? []).flatMap(({ from, to, days }) =>
    // The night may have begun yesterday.
    [now.minus({ days: 1 }), now].flatMap((evening) => {
      if (days !== undefined && !days.includes(evening.weekday)) return [];
      const start = timeOn(evening, from);
      const end = timeOn(to <= from ? evening.plus({ days: 1 }) : evening, to);
      return start.toMillis() <= atMs && atMs < end.toMillis() ? [end.toMillis()] : [];
    }),
  );
  return ends.length === 0 ? null : Math.max(...ends);
}

function timeOn(day: DateTime, time: string): DateTime {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return day.startOf('day').set({ hour, minute });
}
