/** A live endpoint: its state, a form to ask it, its numbers, lines to paste, and its life. */

import { h, replace } from '../dom';
import { number } from '../format';
import type { EndpointRecord, Live } from '../wire';
import { button, confirmButton, copyButton, type Frame } from './frame';
import { type Ask, question } from './question';
import { recent } from './recent';
import { spark } from './spark';

export interface Actions {
  readonly predict: Ask;
  stop(): Promise<unknown>;
  restart(): Promise<unknown>;
  swap(version: string): Promise<unknown>;
  /** Where a stopped endpoint is forgotten and cannot be started again: how it is, in words. */
  readonly whenStopped?: string;
}

export interface EndpointView {
  /** Show which version answers where. */
  record(record: EndpointRecord): void;
  /** Show how it is now. */
  live(now: Live): void;
}

const MARKS: Readonly<Record<string, string>> = { running: '●', starting: '◐', stopped: '○', died: '✕', failed: '✕' };
const WATCHED = 60; // looks, about a second apart, over which the rate is drawn

export function endpoint(view: Frame, signal: AbortSignal, actions: Actions): EndpointView {
  const state = h('strong', { 'aria-live': 'polite' });
  const [head, numbers, asked, last, lines, life] = [
    h('div'),
    h('div'),
    h('div'),
    h('div'),
    h('div'),
    h('div', { class: 'mlops-row' }),
  ];
  const form = question(view, signal, actions.predict);
  const rates: (number | null)[] = [];
  let [record, drawn, requests] = [null as EndpointRecord | null, '', ''];
  const list = (now: Live): void => {
    const told = JSON.stringify(now.recent ?? null);
    if (told !== requests) replace(last, recent(now.recent)); // what is read or scrolled stays while nothing is new
    requests = told;
  };
  replace(asked, form.node);
  replace(view.body, head, numbers, asked, last, lines, life);
  return {
    record: shown => {
      record = shown;
      drawn = '';
      replace(head, ...title(shown, state, view, signal));
      form.show(shown.prototype);
      replace(lines, snippets(shown.snippets, view, signal));
    },
    live: now => {
      rates.push(now.rate);
      if (rates.length > WATCHED) rates.shift();
      replace(state, `${MARKS[now.state] ?? '?'} ${now.state}`);
      replace(
        numbers,
        h('div', { class: 'mlops-muted' }, measured(now)),
        rates.some(rate => rate)
          ? h(
              'div',
              { class: 'mlops-row mlops-muted' },
              spark('requests per second', rates),
              'requests per second, in the last minute'
            )
          : null
      );
      list(now);
      form.open(now.state === 'running');
      if (!record || now.state === drawn) return;
      drawn = now.state;
      replace(life, ...choices(now.state, record, view, signal, actions));
    },
  };
}

function title(record: EndpointRecord, state: HTMLElement, view: Frame, signal: AbortSignal): HTMLElement[] {
  const place = [
    state,
    h('span', {}, record.version),
    h('code', {}, record.url),
    copyButton('Copy URL', signal, view, () => record.url),
  ];
  return [h('h3', {}, `${record.name}@${record.alias ?? record.version}`), h('div', { class: 'mlops-row' }, ...place)];
}

function measured(now: Live): string {
  const parts = [
    `${number(now.requests)} requests (${number(now.rate)} per second)`,
    `${number(now.rows)} rows`,
    `latency p50 ${number(now.p50_ms)} ms and p95 ${number(now.p95_ms)} ms`,
    `${number(now.errors)} errors`,
    `up ${now.uptime_seconds === null ? '–' : span(now.uptime_seconds)}`,
  ];
  return parts.join(', ');
}

/** Return a time in its two largest units. */
function span(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

function snippets(byLanguage: Readonly<Record<string, string>>, view: Frame, signal: AbortSignal): HTMLElement {
  const code = h('pre', { class: 'mlops-code', tabindex: '0' });
  let shown = '';
  const tabs = Object.keys(byLanguage).map(language => button(language, signal, () => show(language), { role: 'tab' }));
  const show = (language: string): void => {
    shown = byLanguage[language] ?? '';
    replace(code, shown);
    for (const tab of tabs) tab.setAttribute('aria-selected', String(tab.textContent === language));
  };
  show(Object.keys(byLanguage)[0] ?? '');
  return h(
    'details',
    {},
    h('summary', {}, 'Ask it from elsewhere'),
    h('div', { role: 'tablist', class: 'mlops-row' }, ...tabs),
    code,
    copyButton('Copy', signal, view, () => shown)
  );
}

/** Return what can be done with an endpoint in this state; while it starts there is nothing but to wait. */
function choices(
  state: string,
  record: EndpointRecord,
  view: Frame,
  signal: AbortSignal,
  actions: Actions
): HTMLElement[] {
  const attempt = (work: () => Promise<unknown>, done: string, undo?: () => HTMLElement | null): void => {
    work().then(() => view.say(done, undo?.()), view.complain);
  };
  const restart = (): void => attempt(actions.restart, 'It runs again.');
  if (state === 'starting')
    return [h('span', { class: 'mlops-muted' }, 'It starts: the model is loaded and tried before it answers.')];
  if (state === 'stopped' && actions.whenStopped) return [h('span', { class: 'mlops-muted' }, actions.whenStopped)];
  if (state !== 'running') return [button('Restart', signal, restart)];
  const swap = (version: string): void =>
    attempt(
      () => actions.swap(version),
      `It answers with ${version} now.`,
      () => (version === record.version ? null : button('Undo', signal, () => swap(record.version)))
    );
  const others = record.versions.filter(version => version !== record.version);
  const choice = h(
    'select',
    { 'aria-label': 'Another version' },
    ...others.map(version => h('option', { value: version }, version))
  );
  const stop = (): void =>
    attempt(actions.stop, 'It was stopped.', () => (actions.whenStopped ? null : button('Undo', signal, restart)));
  return [
    ...(others.length ? [choice, button('Swap', signal, () => swap(choice.value))] : []),
    confirmButton('Stop', 'Stop it?', 'Yes, stop', signal, stop),
  ];
}
