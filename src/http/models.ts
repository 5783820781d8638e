import type { RequestHandler } from 'express';
import { RouterError } from '../errors.ts';
import { ownEncoderName } from './embeddings.ts';
import { virtualModels } from './route-request.ts';
import type { Services } from './services.ts';

function listModels({ catalogue, embedder }: Services) {
  const usable = [...catalogue.models.values()].flatMap(({ deployments }) =>
    deployments.filter(({ unusable }) => unusable === undefined).slice(0, 1),
  );
  return [
    ...virtualModels(catalogue).map((id) => ({ id, owned_by: 'switchyard' })),
    { id: ownEncoderName(embedder), owned_by: 'switchyard' },
    ...usable.map(({ model, provider }) => ({ id: model, owned_by: provider })),
  ].map(({ id, owned_by }) => ({
    id,
    object: 'model',
    created: 0,
    owned_by,
    // The same for clients of Anthropic's.
    type: 'model',
    display_name: id,
    created_at: '1970-01-01T00:00:00Z',
  }));
}

/** GET /v1/models: what a client can name as `model`, the router's own names first. */
export function createModelList(services: () => Services): RequestHandler {
  return (_request, response) => {
    const data = listModels(services());
    const paging = { has_more: false, first_id: data[0]?.id, last_id: data.at(-1)?.id };
    response.json({ object: 'list', data, ...paging });
  };
}

/** GET /v1/models/{id}; the id may contain slashes. */
export function createModelDetails(services: () => Services): RequestHandler {
  return (request, response) => {
    const id = [request.params['id']].flat().join('/');
    const model = listModels(services()).find((listed) => listed.id === id);
    if (model === undefined) {
      throw new RouterError('model_not_found', `There is no usable model "${id}".`);
    }
    response.json(model);
  };
}
