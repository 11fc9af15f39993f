import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

/** Draws what the reader is near to, and lets it go when he is far again: what a page costs to scroll does not depend on
 * how much was scrolled before. The row of `ref` stands before the `count` rows that it speaks of, each about `rowHeight`
 * pixels high.
 * @returns pixels that the rows are high while they are not drawn; 0: they are */
export function useNear(
  count: number,
  rowHeight: number,
  isAlways: boolean,
): readonly [number, RefObject<HTMLTableRowElement | null>] {
  const [height, setHeight] = useState(isAlways ? 0 : count * rowHeight);
  const ref = useRef<HTMLTableRowElement>(null);
  useEffect(() => {
    const row = ref.current;
    if (row === null) return undefined;
    told.set(row, (isNear) => setHeight((before) => (isNear ? 0 : before || heightOf(row, count))));
    observer.observe(row);
    return () => observer.unobserve(row);
  }, [count]);
  return [height, ref];
}

/** Of the rows that follow; 0 where one of them has to stay: the reader is in it, or it says what failed. */
function heightOf(row: Element, count: number): number {
  let sum = 0;
  for (let n = 0, next = row.nextElementSibling; n < count && next !== null; n += 1, next = next.nextElementSibling) {
    if (next.contains(document.activeElement) || next.querySelector('.failed, [aria-busy="true"]') !== null) return 0;
    sum += next.getBoundingClientRect().height;
  }
  return sum;
}

const told = new WeakMap<Element, (isNear: boolean) => void>();
/** Rows whose turn comes. */
const waiting = new Set<Element>();

/** One for all rows: each of its own would look at the whole page in every frame. */
const observer = new IntersectionObserver(
  (entries) => {
    const isIdle = waiting.size === 0;
    for (const { target, isIntersecting } of entries) {
      waiting.delete(target);
      if (isIntersecting) waiting.add(target);
      else told.get(target)?.(false);
    }
    if (isIdle) requestAnimationFrame(drawInTurn);
  },
  { rootMargin: '600px 0px' },
);

/** One a frame, what came near last first: what is drawn together is laid out together, and after a far jump that would
 * hold the frame up. */
function drawInTurn(): void {
  const next = [...waiting].at(-1);
  if (next === undefined) return;
  waiting.delete(next);
  told.get(next)?.(true);
  if (waiting.size > 0) requestAnimationFrame(drawInTurn);
}
