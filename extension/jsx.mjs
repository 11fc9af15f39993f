// What the bundles call for JSX. Children as arguments instead of in an object make the console 1 kB smaller.
export { Fragment, h } from 'preact';
