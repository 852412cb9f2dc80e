// Keeps only what is near the eye in the page: the rest is an empty box of the height it had.

import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

const MARGIN = '1500px';
/** Before it was seen: a sheet of four with its buttons. */
const GUESS_PX = 520;

const heights = new Map<string, number>();
const listeners = new WeakMap<Element, (isNear: boolean) => void>();
let observer: IntersectionObserver | undefined;

function observe(element: Element, listener: (isNear: boolean) => void): () => void {
  observer ??= new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) listeners.get(target)?.(isIntersecting);
    },
    { root: element.closest('.scroller'), rootMargin: `${MARGIN} 0px` },
  );
  const watching = observer;
  listeners.set(element, listener);
  watching.observe(element);
  return () => watching.unobserve(element);
}

/** A scroller that is new has to be watched anew. */
export function forgetScroller(): void {
  observer?.disconnect();
  observer = undefined;
}

export function Near({ id, children }: { id: string; children: () => ComponentChildren }) {
  const box = useRef<HTMLDivElement>(null);
  const [isNear, setNear] = useState(!heights.has(id));
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    return observe(element, (isIn) => {
      const hasFocus = element.contains(document.activeElement);
      if (!isIn && !hasFocus) heights.set(id, element.offsetHeight || GUESS_PX);
      setNear(isIn || hasFocus);
    });
  }, [id]);
  return (
    <div ref={box} style={isNear ? undefined : { height: `${heights.get(id) ?? GUESS_PX}px` }}>
      {isNear ? children() : null}
    </div>
  );
}
