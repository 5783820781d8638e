import { cpus, loadavg } from 'node:os';

/** What a report says of where its figures are from. */
export function describeMachine(): object {
  return { cpus: cpus().length, load: loadavg(), node: process.version };
}
