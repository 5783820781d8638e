import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger } from 'pino';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;

export type LogLevel = (typeof logLevels)[number];

/** Parts of the router whose lines can have a level of their own. */
export const logModules = ['http', 'embedding', 'index', 'telemetry', 'upstream'] as const;

export type LogModule = (typeof logModules)[number];

/** Never in a log line, however an error carries them. */
const secretNames = ['apiKey', 'apiKeys', 'adminToken', 'authorization', 'x-api-key', 'cookie'];
const secrets = secretNames.flatMap((name) =>
  ['', '*.', '*.*.', '*.*.*.'].map((depth) => `${depth}["${name}"]`.replace(/\.\[/g, '[')),
);

/** Structured logs, one JSON object a line; on stderr unless another stream is given, since data belongs on stdout. */
export function createLogger(level: LogLevel, stream?: DestinationStream): Logger {
  const destination = stream ?? pino.destination({ dest: 2, sync: true });
  return pino({ level, base: null, redact: secrets }, destination);
}

/** A logger for each part. */
export type Loggers = Readonly<Record<LogModule, Logger>>;

/** Each with the level of its part, its lines naming it. Made once: a child of a child would name both. */
export function createLoggers(
  logger: Logger,
  levels: Readonly<Partial<Record<LogModule, LogLevel>>>,
): Loggers {
  const of = (module: LogModule): Logger => {
    const level = levels[module];
    return logger.child({ module }, level === undefined ? {} : { level });
  };
  return {
    http: of('http'),
    embedding: of('embedding'),
    index: of('index'),
    telemetry: of('telemetry'),
    upstream: of('upstream'),
  };
}
