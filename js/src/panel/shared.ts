/** What the sidebar uses itself and the views of its tabs take from it. Every name is different. */

export * from '../components/button';
export * from '../components/chip';
export * from '../components/code';
export * from '../components/icon';
export * from '../components/insert';
export * from '../components/layout';
export * from '../components/popover';
export * from '../components/style';
export * from '../components/view';
export * from '../dom';
export * from '../format';
