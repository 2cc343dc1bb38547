/** One row of the tree, one endpoint, one trouble: record to DOM. */

import { ServerTrouble } from './api';
import { button, element } from './element';
import { metricsInWords, type Row } from './rows';
import type { Endpoint, Model, Verdict, Version } from './wire';

/** What a face can do; the panel turns each into a call, a dialog or a tab. */
export interface Actions {
  readonly toggle: (id: string) => void;
  readonly journey: (board: string, name: string) => void;
  readonly promote: (board: string, model: Model, version: Version) => void;
  readonly insert: (code: string) => void;
  readonly stop: (endpoint: Endpoint) => void;
  readonly restart: (endpoint: Endpoint) => void;
}

export function drawRow(row: Row, actions: Actions): HTMLElement {
  const node = element('div', { class: `mlops-sidebar-row mlops-sidebar-${row.kind}`, 'aria-level': row.level, 'data-id': row.id });
  node.style.paddingInlineStart = `${8 + 14 * (row.level - 1)}px`;
  if (row.kind === 'board' || row.kind === 'model') {
    node.setAttribute('aria-expanded', String(row.open));
    node.append(element('span', { class: 'mlops-sidebar-arrow', 'aria-hidden': true }, row.open ? '▾' : '▸'));
    node.addEventListener('click', () => actions.toggle(row.id));
  }
  node.append(...contents(row, actions));
  return node;
}

function contents(row: Row, actions: Actions): (Node | string)[] {
  switch (row.kind) {
    case 'board':
      return [name(row.board.label, row.board.url), faint(`${row.board.models} models`), ...(row.board.writable ? [] : [badge('read-only')])];
    case 'model':
      return [
        name(row.model.name, row.model.name),
        faint(metricsInWords(row.model.metrics)),
        ...verdict(row.model.verdict),
        button('⌇', `Journey of ${row.model.name}`, () => actions.journey(row.board.key, row.model.name))
      ];
    case 'version':
      return [
        name(row.version.created.slice(5, 16).replace('T', ' '), row.version.version),
        ...row.version.aliases.map(badge),
        faint(metricsInWords(row.version.metrics)),
        button('↑', `Promote ${row.version.version} to champion`, () => actions.promote(row.board.key, row.model, row.version)),
        button('</>', `Insert code that loads ${row.version.version}`, () =>
          actions.insert(`model = mm.Session(${JSON.stringify(row.board.url)}).load(${JSON.stringify(`${row.model.name}@${row.version.version}`)})`)
        )
      ];
    case 'more':
      return [faint(`${row.left} more …`)];
    case 'note':
      return [faint(row.text)];
  }
}

export function drawEndpoint(endpoint: Endpoint, rate: number | null, actions: Actions): HTMLElement {
  const state = endpoint.trouble ?? endpoint.state;
  return element(
    'li',
    { class: 'mlops-sidebar-endpoint', 'data-state': endpoint.state },
    name(endpoint.name, endpoint.url),
    badge(state),
    faint([endpoint.version, rate === null ? '' : `${rate.toFixed(1)} requests/s`].filter(Boolean).join(' · ')),
    button('↻', `Restart the endpoint of ${endpoint.name}`, () => actions.restart(endpoint)),
    button('■', `Stop the endpoint of ${endpoint.name}`, () => actions.stop(endpoint))
  );
}

export function drawTrouble(error: unknown): HTMLElement {
  const message = error instanceof Error ? error.message : String(error);
  const fix = error instanceof ServerTrouble && error.fix ? [element('div', {}, 'To fix it:'), element('code', {}, error.fix)] : [];
  return element('div', { class: 'mlops-sidebar-trouble', role: 'alert' }, element('div', {}, message), ...fix);
}

function verdict(last: Verdict | null): HTMLElement[] {
  if (last === null) return [];
  const worst = last.worst.map(each => `${each.feature}: ${each.statistic} ${each.score ?? '–'}`).join('\n');
  const made = badge(last.drifted.length > 0 ? `⚠ ${last.drifted.length} drifted` : '✓ no drift');
  made.title = `${last.verdict}\n${worst}`;
  return [made];
}

function name(text: string, title: string): HTMLElement {
  return element('span', { class: 'mlops-sidebar-name', title }, text);
}

function faint(text: string): HTMLElement {
  return element('span', { class: 'mlops-sidebar-faint', title: text }, text);
}

function badge(text: string): HTMLElement {
  return element('span', { class: 'mlops-sidebar-badge' }, text);
}
