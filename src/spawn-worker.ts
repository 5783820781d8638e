import { Worker } from 'node:worker_threads';

/**
 * Starts the module at `entry`, a `.ts` URL beside the caller, in a worker thread. From `dist/` that is the `.js` of
 * the same name; from `src/` the worker first learns to read TypeScript, which `new Worker` on Node 20 can't.
 */
export function spawnWorker(entry: URL, workerData: unknown): Worker {
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL(entry.href.replace(/\.ts$/, '.js')), { workerData });
  }
  const tsx = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  const bootstrap = `import(${tsx}).then(({ register }) => {
    register();
    return import(${JSON.stringify(entry.href)});
  });`;
  return new Worker(bootstrap, { eval: true, workerData });
}
