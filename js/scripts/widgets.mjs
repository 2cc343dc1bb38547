/**
 * Builds the widgets: one small file each, and `components.js` with the modules that they share.
 *
 * Python sends `components.js` once to each notebook. A widget takes it from there (`widgets/components.ts`), so that
 * its own file holds its views alone. `node scripts/widgets.mjs` writes all of them to mlops_magics/static.
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const SOURCE = fileURLToPath(new URL('../src/', import.meta.url));
const OUT = fileURLToPath(new URL('../../mlops_magics/static/', import.meta.url));
const SHARED = ['dom', 'format', 'kernel', 'observe', ...modules('components').map(name => `components/${name}`)];
const LOADER = 'components';
const OPTIONS = { bundle: true, minify: true, target: 'es2022', write: false, logLevel: 'warning' };

function modules(folder) {
  return readdirSync(join(SOURCE, folder)).map(file => basename(file, '.ts'));
}

/** Return the names that a module exports as values. */
function names(module) {
  const source = readFileSync(join(SOURCE, `${module}.ts`), 'utf8');
  return [...source.matchAll(/^export (?:async )?(?:function|const|class) (\w+)/gm)].map(found => found[1]);
}

/** Take shared modules out of a bundle: what it uses of them is a lookup by name. */
const shared = {
  name: 'shared',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\./ }, ({ path, importer }) => {
      const name = relative(SOURCE, join(dirname(importer), path))
        .split(sep)
        .join('/');
      return SHARED.includes(name) ? { path: name, namespace: 'shared', sideEffects: false } : undefined;
    });
    onLoad({ filter: /./, namespace: 'shared' }, ({ path }) => ({
      contents: names(path)
        .map(name => `export const ${name} = /* @__PURE__ */ $('${name}');`)
        .join('\n'),
    }));
  },
};

async function text(options) {
  const { outputFiles } = await build({ ...OPTIONS, format: 'esm', ...options });
  return outputFiles[0].text.trim();
}

/** Return the shared modules as one, whose names are all different. */
function components() {
  const all = SHARED.flatMap(names);
  const twice = all.filter((name, at) => all.indexOf(name) !== at);
  if (twice.length > 0) throw new Error(`Two shared modules export ${twice.join(', ')}.`);
  const contents = SHARED.map(name => `export * from './${name}';`).join('\n');
  return text({ stdin: { contents, resolveDir: SOURCE, loader: 'ts' } });
}

/** Return one widget: its views are made when the shared modules are there. */
async function widget(name, loader) {
  const views = await text({ entryPoints: [join(SOURCE, 'widgets', `${name}.ts`)], plugins: [shared] });
  const body = joined(views).replace(/export\s*\{\s*(\w+) as default\s*\};?$/, 'return $1');
  return `${loader}export default delayed($=>{${body}});\n`;
}

/** Declare what is taken one after another in one statement. */
function joined(script) {
  const taken = '[\\w$]+=\\$\\("\\w+"\\)';
  const next = new RegExp(`(var ${taken}(?:,${taken})*);var (?=${taken})`, 'g');
  const shorter = script.replace(next, '$1,');
  return shorter === script ? script : joined(shorter);
}

const source = await text({ entryPoints: [join(SOURCE, 'widgets', `${LOADER}.ts`)] });
const loader = source.replace(/export\s*\{\s*(\w+) as delayed\s*\};?$/, 'const delayed=$1;');
writeFileSync(join(OUT, 'components.js'), `${await components()}\n`);
for (const name of modules('widgets').filter(each => each !== LOADER))
  writeFileSync(join(OUT, `${name}.js`), await widget(name, loader));
