/** Style sheets of widgets: once in a page, and in each shadow tree that holds a widget. */

/** Put a style sheet into the page, or into the shadow tree that holds the widget, once. */
export function dress(el: HTMLElement, kind: string, rules: string): void {
  const root = el.getRootNode();
  const place = root instanceof ShadowRoot ? root : document.head;
  const known = [...place.querySelectorAll<HTMLStyleElement>('style[data-mlops]')];
  const before = known.find(each => each.dataset['mlops'] === kind);
  if (before?.textContent === rules) return;
  const sheet = before ?? place.appendChild(document.createElement('style'));
  sheet.dataset['mlops'] = kind;
  sheet.textContent = rules;
}
