import type { RequestHandler } from 'express';
import type { AppState } from './services.ts';

/** GET /livez: the process runs. */
export const live: RequestHandler = (_request, response) => {
  response.type('text/plain').send('ok\n');
};

/** GET /readyz: 200 once the model and the index are loaded, 503 before and while draining. */
export function createReadiness(state: () => AppState): RequestHandler {
  return (_request, response) => {
    const current = state();
    switch (current.kind) {
      case 'ready':
        response.type('text/plain').send('ok\n');
        return;
      case 'starting':
        response.status(503).type('text/plain').send(`starting: ${current.waitingFor}\n`);
        return;
      case 'draining':
        response.status(503).type('text/plain').send('draining\n');
        return;
    }
  };
}
