import { describe, expect, it } from 'vitest';
import { createLogger, createLoggers, logModules } from '../../src/telemetry/log.ts';

function capture() {
  const lines: string[] = [];
  return { lines, stream: { write: (line: string) => void lines.push(line) } };
}

describe('the log', () => {
  it('holds no secret, however deep an error carries it', () => {
    const { lines, stream } = capture();
    const logger = createLogger('info', stream);
    const headers = { authorization: 'Bearer s3cret', 'x-api-key': 's3cret', cookie: 's3cret' };
    logger.error({
      apiKey: 's3cret',
      headers,
      err: Object.assign(new Error('refused'), { request: { headers } }),
      config: { server: { apiKeys: ['s3cret'], adminToken: 's3cret' } },
    });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('refused');
    expect(lines[0]).not.toContain('s3cret');
  });

  it.each(logModules)('has a level for %s alone, and lines that name it once', (module) => {
    const { lines, stream } = capture();
    const loggers = createLoggers(createLogger('info', stream), { [module]: 'debug' });
    for (const each of logModules) loggers[each].debug('more than is asked for');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ module }]);
    expect(lines[0]?.match(/"module"/g)).toHaveLength(1);

    const silenced = createLoggers(createLogger('info', stream), { [module]: 'silent' });
    for (const each of logModules) silenced[each].error('something');
    expect(lines).toHaveLength(logModules.length);
  });
});
