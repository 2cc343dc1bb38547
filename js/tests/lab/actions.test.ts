// @vitest-environment jsdom
import { expect, test } from 'vitest';

import { addCommands } from '../../src/lab/sidebar/commands';
import { ACTIONS, actionsFor } from '../../src/panel/actions';
import type { Row } from '../../src/panel/rows';
import { FakeServer, model, offered, press, served, shown, version } from './fakeServer';

interface Command {
  readonly label: string;
  readonly isEnabled?: () => boolean;
}

/** JupyterLab's registries at the process boundary. */
function registries(): {
  app: never;
  palette: never;
  commands: Map<string, Command>;
  menu: string[];
  listed: string[];
} {
  const [commands, menu, listed] = [new Map<string, Command>(), [] as string[], [] as string[]];
  const app = {
    commands: { addCommand: (id: string, command: Command) => commands.set(id, command) },
    contextMenu: { addItem: ({ command }: { command?: string }) => command && menu.push(command) },
  };
  return {
    app: app as never,
    palette: { addItem: ({ command }: { command: string }) => listed.push(command) } as never,
    commands,
    menu,
    listed,
  };
}

const VERSIONS = { versions: FakeServer.pages('versions', [version('b'), version('a')]) };

test('drawer, context menu and palette offer what the table of actions says, each under its label', async () => {
  const { view, tree } = await shown(served([model('m', { alias_map: { champion: 'a' } })], VERSIONS).ask);
  const { app, palette, commands, menu, listed } = registries();
  addCommands(app, { view } as never, palette);
  const [ids, found] = [ACTIONS.map(({ id }) => `mlops-magics:${id}`), new Set<string>()];

  for (const list of [[...commands.keys()], menu, listed]) expect(list).toEqual(expect.arrayContaining(ids));
  expect(ACTIONS.map(({ id, label }) => [id, label])).toEqual(
    ACTIONS.map(({ id }) => [id, commands.get(`mlops-magics:${id}`)?.label])
  );
  for (const keys of [['Home'], ['ArrowDown'], ['ArrowDown'], ['ArrowDown', 'ArrowRight'], ['ArrowDown']]) {
    press(tree, ...keys);
    await new Promise(resolve => setTimeout(resolve, 5));
    const enabled = ACTIONS.filter(({ id }) => commands.get(`mlops-magics:${id}`)?.isEnabled?.());
    const [usual, last] = [enabled.filter(each => !each.danger), enabled.filter(each => each.danger)];
    expect(offered(view)).toEqual([...usual, ...last].map(({ label }) => label));
    for (const { label } of enabled) found.add(label);
  }
  expect(found.size).toBeGreaterThan(8);
});

test('of each row at most one action comes first, and at most three have an icon beside it', async () => {
  const { view, tree } = await shown(served([model('m', { alias_map: { champion: 'a' } })], VERSIONS).ask);
  for (const keys of [['Home', 'ArrowDown', 'ArrowDown'], ['ArrowDown', 'ArrowRight'], ['ArrowDown']]) {
    press(tree, ...keys);
    await new Promise(resolve => setTimeout(resolve, 5));
    expect(view.node.querySelectorAll('.mlops-drawer .is-primary').length).toBe(1);
    expect(view.node.querySelectorAll('.mlops-do .is-icon').length).toBeLessThanOrEqual(3);
  }
});

test('no two actions have one id or one label, and a row that is not here yet has none', () => {
  expect(new Set(ACTIONS.map(({ id }) => id)).size).toBe(ACTIONS.length);
  const labels = ACTIONS.map(({ label }) => label.replace('…', ''));
  expect(labels.filter((label, place) => labels.indexOf(label) !== place)).toEqual(['Remove from this list']);
  expect(actionsFor({ kind: 'absent', id: 'x', level: 2, place: 1, of: 1, list: 'k' } as Row)).toEqual([]);
});
