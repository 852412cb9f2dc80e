import type { Shown } from '../../contracts/stories.ts';

export type RawShown = Omit<Shown, 'author' | 'buttons'> & {
  author: string;
  buttons: { kind: string; picture: string | null; strength: string | null }[];
};

export function readPage(): RawShown[];
