import type { RequestHandler } from 'express';
import { type Embedder, EmbedderError, type Embedding } from '../embedding/embedder.ts';
import { RouterError } from '../errors.ts';
import { abortWhenGone, deadlineMsOf } from './call-context.ts';
import { readControls } from './controls.ts';
import { type EmbeddingsRequest, embeddingsDoor } from './embeddings-door.ts';
import { parseBody } from './json-body.ts';
import { serve } from './model-endpoint.ts';
import type { Services } from './services.ts';

/** Few enough that prompts to be routed, which wait in the same queue, get their turn in between. */
const batchSize = 8;

/** The name under which clients reach the router's own encoder. */
export function ownEncoderName({ encoder }: Pick<Embedder, 'encoder'>): string {
  return `switchyard/${encoder.id}`;
}

/** POST /v1/embeddings: by the router's own encoder, or by a model of a provider that has them. */
export function createEmbeddings(services: () => Services): RequestHandler {
  return async (request, response) => {
    const running = services();
    const { embedder, catalogue, clock } = running;
    const startedAtMs = clock.now();
    const controls = readControls(request);
    const door = embeddingsDoor;
    const body = parseBody(request, door.schema);
    const own = ownEncoderName(embedder);
    if (body.model !== own) {
      const deployments = catalogue.models.get(body.model)?.deployments ?? [];
      if (deployments.some(({ speaks }) => speaks.includes('embeddings'))) {
        await serve({ request, response, door, body, controls, running }, startedAtMs);
        return;
      }
      throw new RouterError(
        'model_not_found',
        `There is no embedding model "${body.model}". The router's own is "${own}".`,
        { param: 'model' },
      );
    }
    const embeddings = await embedAll(toTexts(body, embedder), embedder, {
      clientGone: abortWhenGone(response),
      remainingMs: () => startedAtMs + deadlineMsOf(controls, running) - clock.now(),
    });
    if (embeddings === 'client-gone') return;
    const truncated = embeddings.filter((embedding) => embedding.truncated).length;
    if (truncated > 0) response.setHeader('x-switchyard-truncated', truncated);
    const tokens = embeddings.reduce((sum, embedding) => sum + embedding.tokens, 0);
    response.json({
      object: 'list',
      data: embeddings.map(({ vector }, index) => ({
        object: 'embedding',
        index,
        embedding: body.encoding_format === 'base64' ? toBase64(vector) : [...vector],
      })),
      model: own,
      usage: { prompt_tokens: tokens, total_tokens: tokens },
    });
  };
}

function toTexts({ input, dimensions }: EmbeddingsRequest, { encoder }: Embedder): string[] {
  if (typeof dimensions === 'number' && dimensions !== encoder.dimensions) {
    throw new RouterError('invalid_request', `This model has ${encoder.dimensions} dimensions.`, {
      param: 'dimensions',
    });
  }
  return [input].flat().map((text) => {
    if (typeof text === 'string') return text;
    throw new RouterError('invalid_request', 'This model takes texts, no tokens.', {
      param: 'input',
    });
  });
}

async function embedAll(
  texts: readonly string[],
  embedder: Embedder,
  { clientGone, remainingMs }: { clientGone: AbortSignal; remainingMs: () => number },
): Promise<Embedding[] | 'client-gone'> {
  const embeddings: Embedding[] = [];
  try {
    for (let done = 0; done < texts.length; done += batchSize) {
      if (clientGone.aborted) return 'client-gone';
      const batch = texts.slice(done, done + batchSize);
      embeddings.push(...(await embedder.embed(batch, { deadlineMs: remainingMs() })));
    }
    return embeddings;
  } catch (error) {
    if (!(error instanceof EmbedderError)) throw error;
    if (error.kind === 'late') {
      const message = `The time is over after ${embeddings.length} of ${texts.length} texts.`;
      throw new RouterError('upstream_timeout', message, { cause: error });
    }
    const message = 'The encoder does not answer.';
    throw new RouterError('not_ready', message, { cause: error, retryAfterMs: 1_000 });
  }
}

/** Little-endian float32, which is what every machine that Node runs on has in memory. */
function toBase64({ buffer, byteOffset, byteLength }: Float32Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}
