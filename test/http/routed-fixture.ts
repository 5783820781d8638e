import type { Routed } from '../../src/http/route-request.ts';
import type { Decision } from '../../src/routing/decision.ts';
import { forcedDecision } from '../../src/routing/router.ts';

/** A request that was decided; nothing was weighed unless the fields say so. */
export function makeRouted(fields: Partial<Decision> = {}): Routed {
  return {
    decisionId: 'dec_1',
    decision: {
      ...forcedDecision(undefined, { encoderHash: 'encoder', exampleSetHash: 'examples' }),
      ...fields,
    },
    candidates: [],
    hold: undefined,
    served: () => {},
    servedBefore: undefined,
    ask: undefined,
    promptTokens: 12,
    timings: { embedMs: 1, searchMs: 1, weighMs: 1 },
  };
}
