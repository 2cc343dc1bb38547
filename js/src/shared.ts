/** What all views share: loaded once in a notebook, and once in JupyterLab. Every name is different. */

export * from './components/button';
export * from './components/chip';
export * from './components/code';
export * from './components/icon';
export * from './components/insert';
export * from './components/insist';
export * from './components/layout';
export * from './components/picture';
export * from './components/popover';
export * from './components/style';
export * from './components/table';
export * from './components/view';
export * from './dom';
export * from './format';
export * from './kernel';
export * from './observe';
