import { describe, expect, it } from 'vitest';
import { exhaustedError } from '../../src/http/exhausted.ts';
import type { Candidate } from '../../src/routing/plan.ts';

type OutCause = Extract<Candidate['cause'], 'unusable' | 'protocol' | 'capability'>;

function out(cause: OutCause | 'context-window', model: string): Candidate {
  const reason = `because of ${cause}`;
  return { model, provider: 'p', className: 'chat', status: 'out', cause, reason };
}

function errorOf(...candidates: Candidate[]) {
  const { code, message } = exhaustedError(
    { kind: 'exhausted', code: 'no_candidate', attempts: [] },
    [...candidates],
  );
  return { code, message };
}

describe('a plan with nobody to ask', () => {
  it('is the router’s trouble where no model is usable', () => {
    expect(errorOf(out('unusable', 'a'), out('unusable', 'b'))).toEqual({
      code: 'no_candidate',
      message: 'No model can serve this request: a (because of unusable), b (because of unusable).',
    });
  });

  it.each(['protocol', 'capability'] as const)(
    'is the client’s where what it asks is beyond every usable model: %s',
    (cause) => {
      expect(errorOf(out('unusable', 'a'), out(cause, 'b')).code).toBe('invalid_request');
    },
  );

  it('is a prompt too long where a shorter one would find a model', () => {
    const candidates = [out('capability', 'a'), out('context-window', 'b')];
    expect(errorOf(...candidates).code).toBe('context_length_exceeded');
  });
});
