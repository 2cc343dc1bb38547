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
  const [fake, el] = [new FakeModel({}), document.createElement('div')];
  const dispose = panel.render({ model: fake, el });
  await answered(fake, served([model('penguins')], {}, { ...BOARD, models: 1 }));

  expect(fake.sent.map(question => question.verb)).toEqual(['boards', 'endpoints', 'models']);
  expect(el.querySelector('[role=tree]')?.textContent).toContain('penguins');
  dispose();
  expect(fake.listeners).toBe(0);
});
