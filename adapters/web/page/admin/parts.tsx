// Pieces that several views are made of.

import type { ComponentChildren } from 'preact';

export function Card({
  title,
  note,
  children,
  aside,
}: {
  title: string;
  note?: string;
  children: ComponentChildren;
  aside?: ComponentChildren;
}) {
  return (
    <section class="card" aria-label={title}>
      <header class="card-head">
        <h2>{title}</h2>
        {aside}
      </header>
      {note !== undefined && <p class="card-note">{note}</p>}
      {children}
    </section>
  );
}

export function Problem({ text }: { text: string }) {
  return text === '' ? null : (
    <p class="problem" role="alert">
      {text}
    </p>
  );
}

export function Empty({ children }: { children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}

/** @param share 0..1 */
export function Meter({ share, label }: { share: number; label: string }) {
  return (
    <meter
      class={share >= 1 ? 'meter is-full' : 'meter'}
      aria-label={label}
      min={0}
      max={1}
      value={Math.min(1, Math.max(0, share))}
    />
  );
}
