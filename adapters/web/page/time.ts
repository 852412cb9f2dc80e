// Times in the reader's own way of writing them.

const TIME = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const DAY = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' });

/** Of today only the time. */
export function timeOfDay(atMs: number): string {
  const isToday = new Date(atMs).toDateString() === new Date().toDateString();
  return isToday ? TIME.format(atMs) : `${DAY.format(atMs)}, ${TIME.format(atMs)}`;
}

export function dayAndTime(atMs: number): string {
  return FULL.format(atMs);
}
