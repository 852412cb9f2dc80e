// The page's own words, in the reader's language: English as it is written in the page, other languages by it.

import { signal } from '@preact/signals';
import { ZH } from './words-zh.ts';

export type PageLocale = 'en' | 'zh';

export const locale = signal<PageLocale>(navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en');

/**
 * Says it in the reader's language. Components that call it are drawn anew when the language changes.
 *
 * @param english what it is in English, with `{name}` where a value goes
 */
export function t(english: string, values: Readonly<Record<string, string | number>> = {}): string {
  const said = locale.value === 'zh' ? (ZH[english] ?? english) : english;
  return said.replaceAll(/\{(\w+)\}/gu, (whole, name: string) => `${values[name] ?? whole}`);
}

export function setLocale(next: PageLocale): void {
  locale.value = next;
  document.documentElement.lang = next === 'zh' ? 'zh-Hans' : 'en';
}
