/**
 * Builds the widgets: one small file each, `components.js` with the modules that they share, and `tabs.js`.
 *
 * Python sends `components.js` once to each notebook. A widget takes it from there (`widgets/components.ts`), so that
 * its own file holds its views alone. `tabs.js` holds the views of JupyterLab's tabs with their style: the sidebar has
 * what they share, and fetches them with the first tab. `node scripts/widgets.mjs` writes all of them to
 * mlops_magics/static, after the style sheets.
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const SOURCE = fileURLToPath(new URL('../src/', import.meta.url));
const OUT = fileURLToPath(new URL('../../mlops_magics/static/', import.meta.url));
const SHARED = together('shared');
const LOADER = 'components';
const OPTIONS = { bundle: true, minify: true, target: 'es2022', write: false, logLevel: 'warning' };

function modules(folder) {
  return readdirSync(join(SOURCE, folder)).map(file => basename(file, '.ts'));
}

function read(module) {
  return readFileSync(join(SOURCE, `${module}.ts`), 'utf8');
}

/** Return the modules whose exports a module passes on, and refuse two of one name. */
function together(module) {
  const found = [...read(module).matchAll(/^export \* from '(.+)'/gm)].map(([, path]) => join(dirname(module), path));
  const all = found.flatMap(names);
  const twice = all.filter((name, at) => all.indexOf(name) !== at);
  if (twice.length > 0) throw new Error(`Two modules of ${module}.ts export ${twice.join(', ')}.`);
  return found;
}

/** Return the names that a module exports as values. */
function names(module) {
  return [...read(module).matchAll(/^export (?:async )?(?:function|const|class) (\w+)/gm)].map(found => found[1]);
}

/** Take modules out of a bundle: what it uses of them is a lookup by name. */
const without = modules => ({
  name: 'without',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\./ }, ({ path, importer }) => {
      const name = relative(SOURCE, join(dirname(importer), path))
        .split(sep)
        .join('/');
      return modules.includes(name) ? { path: name, namespace: 'shared', sideEffects: false } : undefined;
    });
    onLoad({ filter: /./, namespace: 'shared' }, ({ path }) => ({
      contents: names(path)
        .map(name => `export const ${name} = /* @__PURE__ */ $('${name}');`) // a call: what is not used is left out
        .join('\n'),
    }));
  },
});

async function text(options) {
  const { outputFiles } = await build({ ...OPTIONS, format: 'esm', ...options });
  return outputFiles[0].text.trim();
}

/** Return one widget: its views are made when the shared modules are there. */
async function widget(name, loader) {
  const body = returning(await taking(`widgets/${name}`, SHARED), ([found]) => found.split(' as ')[0]);
  return `${loader}export default delayed($=>{${body}});\n`;
}

/** Return the views of tabs: a function that makes them, and their style. */
async function tabs() {
  const named = all => `{${all.map(each => each.split(' as ').reverse().join(':')).join()}}`;
  const body = returning(await taking('panel/views', together('panel/shared')), named);
  const rules = readFileSync(join(OUT, 'tabs.css'), 'utf8').trim();
  return `export const rules=${JSON.stringify(rules)};export default $=>{${body}};\n`;
}

/** Return a script that returns what it exports; `made` writes the exports, each as `name` or `name as other`. */
function returning(script, made) {
  const [whole, exported] = /export\s*\{([^}]*)\};?$/.exec(script) ?? [];
  if (exported === undefined) throw new Error('A script does not end with its exports.');
  return `${script.slice(0, -whole.length)}return ${made(exported.split(',').map(each => each.trim()))}`;
}

/** Return a module that takes what is shared by name. */
async function taking(module, modules) {
  return joined(await text({ entryPoints: [join(SOURCE, `${module}.ts`)], plugins: [without(modules)] }));
}

const TAKEN = '[\\w$]+=\\$\\("\\w+"\\)';

/** Write `var a=$("x");…var b=$("y");` as `var{x:a,y:b}=$;` at the top: nothing is taken before all is there. */
function joined(script) {
  const names = [];
  const rest = script.replace(new RegExp(`var (${TAKEN}(?:,${TAKEN})*);`, 'g'), (_, list) => {
    for (const [, mine, name] of list.matchAll(/([\w$]+)=\$\("(\w+)"\)/g))
      names.push(mine === name ? name : `${name}:${mine}`);
    return '';
  });
  return names.length > 0 ? `var{${names.join()}}=$;${rest}` : script;
}

const source = await text({ entryPoints: [join(SOURCE, 'widgets', `${LOADER}.ts`)] });
const loader = source.replace(/export\s*\{\s*([\w$]+) as delayed\s*\};?$/, 'const delayed=$1;');
if (loader === source) throw new Error('The loader does not end with its export.');
writeFileSync(join(OUT, 'components.js'), `${await text({ entryPoints: [join(SOURCE, 'shared.ts')] })}\n`);
for (const name of modules('widgets').filter(each => each !== LOADER))
  writeFileSync(join(OUT, `${name}.js`), await widget(name, loader));
writeFileSync(join(OUT, 'tabs.js'), await tabs());
