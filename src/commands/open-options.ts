import { join } from 'node:path';
import type { Config } from '../config/load.ts';
import type { OpenOptions } from '../open-routing.ts';
import { createLoggers } from '../telemetry/log.ts';
import type { CommandContext } from './context.ts';

/** What the composition root needs, for a command that reads beside a server that may be running. */
export function toOpenOptions(
  context: CommandContext,
  config: Config,
  { isOwner }: { isOwner: boolean } = { isOwner: false },
): OpenOptions {
  return {
    config,
    isOwner,
    modelsDir: context.cloneModelsDir ?? join(config.dataDir, 'models'),
    shippedVectors: context.shippedVectors,
    clock: context.clock,
    loggers: createLoggers(context.createLogger(config.log.level), config.log.levels),
    onProgress: (message) => context.remark(`${message}\n`),
  };
}
