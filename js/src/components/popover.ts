/** What lies above the page: menus, and questions about what cannot be undone. */

import { h } from '../dom';
import { more } from '../icons.json';
import { button, iconButton } from './button';
import { icon, type Shape } from './icon';

const GAP = 4; // pixels between a button and what it opens
const MARGIN = 8; // pixels between the foot of what is seen and what lies there

/** One line of a menu; null is a rule between lines. */
export interface Item {
  readonly label: string;
  readonly mark: Shape;
  readonly press: () => void;
  readonly danger?: boolean;
}

/** Open a menu below a button; arrows, letters and Escape work as in any menu. */
export function openMenu(anchor: HTMLElement, items: readonly (Item | null)[], signal: AbortSignal): void {
  const lines = items.map(item =>
    item === null
      ? h('hr')
      : h(
          'button',
          {
            type: 'button',
            role: 'menuitem',
            tabindex: '-1',
            class: item.danger ? 'is-danger' : null,
            signal,
            on: { click: () => (end(), item.press()) },
          },
          icon(item.mark),
          item.label
        )
  );
  const menu = h(
    'div',
    {
      class: 'mlops-menu',
      role: 'menu',
      popover: 'auto',
      'aria-label': anchor.getAttribute('aria-label') ?? anchor.textContent,
    },
    ...lines
  );
  const end = open(menu, anchor);
  const buttons = [...menu.querySelectorAll<HTMLElement>('[role=menuitem]')];
  menu.addEventListener('keydown', event => walk(event, buttons, end), { signal });
  buttons[0]?.focus();
}

/** Return a button that opens a menu, made when it is pressed. */
export function opensMenu(
  made: HTMLButtonElement,
  items: () => readonly (Item | null)[],
  signal: AbortSignal
): HTMLButtonElement {
  made.setAttribute('aria-haspopup', 'menu');
  made.setAttribute('aria-expanded', 'false');
  made.addEventListener('click', () => openMenu(made, items(), signal), { signal });
  return made;
}

/** Return the ⋯ of a row, with what else can be done with it. */
export function moreMenu(
  subject: string,
  items: (anchor: HTMLElement) => readonly (Item | null)[],
  signal: AbortSignal
): HTMLButtonElement {
  const made = iconButton(more, `More for ${subject}`, { signal, kind: 'is-small' });
  return opensMenu(made, () => items(made), signal);
}

/** Ask before what cannot be undone; the keyboard begins on the button that leaves all as it is. */
export function confirm(
  anchor: HTMLElement,
  question: string,
  consequence: string,
  accept: string,
  signal: AbortSignal,
  leave = 'Cancel'
): Promise<boolean> {
  return new Promise(resolve => {
    let sure = false;
    const cancel = button(leave, { signal, kind: 'is-quiet', press: () => end() });
    const go = button(accept, { signal, kind: 'is-primary is-danger', press: () => ((sure = true), end()) });
    const asked = h(
      'div',
      { class: 'mlops-pop', role: 'alertdialog', popover: 'auto', 'aria-label': question },
      h('h4', {}, question),
      h('p', {}, consequence),
      h('div', { class: 'mlops-line' }, h('span', { class: 'mlops-end' }), cancel, go)
    );
    const end = open(asked, anchor, () => resolve(sure));
    cancel.focus();
  });
}

/** Ask for one of several options, or another word where `free`; null when it was cancelled. */
export function choose(
  anchor: HTMLElement,
  question: string,
  options: readonly string[],
  accept: string,
  signal: AbortSignal,
  free = false
): Promise<string | null> {
  return new Promise(resolve => {
    let chosen: string | null = null;
    const list = h('datalist', { id: 'mlops-options' }, ...options.map(value => h('option', { value }, value)));
    const field = free
      ? h('input', { class: 'mlops-input', list: list.id, 'aria-label': question })
      : h('select', { class: 'mlops-input', 'aria-label': question }, ...list.childNodes);
    const cancel = button('Cancel', { signal, kind: 'is-quiet', press: () => end() });
    const go = button(accept, {
      signal,
      kind: 'is-primary',
      press: () => ((chosen = field.value.trim() || null), end()),
    });
    const asked = h(
      'div',
      { class: 'mlops-pop', role: 'dialog', popover: 'auto', 'aria-label': question },
      h('h4', {}, question),
      h('p', {}, field, free ? list : null),
      h('div', { class: 'mlops-line' }, h('span', { class: 'mlops-end' }), cancel, go)
    );
    field.addEventListener('keydown', event => (event as KeyboardEvent).key === 'Enter' && go.click(), { signal });
    const end = open(asked, anchor, () => resolve(chosen));
    field.focus();
  });
}

