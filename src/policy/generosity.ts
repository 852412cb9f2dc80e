/** Which of two rules lets more pass, for people with several roles. */
import { quietUntilMs } from './calendar.ts';
import type { Choice, Rule, Until } from './rules.ts';

/** What a request is, as far as rules that are not counted ask. */
export type Asked = {
  models: readonly string[];
  styles: readonly string[];
  channel: string;
  roles: readonly string[];
  atMs: number;
  timeZone: string;
};

/** Greater lets more pass; comparable among rules of one limit only. */
export function generosityOf(rule: Rule, asked: Asked): number {
  switch (rule.limit) {
    case 'models':
      return letsThrough(rule.value, asked.models) ? 1 : 0;
    case 'styles':
      return letsThrough(rule.value, asked.styles) ? 1 : 0;
    case 'channels':
      return letsThrough(rule.value, [asked.channel]) ? 1 : 0;
    case 'roles':
      return letsAnyThrough(rule.value, asked.roles) ? 1 : 0;
    case 'blocked':
    case 'paused':
      return isInForce(rule.value, asked.atMs) ? -(rule.value?.untilMs ?? Number.POSITIVE_INFINITY) : 1;
    case 'quietHours':
      return -(quietUntilMs(rule.value, asked.atMs, asked.timeZone) ?? 0);
    case 'buttons':
      return { everyone: 2, moderators: 1, author: 0 }[rule.value ?? 'everyone'];
    case 'pickerWeight':
      return rule.value ?? 1;
    case 'cooldownSeconds':
      return -(rule.value ?? 0);
    default:
      return rule.value ?? Number.POSITIVE_INFINITY;
  }
}

export function letsThrough(choice: Choice, names: readonly string[]): boolean {
  if (choice === null) return true;
  return 'only' in choice
    ? names.every((name) => choice.only.includes(name))
    : !names.some((name) => choice.except.includes(name));
}

/** One role that may is enough; one that may not is too much. */
export function letsAnyThrough(choice: Choice, names: readonly string[]): boolean {
  if (choice === null) return true;
  return 'only' in choice
    ? names.some((name) => choice.only.includes(name))
    : !names.some((name) => choice.except.includes(name));
}

export function isInForce(until: Until, atMs: number): boolean {
  return until !== null && (until.untilMs === null || atMs < until.untilMs);
}
