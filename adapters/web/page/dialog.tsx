// A dialog of the browser's own: it holds the focus, closes with Escape and gives the focus back.

import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

export function Dialog({
  label,
  className,
  onClose,
  children,
  onKeyDown,
}: {
  label: string;
  className: string;
  onClose: () => void;
  children: ComponentChildren;
  onKeyDown?: (event: KeyboardEvent) => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class={`dialog ${className}`}
      aria-label={label}
      onClose={onClose}
      onKeyDown={onKeyDown}
      onClick={(event) => {
        // Beside it: the dialog itself is hit only where its content is not.
        if (event.target === dialog.current) dialog.current?.close();
      }}
    >
      <div class="dialog-body">{children}</div>
    </dialog>
  );
}
