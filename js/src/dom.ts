/** Builds elements; text is always text, never markup. */

export type Child = Node | string | number | null | undefined | false;

export interface Attributes {
  class?: string | null | undefined;
  on?: Record<string, (event: Event) => void>;
  signal?: AbortSignal;
  [name: string]: unknown;
}

const SVG = 'http://www.w3.org/2000/svg';

/** Return an HTML element with attributes, listeners (gone with the signal) and children. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  return filled(document.createElement(tag), attributes, children);
}

/** Return an SVG element. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

/** Put other children in place of the present ones. */
export function replace(parent: Element, ...children: Child[]): void {
  parent.replaceChildren(...nodes(children));
}

/** Return a text that breaks before its capitals and behind its underscores and equals signs where it has to: names of code are long. */
export function breakable(text: string): Child[] {
  return text
    .split(/(?=[A-Z][a-z])|(?<=[_/=-])(?=\w)|(?<=\.)(?=[a-z_])/)
    .flatMap((part, at) => (at ? [h('wbr'), part] : [part]));
}

function filled<E extends Element>(element: E, attributes: Attributes, children: Child[]): E {
  const { on = {}, signal, ...plain } = attributes;
  for (const [name, value] of Object.entries(plain)) {
    if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  for (const [event, handler] of Object.entries(on)) element.addEventListener(event, handler, signal ? { signal } : {});
  element.append(...nodes(children));
  return element;
}

function nodes(children: Child[]): (Node | string)[] {
  return children
    .filter(child => child !== null && child !== undefined && child !== false)
    .map(child => (child instanceof Node ? child : String(child)));
}
