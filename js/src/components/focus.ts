/** Keeps the reader's place in a table that is drawn again. */

/** Draw a table in place of another one, scrolled as that was, with the keyboard on the control of the same name. */
export function keepFocus(place: HTMLElement, draw: () => void): void {
  const scrolled = place.querySelector('.mlops-scroll')?.scrollTop ?? 0;
  const focused = document.activeElement;
  const label = focused && place.contains(focused) ? focused.getAttribute('aria-label') : null;
  draw();
  const now = place.querySelector('.mlops-scroll');
  if (now && scrolled) now.scrollTop = scrolled;
  const same = [...place.querySelectorAll<HTMLElement>('[aria-label]')].find(
    each => each.getAttribute('aria-label') === label
  );
  if (label) same?.focus({ preventScroll: true });
}