/** Show a node above the page, near what opened it; the returned function closes it and gives the keyboard back. */
function open(node: HTMLElement, anchor: HTMLElement, closed: () => void = () => undefined): () => void {
  const root = anchor.closest('.mlops') ?? document.body;
  anchor.setAttribute('aria-expanded', 'true');
  root.append(node);
  node.showPopover?.();
  place(node, anchor);
  const end = (): void => {
    if (node.parentNode === null) return;
    node.remove();
    if (anchor.hasAttribute('aria-haspopup')) anchor.setAttribute('aria-expanded', 'false');
    else anchor.removeAttribute('aria-expanded');
    anchor.focus({ preventScroll: true });
    closed();
  };
  node.addEventListener('toggle', event => {
    if ((event as ToggleEvent).newState === 'closed') end();
  });
  node.addEventListener('keydown', event => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    end();
  });
  return end;
}

/** Put a node below its anchor, its end at the anchor's end; above it, or within the window, where there is no room. */
function place(node: HTMLElement, anchor: HTMLElement): void {
  const [box, { width, height }] = [anchor.getBoundingClientRect(), node.getBoundingClientRect()];
  const left = Math.max(GAP, Math.min(box.right - width, innerWidth - width - GAP));
  const below = box.bottom + GAP;
  const top = below + height <= innerHeight ? below : Math.max(GAP, box.top - height - GAP);
  Object.assign(node.style, { position: 'fixed', inset: 'auto', left: `${left}px`, top: `${top}px` });
}

/**
 * Show a node at the foot of what is seen of a view, where its own place is out of sight.
 *
 * The returned function puts it at its place.
 */
export function keepInSight(node: HTMLElement, root: HTMLElement): () => void {
  const settle = (): void => {
    node.popover = null;
    node.removeAttribute('style');
  };
  if (!node.showPopover || node.getBoundingClientRect().bottom <= footOf(root) - MARGIN) return settle;
  node.popover = 'manual'; // above the cell, which cuts off what is fixed or sticky
  node.showPopover();
  const follow = (): void => {
    if (!node.isConnected || node.popover === null) return removeEventListener('scroll', follow, true);
    const { left, bottom } = root.getBoundingClientRect();
    const top = Math.min(bottom, footOf(root)) - node.offsetHeight - MARGIN;
    Object.assign(node.style, { position: 'fixed', inset: 'auto', left: `${left + 2 * MARGIN}px`, top: `${top}px` });
  };
  addEventListener('scroll', follow, true);
  follow();
  return settle;
}

/** Return the lower end of what is seen around a view, in pixels of the window. */
function footOf(root: HTMLElement): number {
  let foot = innerHeight;
  for (let each = root.parentElement; each && each !== document.body; each = each.parentElement)
    if (getComputedStyle(each).overflowY !== 'visible') foot = Math.min(foot, each.getBoundingClientRect().bottom);
  return foot;
}

/** Walk through a menu: arrows, Home and End, the first letter; Tab leaves it. */
function walk(event: KeyboardEvent, buttons: readonly HTMLElement[], end: () => void): void {
  const now = buttons.indexOf(document.activeElement as HTMLElement);
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: now + 1,
    ArrowUp: now - 1 + buttons.length,
    Home: 0,
    End: buttons.length - 1,
  };
  const step = steps[event.key];
  if (event.key === 'Tab') return end();
  const letter =
    event.key.length === 1
      ? buttons.findIndex(
          (each, place) => place !== now && each.textContent?.toLowerCase().startsWith(event.key.toLowerCase())
        )
      : -1;
  const wanted = step === undefined ? letter : step % buttons.length;
  if (wanted < 0) return;
  event.preventDefault();
  buttons[wanted]?.focus();
}
