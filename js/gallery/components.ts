/** One of each component, in the states that it has. */

import { button, copyButton, iconButton, segmented } from '../src/components/button';
import { aliasChip, chip, delta, direction, state, versionChip } from '../src/components/chip';
import { codeBlock } from '../src/components/code';
import { icon } from '../src/components/icon';
import { empty, fold, head, note, part, searchField, skeleton, stat, stats, verdict } from '../src/components/layout';
import { bullet, diverging, histogram, spark } from '../src/components/picture';
import { confirm, type Item, openMenu, opensMenu } from '../src/components/popover';
import { below, cell, table } from '../src/components/table';
import { tabs } from '../src/components/tabs';
import { toast, type View } from '../src/components/view';
import { type Child, h } from '../src/dom';
import * as shapes from '../src/icons.json';

const STATES = [
  'running',
  'starting',
  'stopped',
  'died',
  'silent',
  'drifted',
  'small',
  'unsure',
  'stable',
  'unchecked',
];
const VERSION = { version: '20261129T090100Z-a4772', number: 12, created: '2026-11-29T09:01:00+00:00' };
const none = (): void => undefined;

/** Show every component in a view. */
export function components(view: View): void {
  const { signal, body } = view;
  const line = (...children: Child[]): HTMLElement => h('div', { class: 'mlops-line' }, ...children);
  const menu = button('Menu', { signal, unfolds: true, press: none });
  const ask = button('Confirm', {
    signal,
    kind: 'is-danger',
    press: () =>
      void confirm(ask, 'Stop penguins?', 'It gives no answer until it is deployed again.', 'Stop endpoint', signal),
  });
  const above = h('div', { class: 'mlops-line' });
  const items = (): readonly (Item | null)[] => [
    { label: 'Promote to champion', mark: shapes.promote, press: none },
    { label: 'Copy reference', mark: shapes.copy, press: none },
    null,
    { label: 'Move to trash', mark: shapes.trash, danger: true, press: none },
  ];
  body.append(
    head([h('h2', {}, 'Components'), state('running'), aliasChip('champion')], 'one of each, in its states'),
    part('Buttons', 'one primary button in a view', [
      line(
        button('Primary', { signal, kind: 'is-primary', press: none }),
        button('Plain', { signal, press: none }),
        button('Quiet', { signal, kind: 'is-quiet', press: none }),
        ask,
        iconButton(shapes.more, 'More', { signal, press: none }),
        copyButton('Copy', signal, () => 'copied', view.complain),
        opensMenu(menu, items, signal),
        segmented(
          'Shown',
          [
            ['a', 'Trend'],
            ['b', 'Parallel'],
          ] as const,
          'a',
          signal,
          none
        )
      ),
      line(searchField('Search', 'Search: auc>0.8 tag:eu', signal, none)),
    ]),
    part('Chips and states', 'first the word, then the shape, then the hue', [
      line(
        aliasChip('champion'),
        aliasChip('challenger'),
        aliasChip('eu-north'),
        chip('tried out', 'is-open'),
        versionChip(VERSION)
      ),
      line(...STATES.map(each => state(each))),
      line(
        delta(0.011, 3, 1),
        delta(-0.049, 3, 1),
        delta(-0.012, 3, -1),
        delta(0.4, 1, 0),
        h('span', {}, 'auc ', direction(1))
      ),
    ]),
    part('Figures', null, [
      stats(
        stat('Requests', '11.9', 'per second', spark([3, 4, 3.5, 5, 4.4], 'requests', { height: 20, low: 0 })),
        stat('auc, measured', '0.812', delta(-0.049, 3, 1)),
        stat('Rows', '96,420', 'in 8 periods')
      ),
    ]),
    part('Pictures', null, [
      h(
        'div',
        { class: 'mlops-multiples' },
        spark([0.91, 0.93, null, 0.95, 0.94], 'a metric over versions'),
        histogram([2, 5, 9, 6, 2], [1, 3, 6, 8, 5], 'training grey, now outlined', { fresh: [4] }),
        bullet(2.2, 1, 4, true, 'effect 0.22, floor 0.10'),
        diverging(0.03, 0.05, 'is-good', 'better by 3%', [0.01, 0.045])
      ),
    ]),
    part('Table', null, [example(signal)]),
    part('Notes', null, [h('div', { class: 'mlops-waiting' }, ...notes(signal))]),
    part('Tabs and code', null, [
      tabs(
        'Languages',
        [
          {
            label: 'Python',
            draw: () =>
              codeBlock(
                'import mlops_magics as mm\nmm.Session().predict("penguins", rows)  # one line',
                'Python',
                signal,
                none
              ),
          },
          { label: 'curl', draw: () => codeBlock('curl http://127.0.0.1:8123/predict', 'curl', signal, none) },
        ],
        signal
      ),
    ]),
    part('Above the page', null, [
      h(
        'div',
        { class: 'mlops-waiting' },
        above,
        toast('penguins v3 is champion now, v2 was before.', none, none, signal)
      ),
    ]),
    part('Nothing yet, and waiting', null, [
      empty(
        shapes.models,
        'No model yet',
        'Fit one in a cell, then pin it.',
        codeBlock('%pin_model penguins model', 'Pin', signal, none)
      ),
      skeleton(40, 90, 70),
    ]),
    part('Icons', `${Object.keys(shapes).length - 1} on a grid of 16`, [
      line(
        ...Object.entries(shapes).flatMap(([name, shape]) =>
          name === 'default' ? [] : [h('span', { title: name }, icon(shape))]
        )
      ),
    ])
  );
  setTimeout(() => {
    // a popover opens in a document only
    openMenu(menu, items(), signal);
    above.append(still(view.root, '.mlops-menu'));
    ask.click();
    above.append(still(view.root, '.mlops-pop'));
    scrollTo(0, 0);
  });
}

