import { type HnswLibrary, loadHnswLibrary } from '../../src/index/hnsw-index.ts';

/** The real addon; tests of the graph index don't run without it. */
export async function needHnswLibrary(): Promise<HnswLibrary> {
  const library = await loadHnswLibrary();
  if (library === undefined) throw new Error('hnswlib-node is not installed.');
  return library;
}
