import type { RequestHandler } from 'express';
import { RouterError } from '../errors.ts';
import type { Metrics } from '../telemetry/metrics/metrics.ts';
import { sendError } from './error-handler.ts';

/** Long enough for some of the others to be done. */
const retryAfterMs = 1_000;

/** Counts the requests under way, and refuses more than `most` at once: what is served is served in time. */
export function limitInFlight(most: number, metrics: Metrics): RequestHandler {
  const message = `The router serves ${most} requests at once (server.maxInFlight), and no more.`;
  const refusal = new RouterError('rate_limit_exceeded', message, { retryAfterMs });
  let underWay = 0;
  return (_request, response, next) => {
    if (underWay >= most) {
      // Not thrown: a stack trace and the way through all other handlers would cost those who are served.
      metrics.refused(refusal.code);
      sendError(response, refusal);
      return;
    }
    underWay += 1;
    const end = metrics.begin();
    response.once('close', () => {
      underWay -= 1;
      end();
    });
    next();
  };
}
