import { describe, expect, it } from 'vitest';
import { createLogger, createLoggers } from '../../src/telemetry/log.ts';
import { createRequestLog } from '../../src/telemetry/request-log.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { makeRequest } from './decisions/make-request.ts';

function linesOf(levels: Parameters<typeof createLoggers>[1], fields = {}) {
  const lines: string[] = [];
  const logger = createLogger('info', { write: (line) => void lines.push(line) });
  const log = createRequestLog(createLoggers(logger, levels).http, createFakeClock());
  log.record(makeRequest(fields));
  log.close();
  return lines;
}

describe('the line of a request', () => {
  it('says what was decided, who was asked and what it took', () => {
    const [line = '', ...others] = linesOf({}, { conversation: 'talk-1', firstContentMs: 40.4 });
    expect(others).toEqual([]);
    expect(JSON.parse(line)).toMatchObject({
      module: 'http',
      msg: 'request',
      startedAt: '2023-11-14T22:13:20.000Z',
      requestId: 'request-1',
      decisionId: 'dec_1',
      conversation: 'talk-1',
      class: 'coding',
      confidence: 0.8,
      model: 'gpt',
      outcome: 'ok',
      attempts: ['coding/gpt:200'],
      inputTokens: 6,
      outputTokens: 7,
      costUsd: 0.25,
      durationMs: 121,
      firstContentMs: 40,
      ...{ embedMs: 1, searchMs: 0.5, weighMs: 2 },
    });
    expect(line.match(/"module"/g)).toHaveLength(1);
  });

  it('names the provider where a model was asked at several', () => {
    const [attempt] = makeRequest().attempts;
    const at = (provider: string, status: number) => ({ ...attempt, provider, status });
    const [line = ''] = linesOf({}, { attempts: [at('west', 503), at('east', 200)] });
    expect(JSON.parse(line)).toMatchObject({
      attempts: ['coding/gpt@west:503', 'coding/gpt@east:200'],
    });
    const [again = ''] = linesOf({}, { attempts: [at('west', 503), at('west', 200)] });
    expect(JSON.parse(again)).toMatchObject({ attempts: ['coding/gpt:503', 'coding/gpt:200'] });
  });

  it('has nothing of the prompt, nor of what a provider says', () => {
    const secret = 'my secret prompt';
    const [attempt] = makeRequest().attempts;
    const attempts = [{ ...attempt, outcome: 'failed', message: `refused: ${secret}` }];
    expect(linesOf({}, { text: secret, attempts }).join('')).not.toContain('secret');
  });

  it('is written soon, together with others', () => {
    const clock = createFakeClock();
    const lines: string[] = [];
    const logger = createLogger('info', { write: (line) => void lines.push(line) });
    const log = createRequestLog(logger, clock);
    log.record(makeRequest());
    log.record(makeRequest());
    expect(lines).toEqual([]);
    clock.advance(250);
    expect(lines).toHaveLength(2);
  });

  it('is not written where its part is silent', () => {
    expect(linesOf({ http: 'silent' })).toEqual([]);
  });
});
