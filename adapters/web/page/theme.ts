// Dark or light: the system's choice until somebody makes their own.

import { signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';

const KEY = 'easel-theme';

export const theme = signal<Theme>(read());

function read(): Theme {
  const stored = localStorage.getItem(KEY);
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

export function applyTheme(): void {
  if (theme.value === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme.value;
}

export function isDark(): boolean {
  return theme.value === 'system' ? matchMedia('(prefers-color-scheme: dark)').matches : theme.value === 'dark';
}

export function toggleTheme(): void {
  theme.value = isDark() ? 'light' : 'dark';
  localStorage.setItem(KEY, theme.value);
  applyTheme();
}
