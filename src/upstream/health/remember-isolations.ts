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
  /** Those that are not configured any more stay in it: they may come back. */
  const models = new Map(read.kind === 'read' ? read.models : []);
  for (const [model, reason] of models) {
    if (health.isolate(model, reason)) logger.info({ model }, 'is still isolated');
  }

  function keep(): void {
    try {
      writeIsolated(dataDir, models);
    } catch (error) {
      logger.error({ err: error }, 'what is isolated can not be kept, and ends with the process');
    }
  }

  return {
    ...health,
    isolate(model, reason) {
      if (!health.isolate(model, reason)) return false;
      models.set(model, reason);
      keep();
      return true;
    },
    release(model) {
      if (models.delete(model)) keep();
      return health.release(model);
    },
  };
}
