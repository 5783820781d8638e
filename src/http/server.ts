import express, { type Express } from 'express';
import { RouterError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics/metrics.ts';
import { createDecisionsRouter } from './admin-decisions.ts';
import { createExamplesRouter } from './admin-examples.ts';
import { createHealthRouter } from './admin-health.ts';
import { createStatsEndpoint } from './admin-stats.ts';
import { type Keys, refuseOtherOrigins, requireAdmin, requireApiKey } from './authenticate.ts';
import { chatDoor } from './chat-door.ts';
import { completionsDoor } from './completions-door.ts';
import { createCountTokens } from './count-tokens.ts';
import type { Door } from './door.ts';
import { createEmbeddings } from './embeddings.ts';
import { createErrorHandler, speak, unknownPath } from './error-handler.ts';
import { createFeedback } from './feedback.ts';
import { createReadiness, live } from './health.ts';
import { limitInFlight } from './in-flight.ts';
import { readRawBody, requireJson } from './json-body.ts';
import { messagesDoor } from './messages-door.ts';
import { createMetricsEndpoint } from './metrics.ts';
import { createModelEndpoint } from './model-endpoint.ts';
import { createModelDetails, createModelList } from './models.ts';
import { toOpenApi } from './openapi.ts';
import { assignRequestId } from './request-id.ts';
import { responsesDoor } from './responses-door.ts';
import { createRouteEndpoint } from './route.ts';
import type { AppState, Services } from './services.ts';
import { cutOffStalled } from './stalled-clients.ts';

/** The route table, and the order in which a request passes through. */
export function createHandler(options: {
  state: () => AppState;
  logger: Logger;
  maxBodyBytes: number;
  maxInFlight: number;
  sendTimeoutMs: number;
  keys: Keys;
  metrics: Metrics;
}): Express {
  const { state, logger, maxBodyBytes, maxInFlight, sendTimeoutMs, keys, metrics } = options;
  const services = (): Services => {
    const current = state();
    // What is under way while draining keeps its services; only new requests come through here.
    if (current.kind === 'ready') return current.services;
    throw new RouterError('not_ready', notReady(current), { retryAfterMs: 1_000 });
  };

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(assignRequestId);
  app.use(cutOffStalled(sendTimeoutMs));
  app.use('/v1/messages', speak('messages'));

  app.get('/livez', live);
  app.get('/readyz', createReadiness(state));
  const openApi = JSON.stringify(toOpenApi());
  app.get('/openapi.json', (_request, response) => {
    response.type('application/json').send(openApi);
  });

  app.get('/metrics', requireAdmin(keys), createMetricsEndpoint(metrics));
  app.use('/v1', requireApiKey(keys), limitInFlight(maxInFlight, metrics));
  app.use('/admin', requireAdmin(keys), refuseOtherOrigins);
  app.use(readRawBody(maxBodyBytes));
  app.get('/v1/models', createModelList(services));
  app.get('/v1/models/*id', createModelDetails(services));
  app.post('/v1/route', requireJson, createRouteEndpoint(services));
  const serveModels = <Body extends JsonObject>(path: string, door: Door<Body>) =>
    app.post(path, requireJson, createModelEndpoint(door, services));
  serveModels('/v1/chat/completions', chatDoor);
  serveModels('/v1/messages', messagesDoor);
  app.post('/v1/messages/count_tokens', requireJson, createCountTokens(services));
  serveModels('/v1/responses', responsesDoor);
  serveModels('/v1/completions', completionsDoor);
  app.post('/v1/embeddings', requireJson, createEmbeddings(services));
  app.post('/v1/feedback', requireJson, createFeedback(services));
  app.use('/admin/examples', createExamplesRouter(services));
  app.get('/admin/stats', createStatsEndpoint(services));
  app.use('/admin/health', createHealthRouter(services));
  app.use('/admin/decisions', createDecisionsRouter(services));

  app.use(unknownPath);
  app.use(createErrorHandler(logger, metrics));
  return app;
}

function notReady(state: Exclude<AppState, { kind: 'ready' }>): string {
  return state.kind === 'draining'
    ? 'The router is shutting down.'
    : `The router is starting: ${state.waitingFor}.`;
}
