/**
 * A module as it serves, by its path below src/: what runs from TypeScript gives every function its name as it is made,
 * and what makes functions for every request looks slower than it is.
 */
export function importBuilt<Module>(path: string): Promise<Module> {
  return import(new URL(`../../dist/${path}.js`, import.meta.url).href);
}
