import { Router } from 'express';
import { z } from 'zod';
import { didYouMean } from '../config/suggest.ts';
import { EmbedderError } from '../embedding/embedder.ts';
import { RouterError } from '../errors.ts';
import type { Example } from '../examples/example.ts';
import { parseBody, requireJson } from './json-body.ts';
import type { Services } from './services.ts';

export const newExampleSchema = z.strictObject({ text: z.string(), class: z.string() });

function toJson({ id, text, className, origin }: Example) {
  return { id, text, class: className, origin };
}

/** GET, POST and DELETE /admin/examples: the next request feels every change. */
export function createExamplesRouter(services: () => Services): Router {
  const router = Router();

  router.get('/', (request, response) => {
    const { examples, catalogue } = services();
    const className = request.query['class'];
    if (className !== undefined && !catalogue.classes.has(String(className))) {
      const hint = didYouMean(String(className), catalogue.classes.keys());
      throw new RouterError('not_found', `There is no class "${className}"${hint}.`);
    }
    const list = examples.list(className === undefined ? undefined : String(className));
    response.json({ object: 'list', data: list.map(toJson) });
  });

  router.post('/', requireJson, async (request, response) => {
    const { text, class: className } = parseBody(request, newExampleSchema);
    try {
      const example = await services().examples.add({ text, className });
      response.status(201).json(toJson(example));
    } catch (error) {
      if (!(error instanceof EmbedderError)) throw error;
      const message = 'The encoder does not answer; nothing was added.';
      throw new RouterError('not_ready', message, { cause: error, retryAfterMs: 1_000 });
    }
  });

  router.delete('/:id', (request, response) => {
    response.json(toJson(services().examples.remove(request.params.id)));
  });

  return router;
}
