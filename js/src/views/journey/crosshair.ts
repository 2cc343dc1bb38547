/** What the pointer and the arrow keys read on the lanes of a journey. */

import { h } from '../../dom';
import { fixed, number, plural } from '../../format';
import { clock, dayOf } from './axis';
import type { Lanes } from './lanes';
import { callVersion, type Journey, MOST_ALIASES, movedAliases, stretches } from './record';

/** Let the pointer and the arrow keys read what was at a moment. */
export function crosshair(
  { node, axis: shown }: Lanes,
  record: Journey,
  start: number,
  now: number,
  signal: AbortSignal
): HTMLElement {
  const tip = h('div', { class: 'mlops-tip', hidden: true });
  const cross = h('div', { class: 'mlops-cross', hidden: true });
  const status = h('p', { class: 'mlops-heard', role: 'status' });
  let place = 100;
  const show = (share: number, aloud: boolean): void => {
    place = Math.max(0, Math.min(100, share));
    const facts = at(shown.moment(place), record, start, now);
    tip.replaceChildren(
      h('b', {}, facts.when),
      ...facts.rows.flatMap(([name, value]) => [h('span', {}, name), h('span', {}, value)])
    );
    tip.hidden = cross.hidden = false;
    cross.style.setProperty('--x', String(place / 100));
    tip.style.setProperty('--x', String(place / 100));
    tip.classList.toggle('is-left', place > 50);
    if (aloud)
      status.textContent = `${facts.when}: ${facts.rows.map(([name, value]) => `${name} ${value}`).join(', ')}`;
  };
  const hide = (): void => void (tip.hidden = cross.hidden = true);
  const grid = (): DOMRect | undefined => node.querySelector('.mlops-grid')?.getBoundingClientRect();
  node.tabIndex = 0;
  node.setAttribute('role', 'group');
  node.setAttribute('aria-label', `What was when; the arrow keys move through time`);
  const moved = (event: PointerEvent): void => {
    const area = grid();
    if (area === undefined || event.clientX < area.left || event.clientX > area.right) return hide();
    show((100 * (event.clientX - area.left)) / area.width, false);
  };
  const pressed = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -2, ArrowRight: 2, Home: -100, End: 100 }[event.key];
    if (event.key === 'Escape') return hide();
    if (step === undefined) return;
    event.preventDefault();
    show(place + step, true);
  };
  node.addEventListener('pointermove', moved, { signal });
  node.addEventListener('pointerleave', hide, { signal });
  node.addEventListener('keydown', pressed, { signal });
  node.addEventListener('blur', hide, { signal });
  node.append(cross, tip, status);
  return node;
}

/** Return what was so at a moment. */
function at(moment: number, record: Journey, start: number, now: number): { when: string; rows: [string, string][] } {
  const { history, traffic, verdicts } = record;
  const named = movedAliases(history.history)
    .slice(0, MOST_ALIASES)
    .map((alias): [string, string] => {
      const found = stretches(history.history, alias, start, now).find(
        each => each.from <= moment && moment <= each.to
      );
      return [alias, found ? callVersion(found.version, history.numbers) : '–'];
    });
  const bin = Math.floor((moment / 1000 - traffic.start) / (traffic.seconds || 1));
  const requests =
    Object.values(traffic.versions).reduce((sum, counts) => sum + (counts[bin] ?? 0), 0) / (traffic.seconds || 1);
  const check = verdicts.find(each => Date.parse(each.created) <= moment);
  const metric = check?.performance[0];
  return {
    when: `${dayOf(moment, now)}, ${clock(moment)}`,
    rows: [
      ...named,
      ...(traffic.seconds > 0
        ? [['requests', `${number(Number(requests.toPrecision(2)))} per second`] as [string, string]]
        : []),
      ...(check
        ? [
            [
              'drift',
              check.features
                ? `${check.drifted.length} of ${plural(check.features, 'feature')}`
                : plural(check.drifted.length, 'feature'),
            ] as [string, string],
          ]
        : []),
      ...(metric ? [[metric.metric, fixed(metric.score, 3)] as [string, string]] : []),
    ],
  };
}
