import { describe, expect, it } from 'vitest';
import { createLogger, forModule } from '../../src/telemetry/log.ts';

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

  it('has a level for each part, and lines that name it', () => {
    const { lines, stream } = capture();
    const logger = createLogger('info', stream);
    const levels = { http: 'warn', index: 'debug' } as const;
    forModule(logger, 'http', levels).info('quiet');
    forModule(logger, 'index', levels).debug('loud');
    forModule(logger, 'embedding', levels).debug('quiet');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ module: 'index', msg: 'loud' }]);
  });
});
