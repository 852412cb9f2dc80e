// Numbers, times and limits as people read them.

import type { WireRuleBody } from '../../admin/wire.ts';

const NUMBER = new Intl.NumberFormat();
const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

export const formatNumber = (value: number): string => NUMBER.format(Math.round(value * 10) / 10);
export const formatDate = (atMs: number): string => DATE.format(atMs);

export function formatSeconds(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  return `${formatNumber(seconds / 3_600)} h`;
}

export function formatBytes(sizeBytes: number): string {
  return sizeBytes < 1e9 ? `${Math.round(sizeBytes / 1e6)} MB` : `${formatNumber(sizeBytes / 1e9)} GB`;
}

export type LimitKind = {
  readonly name: string;
  readonly label: string;
  readonly unit: string;
  readonly isCounted: boolean;
};

/** Limits with a number. */
export const NUMBER_LIMITS: readonly LimitKind[] = [
  { name: 'picturesPerDay', label: 'Pictures a day', unit: 'pictures a day', isCounted: true },
  { name: 'picturesPerHour', label: 'Pictures an hour', unit: 'pictures an hour', isCounted: true },
  { name: 'picturesPerMinute', label: 'Pictures a minute', unit: 'pictures a minute', isCounted: true },
  { name: 'picturesPerWeek', label: 'Pictures a week', unit: 'pictures a week', isCounted: true },
  { name: 'picturesPerMonth', label: 'Pictures a month', unit: 'pictures a month', isCounted: true },
  { name: 'gpuSecondsPerDay', label: 'GPU seconds a day', unit: 's of GPU a day', isCounted: true },
  { name: 'gpuSecondsPerMonth', label: 'GPU seconds a month', unit: 's of GPU a month', isCounted: true },
  { name: 'cooldownSeconds', label: 'Seconds between requests', unit: 's between requests', isCounted: true },
  { name: 'jobsWaiting', label: 'Requests waiting', unit: 'requests waiting', isCounted: true },
  { name: 'jobsRunning', label: 'Requests drawn at once', unit: 'requests at once', isCounted: false },
  { name: 'picturesPerRequest', label: 'Pictures a request', unit: 'pictures a request', isCounted: false },
  { name: 'promptsPerRequest', label: 'Prompts from braces', unit: 'prompts from braces', isCounted: false },
  { name: 'pickerWeight', label: 'Share of the queue', unit: 'times the usual share', isCounted: false },
];

const OTHER_LABELS: Readonly<Record<string, string>> = {
  models: 'Models',
  styles: 'Styles',
  channels: 'Channels',
  roles: 'Roles',
  blocked: 'Blocked',
  paused: 'Paused',
  quietHours: 'Quiet hours',
  buttons: "Buttons on others' pictures",
};

export function limitLabel(name: string): string {
  return NUMBER_LIMITS.find((each) => each.name === name)?.label ?? OTHER_LABELS[name] ?? name;
}

/** The value of a rule in a few words. */
export function ruleValue({ limit, value }: Pick<WireRuleBody, 'limit' | 'value'>): string {
  if (value === null) return 'no limit';
  if (typeof value === 'number') {
    const unit = NUMBER_LIMITS.find(({ name }) => name === limit)?.unit ?? '';
    return `${formatNumber(value)} ${value === 1 ? unit.replace(/^(picture|request|prompt)s/u, '$1') : unit}`;
  }
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) {
    return value.map((each: { from?: string; to?: string }) => `${each.from ?? ''}–${each.to ?? ''}`).join(', ');
  }
  if (typeof value === 'object') {
    if ('only' in value && Array.isArray(value.only)) return `only ${value.only.join(', ') || 'none'}`;
    if ('except' in value && Array.isArray(value.except)) return `all but ${value.except.join(', ')}`;
    if ('untilMs' in value) {
      return typeof value.untilMs === 'number' ? `until ${formatDate(value.untilMs)}` : 'until it is taken back';
    }
  }
  return JSON.stringify(value);
}

export function countedWords(countedPer: string): string {
  switch (countedPer) {
    case 'channel':
      return 'each channel together';
    case 'tenant':
      return 'everyone together';
    case 'host':
      return 'all places together';
    default:
      return 'each person';
  }
}
