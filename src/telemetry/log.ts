import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** Never in a log line, however deep an error carries them. */
const secret = ['apiKey', 'authorization', 'headers.authorization', '*.apiKey', '*.authorization'];

/** Structured logs on stderr, one JSON object a line; data belongs on stdout. */
export function createLogger(level: string): Logger {
  return pino({ level, base: null, redact: secret }, pino.destination({ dest: 2, sync: true }));
}
