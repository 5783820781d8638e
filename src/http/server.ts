import express, { type Express } from 'express';
import { RouterError } from '../errors.ts';
import type { Logger } from '../telemetry/log.ts';
import { createExamplesRouter } from './admin-examples.ts';
import { guardAdmin } from './admin-guard.ts';
import { createChatCompletions } from './chat-completions.ts';
import { createErrorHandler, unknownPath } from './error-handler.ts';
import { createReadiness, live } from './health.ts';
import { readRawBody, requireJson } from './json-body.ts';
import { createModelDetails, createModelList } from './models.ts';
import { assignRequestId } from './request-id.ts';
import { createRouteEndpoint } from './route.ts';
import type { AppState, Services } from './services.ts';

/** The route table, and the order in which a request passes through. */
export function createHandler(options: {
  state: () => AppState;
  logger: Logger;
  maxBodyBytes: number;
}): Express {
  const { state, logger, maxBodyBytes } = options;
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

  app.get('/livez', live);
  app.get('/readyz', createReadiness(state));

  app.use(readRawBody(maxBodyBytes));
  app.get('/v1/models', createModelList(services));
  app.get('/v1/models/*id', createModelDetails(services));
  app.post('/v1/route', requireJson, createRouteEndpoint(services));
  app.post('/v1/chat/completions', requireJson, createChatCompletions(services));
  app.use('/admin', guardAdmin);
  app.use('/admin/examples', createExamplesRouter(services));

  app.use(unknownPath);
  app.use(createErrorHandler(logger));
  return app;
}

function notReady(state: Exclude<AppState, { kind: 'ready' }>): string {
  return state.kind === 'draining'
    ? 'The router is shutting down.'
    : `The router is starting: ${state.waitingFor}.`;
}
