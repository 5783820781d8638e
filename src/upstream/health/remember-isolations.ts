import { readIsolated, writeIsolated } from '../../state/isolated-models.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Health } from './health.ts';

/** What an operator has isolated stays so when the process ends, until it is released. */
export function rememberIsolations(
  health: Health,
  { dataDir, logger }: { readonly dataDir: string; readonly logger: Logger },
): Health {
  const read = readIsolated(dataDir);
  if (read.kind === 'damaged') {
    logger.error(read, 'which models were isolated can not be read: all of them get calls');
  }
  /** By deployment, so that each can be released alone. */
  const isolated = new Map<string, string>();
  for (const [name, reason] of read.kind === 'read' ? read.models : []) {
    const meant = health.isolate(name, reason);
    // What is not configured any more stays in it: it may come back.
    for (const each of meant.length === 0 ? [name] : meant) isolated.set(each, reason);
    if (meant.length > 0) logger.info({ model: name }, 'is still isolated');
  }

  function keep(): void {
    try {
      writeIsolated(dataDir, isolated);
    } catch (error) {
      logger.error({ err: error }, 'what is isolated can not be kept, and ends with the process');
    }
  }

  return {
    ...health,
    isolate(name, reason) {
      const meant = health.isolate(name, reason);
      for (const each of meant) isolated.set(each, reason);
      if (meant.length > 0) keep();
      return meant;
    },
    release(name) {
      const meant = health.release(name);
      const forgotten = [name, ...meant].filter((each) => isolated.delete(each));
      if (forgotten.length > 0) keep();
      return meant;
    },
  };
}
