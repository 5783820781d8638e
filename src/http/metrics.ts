import type { RequestHandler } from 'express';
import type { Metrics } from '../telemetry/metrics/metrics.ts';

/** GET /metrics: in Prometheus' text format, also while starting and draining. */
export function createMetricsEndpoint(metrics: Metrics): RequestHandler {
  return async (_request, response) => {
    response.setHeader('content-type', metrics.contentType);
    response.end(await metrics.text());
  };
}