/** Return a picture of what lies above the page, and close it. */
function still(root: HTMLElement, kind: string): HTMLElement {
  const opened = root.querySelector<HTMLElement>(kind);
  if (opened === null) throw new Error(`Nothing of ${kind} is open.`);
  const copy = opened.cloneNode(true) as HTMLElement;
  copy.removeAttribute('popover');
  copy.removeAttribute('style');
  opened.remove();
  return copy;
}

function example(signal: AbortSignal): HTMLElement {
  const rows = [
    ['v3', 0.983, 0.071],
    ['v2', 0.977, 0.066],
    ['v1', 0.942, 0.158],
  ] as const;
  return table({
    caption: 'Versions',
    columns: [
      { head: 'Version', name: 'version', sort: row => row[0] },
      {
        head: h('span', {}, 'accuracy ', direction(1)),
        name: 'accuracy',
        sort: row => row[1],
        down: true,
        kind: 'mlops-num',
      },
      { head: h('span', {}, 'log_loss ', direction(-1)), name: 'log_loss', sort: row => row[2], kind: 'mlops-num' },
    ],
    rows,
    kind: '',
    signal,
    draw: row =>
      h(
        'tr',
        { role: 'row' },
        cell('', row[0]),
        below('accuracy', `mlops-num${row[0] === 'v3' ? ' mlops-best' : ''}`, row[1].toFixed(3)),
        below('log_loss', `mlops-num${row[0] === 'v2' ? ' mlops-best' : ''}`, row[2].toFixed(3))
      ),
  });
}

/** Return a verdict and notes of each kind. */
function notes(signal: AbortSignal): Child[] {
  return [
    verdict(
      'alert',
      'Three of eight features changed enough to matter.',
      'Since 2 Nov wind_gust is higher than at training.'
    ),
    note('info', ['No metric is known.']),
    note('alert', ['auc in 16 Nov is 0.812, below the limit of 0.83.']),
    note('bad', ['The endpoint of bike_demand died.'], { actions: [button('Try again', { signal, press: none })] }),
    fold('16 others are the same', [h('p', {}, 'max_depth, n_jobs, …')]),
  ];
}
