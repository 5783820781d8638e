import type { Clock } from '../clock.ts';
import type { Config, Environment } from '../config/load.ts';
import { ExplainedError } from '../errors.ts';
import type { Logger, LogLevel } from '../telemetry/log.ts';

/** What a command gets from the process that it runs in. */
export interface CommandContext {
  readonly clock: Clock;
  readonly environment: Environment;
  /** Data, for pipes and people. */
  readonly print: (text: string) => void;
  /** Progress and remarks, on stderr. */
  readonly remark: (text: string) => void;
  /** `models/` of a clone; undefined when installed, where models belong to the data directory. */
  readonly cloneModelsDir: string | undefined;
  /** What the encoder made of the examples that ship; the file may be absent. */
  readonly shippedVectors: string;
  loadConfig(file: string | undefined): Config;
  createLogger(level: LogLevel): Logger;
  /** Resolves when the process is asked to end. Until it is called, a signal ends the process at once. */
  stopRequested(): Promise<void>;
}

/** A command can't do what it was asked; `exitCode` 2 is for wrong usage. */
export class CommandError extends ExplainedError {
  override readonly name = 'CommandError';
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
