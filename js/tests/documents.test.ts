// @vitest-environment jsdom
/** Retraining, readiness and card: what a person does in place, and what runs meanwhile. */

import { expect, test, vi } from 'vitest';

import { INSERT, insertBelow } from '../src/components/insert';
import { view } from '../src/components/view';
import { policies } from '../src/views/policies';
import card from '../src/widgets/card';
import readiness from '../src/widgets/readiness';
import retraining from '../src/widgets/retraining';
import type { RunStep } from '../src/wire';
import { readiness as ASSESSED, card as CARD, panelPolicies, retraining as RUN } from './examples';
import { FakeModel, named, names, settled } from './fakeModel';

function shown(widget: typeof card, record: unknown): { model: FakeModel; el: HTMLElement } {
  const model = new FakeModel({ record });
  const el = document.createElement('div');
  document.body.append(el);
  widget.render({ model, el });
  return { model, el };
}

test('a text of a card is written in place, kept with the version, and left by Escape', async () => {
  const { model, el } = shown(card, CARD);
  named(el, 'Intended use…').click();
  const field = el.querySelector('textarea') as HTMLTextAreaElement;
  field.value = 'Sorting toys.';
  named(el, 'Keep').click();

  expect(model.sent.at(-1)).toMatchObject({ verb: 'write', args: { part: 'intended_use', text: 'Sorting toys.' } });
  const texts = CARD.texts.map(each => (each.id === 'intended_use' ? { ...each, text: 'Sorting toys.' } : each));
  model.answer({ ok: true, result: { ...CARD, texts } });
  await settled();
  expect(el.querySelector('.mlops-lead')?.textContent).toBe('Sorting toys.');
  expect(names(el)).not.toContain('Intended use…');

  named(el, 'Change: Limits').click();
  const again = el.querySelector('textarea') as HTMLTextAreaElement;
  expect(again.value).toBe('Two columns only.');
  again.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
  expect(el.querySelector('textarea')).toBeNull();
});

test('what is being written on a card stays, with its cursor, when another record comes', () => {
  const { model, el } = shown(card, CARD);
  named(el, 'Intended use…').click();
  const field = el.querySelector('textarea') as HTMLTextAreaElement;
  field.value = 'Sorting toys.';
  field.setSelectionRange(3, 3);
  model.push('record', { ...CARD, name: 'renamed' });
  const after = el.querySelector('textarea') as HTMLTextAreaElement;

  expect(el.querySelector('h2')?.textContent).toBe('renamed');
  expect([after === field, after.value, after.selectionStart]).toEqual([false, 'Sorting toys.', 3]);
  expect(document.activeElement).toBe(after);
  named(el, 'Cancel').click();
  expect(named(el, 'Intended use…')).toBeTruthy();
});

test('a question that boards do not answer is answered in place, and the fold stays open', async () => {
  const { model, el } = shown(readiness, ASSESSED);
  const fold = el.querySelector('.mlops-rubric') as HTMLDetailsElement;
  fold.open = true;
  const row = [...el.querySelectorAll('tr')].find(each => each.textContent?.includes('D3')) as HTMLElement;
  (row.querySelector('input[value=partly]') as HTMLInputElement).click();

  expect(model.sent.at(-1)).toMatchObject({ verb: 'answer', args: { id: 'D3', answer: 'partly', note: '' } });
  model.answer({ ok: true, result: ASSESSED });
  await settled();
  expect((el.querySelector('.mlops-rubric') as HTMLDetailsElement).open).toBe(true);
  expect(el.textContent).toContain('The answer to D3 is kept on the board.');
});

test('a next step is inserted where the page has notebooks, and copied elsewhere', async () => {
  const { el } = shown(readiness, ASSESSED);
  const inserted: unknown[] = [];
  const insert = (event: Event): void => {
    inserted.push((event as CustomEvent).detail);
    event.preventDefault();
  };
  document.addEventListener(INSERT, insert);
  const step = ASSESSED.questions.find(each => each.id === ASSESSED.best)?.step;
  named(el, `Insert code: ${step?.cell}`).click();
  await settled();
  document.removeEventListener(INSERT, insert);
  expect(inserted).toEqual([step?.cell]);

  const written = vi.fn(() => Promise.resolve());
  vi.stubGlobal('navigator', { ...navigator, clipboard: { writeText: written } });
  expect(await insertBelow(el, '%models')).toContain('paste it into a cell: %models');
  expect(written).toHaveBeenCalledWith('%models');
  vi.unstubAllGlobals();
});

test('a run that goes on shows its steps and counts; a decided one can be undone', async () => {
  const steps: RunStep[] = [
    {
      words: 'Run the recipe',
      state: 'running',
      text: '',
      started: new Date(Date.now() - 65_000).toISOString(),
      seconds: null,
    },
    { words: 'Decide', state: 'open', text: '', started: null, seconds: null },
  ];
  const running = { ...RUN, status: 'running', result: null, challenger: null, steps, can_undo: false };
  const { model, el } = shown(retraining, running);
  expect(el.querySelector('.is-now')?.textContent).toBe('Run the recipe 65 s');
  expect([...el.querySelectorAll('.mlops-steps li')].length).toBe(2);
  expect(el.querySelector('table')).toBeNull();

  model.push('record', { ...RUN, can_undo: true });
  expect(el.querySelector('table')?.textContent).toContain('accuracy');
  named(el, 'Undo the promotion').click();
  expect(model.sent.at(-1)?.verb).toBe('undo');
  model.answer({ ok: true, result: { message: 'champion of toy went back from v2 to v1.' } });
  await settled();
  expect(el.textContent).toContain('went back from v2 to v1');
});

test('a policy is added with its words, and removed', async () => {
  const asked: unknown[] = [];
  const surface = view('Policies', new AbortController().signal);
  const show = policies(surface, {
    schedule: policy => (asked.push(policy), Promise.resolve(panelPolicies.policies)),
    remove: policy => (asked.push(policy), Promise.resolve(panelPolicies.policies)),
  });
  document.body.append(surface.root);
  show(panelPolicies.policies);
  const fill = (name: string, words: string): void => {
    (surface.root.querySelector(`[name=${name}]`) as HTMLInputElement).value = words;
  };
  fill('every', 'week');
  fill('at', '04:00');
  show(panelPolicies.policies); // a change on the board while somebody writes
  named(surface.root, 'Add').click();
  await settled();
  const fields = [...surface.root.querySelectorAll('input')].map(each => each.value).join('');
  named(surface.root, 'Remove the policy weekly').click();

  expect(fields).toBe('');
  expect(asked).toEqual([
    { every: 'week', at: '04:00', zone: '', when: '', data: '', truth: '', policy: 'default' },
    'weekly',
  ]);
});
