import type { RequestHandler } from 'express';
import { showHealth } from './admin-health.ts';
import type { AppState } from './services.ts';

/** GET /livez: the process runs. */
export const live: RequestHandler = (_request, response) => {
  response.type('text/plain').send('ok\n');
};

/**
 * GET /readyz: 200 once the model and the index are loaded, 503 before and while draining. What is out of order upstream is
 * told, but changes no status: another replica would be no better off.
 */
export function createReadiness(state: () => AppState): RequestHandler {
  return (_request, response) => {
    const current = state();
    switch (current.kind) {
      case 'ready': {
        const troubled = showHealth(current.services)
          .filter(({ state }) => state !== 'closed')
          .map(({ kind, name, state }) => `${kind} ${name}: ${state}\n`);
        response.type('text/plain').send(['ok\n', ...troubled].join(''));
        return;
      }
      case 'starting':
        response.status(503).type('text/plain').send(`starting: ${current.waitingFor}\n`);
        return;
      case 'draining':
        response.status(503).type('text/plain').send('draining\n');
        return;
    }
  };
}
