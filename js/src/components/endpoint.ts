/** A live endpoint: its state, a form to ask it, its numbers, lines to paste, and its life. */

import { h, replace } from '../dom';
import { number, text } from '../format';
import type { Answer, EndpointRecord, Live, Value } from '../wire';
import { form } from './form';
import { button, confirmButton, copyButton, type Frame } from './frame';

export interface Deeds {
  predict(row: Record<string, Value>): Promise<Answer>;
  stop(): Promise<unknown>;
  restart(): Promise<unknown>;
  swap(version: string): Promise<unknown>;
}

const MARKS: Readonly<Record<string, string>> = { running: '●', starting: '◐', stopped: '○', died: '✕' };

export function endpoint(record: EndpointRecord, view: Frame, signal: AbortSignal, deeds: Deeds): { live(now: Live): void } {
  const state = h('strong', { 'aria-live': 'polite' });
  const numbers = h('div', { class: 'mlops-muted' });
  const life = h('div', { class: 'mlops-row' });
  let shown = '';
  const attempt = (work: () => Promise<unknown>, done: string): void => {
    work().then(() => view.say(done), view.complain);
  };
  replace(
    view.body,
    h('h3', {}, `${record.name}@${record.alias ?? record.version}`),
    h('div', { class: 'mlops-row' }, state, h('span', {}, record.version), h('code', {}, record.url), copyButton('Copy URL', signal, view, () => record.url)),
    numbers,
    question(record, view, signal, deeds),
    snippets(record.snippets, view, signal),
    life
  );
  return {
    live: now => {
      replace(state, `${MARKS[now.state] ?? '?'} ${now.state}`);
      replace(numbers, measured(now));
      if (now.state === shown) return;
      shown = now.state;
      replace(life, ...actions(now.state, record, signal, deeds, attempt));
    },
  };
}

function measured(now: Live): string {
  const uptime = now.uptime_seconds === null ? '–' : `${Math.round(now.uptime_seconds)} s`;
  return `${number(now.requests)} requests (${number(now.rate)} per second), ${number(now.rows)} rows, latency p50 ${number(now.p50_ms)} ms and p95 ${number(now.p95_ms)} ms, ${number(now.errors)} errors, up ${uptime}`;
}

function question(record: EndpointRecord, view: Frame, signal: AbortSignal, deeds: Deeds): HTMLElement {
  const asked = form(record.prototype.columns);
  const answer = h('div', { role: 'status' });
  const [first] = record.prototype.examples;
  if (first) asked.fill(first);
  const predict = (): void => {
    replace(answer, 'Asking …');
    deeds.predict(asked.row()).then(
      found => {
        view.complain('');
        replace(answer, drawn(found));
      },
      error => {
        replace(answer);
        view.complain(error);
      }
    );
  };
  const examples = record.prototype.examples.map((row, place) => button(`Example ${place + 1}`, signal, () => asked.fill(row)));
  return h('div', {}, h('h4', {}, 'Ask it'), h('div', { class: 'mlops-row' }, ...examples), asked.node, button('Predict', signal, predict, { class: 'mlops-button mlops-primary' }), answer);
}

function drawn(found: Answer): HTMLElement {
  const shares = Object.entries(found.probabilities ?? {});
  return h(
    'div',
    {},
    h('p', {}, 'Prediction: ', h('strong', {}, text(found.prediction)), h('span', { class: 'mlops-muted' }, ` by ${found.version ?? 'an unknown version'} in ${number(found.latency_ms)} ms`)),
    ...shares.map(([label, share]) =>
      h('div', { class: 'mlops-row' }, h('span', { style: 'min-width:90px' }, label), h('span', { class: 'mlops-bar', style: `width:${(200 * share).toFixed(1)}px` }), `${(100 * share).toFixed(1)} %`)
    ),
    ...found.warnings.map(warning => h('p', {}, `⚠ ${warning}`))
  );
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
  return h('details', {}, h('summary', {}, 'Ask it from elsewhere'), h('div', { role: 'tablist', class: 'mlops-row' }, ...tabs), code, copyButton('Copy', signal, view, () => shown));
}

function actions(state: string, record: EndpointRecord, signal: AbortSignal, deeds: Deeds, attempt: (work: () => Promise<unknown>, done: string) => void): HTMLElement[] {
  if (state !== 'running') return [button('Restart', signal, () => attempt(deeds.restart, 'It runs again.'))];
  const others = record.versions.filter(version => version !== record.version);
  const choice = h('select', { 'aria-label': 'Another version' }, ...others.map(version => h('option', { value: version }, version)));
  const swap = others.length ? [choice, button('Swap', signal, () => attempt(() => deeds.swap(choice.value), `It answers with ${choice.value} now.`))] : [];
  return [...swap, confirmButton('Stop', 'Stop it?', 'Yes, stop', signal, () => attempt(deeds.stop, 'It was stopped.'))];
}
