/** Code to read and copy: keywords, strings, numbers and comments have a colour each. */

import { type Child, h } from '../dom';
import { copyButton } from './button';

const TOKENS =
  /(#[^\n]*|\/\/[^\n]*)|("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|(%{1,2}\w+|\b(?:import|from|as|def|return|with|for|in|if|else|not|and|or|const|let|await|async|new|library|print|class|None|True|False|null|true|false)\b)|(\b\d[\d_.]*\b)/g;
const KINDS = ['c', 's', 'k', 'n'];

/** Return code with its words in colour; everything is a text node. */
export function highlighted(code: string): Child[] {
  const parts: Child[] = [];
  let end = 0;
  for (const match of code.matchAll(TOKENS)) {
    parts.push(
      code.slice(end, match.index),
      h('span', { class: KINDS[match.slice(1).findIndex(group => group !== undefined)] ?? null }, match[0])
    );
    end = match.index + match[0].length;
  }
  return [...parts, code.slice(end)];
}

/** Return a block of code with a button that copies it. */
export function codeBlock(
  code: string,
  label: string,
  signal: AbortSignal,
  failed: (error: unknown) => void
): HTMLElement {
  return h(
    'div',
    { class: 'mlops-code' },
    h('pre', { tabindex: '0', 'aria-label': label }, ...highlighted(code)),
    copyButton(`Copy: ${label}`, signal, () => code, failed)
  );
}
