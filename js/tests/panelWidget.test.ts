// @vitest-environment jsdom
import { expect, test } from 'vitest';

import panel from '../src/widgets/panel';
import { FakeModel, settled } from './fakeModel';
import { BOARD, type FakeServer, model, served } from './lab/fakeServer';

/** Act as Python: answer every question of the widget. */
async function answered(fake: FakeModel, server: FakeServer): Promise<void> {
  for (let done = 0; done < fake.sent.length; done += 1) {
    const question = fake.sent[done];
    if (question) fake.reply(question.id, await server.answer(question.verb, question.args));
    await settled();
  }
}

test('the widget shows the same panel, asks Python for it, and leaves no listener behind', async () => {
  const [fake, el] = [new FakeModel({ record: { verbs: [] } }), document.createElement('div')];
  const dispose = panel.render({ model: fake, el });
  await answered(fake, served([model('penguins')], {}, { ...BOARD, models: 1 }));

  expect(fake.sent.map(question => question.verb)).toEqual(['boards', 'endpoints', 'models']);
  expect(el.querySelector('[role=tree]')?.textContent).toContain('penguins');
  dispose();
  expect(fake.listeners).toBe(0);
});

test('%mlops lists the verbs with their summary, finds them by any word, and copies the line of one', async () => {
  const copied: string[] = [];
  Object.assign(navigator, { clipboard: { writeText: async (line: string) => void copied.push(line) } });
  const verbs = [
    { name: 'pin_model', summary: 'Store a fitted model.', example: '%pin_model penguins model' },
    { name: 'rollback', summary: 'Let an alias name the version before.', example: '%rollback penguins' },
  ];
  const [fake, el] = [new FakeModel({ record: { verbs } }), document.createElement('div')];
  const dispose = panel.render({ model: fake, el });
  const list = el.querySelector('[aria-label=Verbs]');
  const before = list?.textContent;
  const field = list?.querySelector('input');
  if (field) field.value = 'alias before';
  field?.dispatchEvent(new Event('input'));
  list?.querySelector<HTMLButtonElement>('[aria-label="Insert %rollback penguins"]')?.click();
  await settled();

  expect(before).toContain('%pin_model');
  expect(list?.textContent).not.toContain('%pin_model');
  expect(copied).toEqual(['%rollback penguins']);
  dispose();
});
