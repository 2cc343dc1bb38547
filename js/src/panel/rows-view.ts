/** One row of the tree, and what went wrong: record to DOM. */

import { h } from '../dom';
import { number } from '../format';
import type { PanelEndpoint, PanelModel, VerdictRow } from '../wire';
import { SetupError } from './api';
import { metricsInWords, type Row } from './rows';

const INDENT_PIXELS = 14;

export function drawRow(row: Row): HTMLElement {
  const arrow =
    'open' in row ? h('span', { class: 'mlops-panel-arrow', 'aria-hidden': 'true' }, row.open ? '▾' : '▸') : null;
  const state = row.kind === 'endpoint' ? { 'data-state': row.endpoint.state } : {};
  const indent = `padding-inline-start:${8 + INDENT_PIXELS * (row.level - 1)}px`;
  return h(
    'div',
    { class: `mlops-panel-row mlops-panel-${row.kind}`, style: indent, ...state },
    arrow,
    ...contents(row)
  );
}

function contents(row: Row): (HTMLElement | null)[] {
  switch (row.kind) {
    case 'endpoints':
      return [name('Endpoints', 'What answers at a URL')];
    case 'endpoint':
      return [
        name(row.endpoint.name, row.endpoint.url),
        badge(stateOf(row.endpoint)),
        faint(traffic(row.endpoint, row.rate)),
      ];
    case 'board':
      return [
        name(row.board.label, row.board.url),
        faint(`${row.board.models} models`),
        row.board.trouble === null ? null : badge('✕ not reachable'),
        row.board.trusted || row.board.trouble !== null ? null : badge('not trusted'),
        row.board.writable || row.board.trouble !== null ? null : badge('read-only'),
      ];
    case 'model':
      return [
        name(row.model.name, row.model.name),
        verdict(row.model.verdict),
        ...aliases(row.model),
        faint(metricsInWords(row.model.metrics)),
      ];
    case 'version':
      return [
        name(moment(row.version.created), row.version.version),
        ...row.version.aliases.map(badge),
        faint(metricsInWords(row.version.metrics)),
      ];
    case 'absent':
      return [faint('…')];
    case 'note':
      return [row.code?.split('\n').includes(row.text) ? h('code', { title: row.text }, row.text) : faint(row.text)];
  }
}

/** When, to the minute; the year where it is another one than now. */
function moment(created: string): string {
  const words = created.slice(0, 16).replace('T', ' ');
  return words.startsWith(`${new Date().getUTCFullYear()}-`) ? words.slice(5) : words;
}

const MARKS: Readonly<Record<string, string>> = { running: '●', starting: '◐', stopped: '○', died: '✕', failed: '✕' };

function stateOf(endpoint: PanelEndpoint): string {
  return endpoint.trouble === null ? `${MARKS[endpoint.state] ?? '?'} ${endpoint.state}` : '✕ not answering';
}

function traffic(endpoint: PanelEndpoint, rate: number | null): string {
  const errors = endpoint.health?.errors ? `${endpoint.health.errors} errors` : '';
  return [rate === null ? '' : `${number(rate)} req/s`, errors, endpoint.alias ?? '', endpoint.version]
    .filter(Boolean)
    .join(', ');
}

function aliases(model: PanelModel): HTMLElement[] {
  return Object.keys(model.alias_map).map(badge);
}

function verdict(last: VerdictRow | null): HTMLElement | null {
  if (last === null) return null;
  const made = badge(last.drifted.length > 0 ? `▲ ${last.drifted.length} drifted` : '✓ no drift');
  made.title = [
    last.verdict,
    ...last.worst.map(
      each => `${each.feature}: ${each.statistic} ${number(each.score)}, limit ${number(each.threshold)}`
    ),
  ].join('\n');
  return made;
}

export function drawTrouble(error: unknown): HTMLElement {
  const message = error instanceof Error ? error.message : String(error);
  const fix = error instanceof SetupError ? [h('div', {}, 'To fix it:'), h('code', {}, error.fix)] : [];
  return h('div', { class: 'mlops-panel-trouble', role: 'alert' }, h('div', {}, message), ...fix);
}

function name(text: string, title: string): HTMLElement {
  return h('span', { class: 'mlops-panel-name', title }, text);
}

function faint(text: string): HTMLElement {
  return h('span', { class: 'mlops-panel-faint', title: text }, text);
}

function badge(text: string): HTMLElement {
  return h('span', { class: 'mlops-panel-badge' }, text);
}
