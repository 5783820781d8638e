import { createHash } from 'node:crypto';
import type { RequestHandler } from 'express';
import { z } from 'zod';
import { didYouMean } from '../config/suggest.ts';
import { RouterError } from '../errors.ts';
import { unknownDecision } from './admin-decisions.ts';
import { parseBody } from './json-body.ts';
import type { Services } from './services.ts';

export const feedbackSchema = z
  .strictObject({
    decision_id: z.string().min(1).max(200).describe('x-switchyard-decision-id of the reply'),
    class: z.string().optional().describe('that would have been right'),
    score: z.number().min(0).max(1).optional().describe('1: as good as can be'),
    tags: z.array(z.string().min(1).max(64)).max(20).optional(),
    comment: z.string().max(2_000).optional(),
    key: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe('feedback under the same key is replaced; default: a hash of what is said'),
  })
  .refine(
    ({ class: className, score, tags = [] }) =>
      className !== undefined || score !== undefined || tags.length > 0,
    'say at least one of class, score and tags',
  );

/** POST /v1/feedback: what came of a decision. Saying it twice changes nothing. */
export function createFeedback(services: () => Services): RequestHandler {
  return async (request, response) => {
    const body = parseBody(request, feedbackSchema);
    const { decision_id: decisionId, class: className, score, tags = [], comment } = body;
    const { catalogue, decisions } = services();
    if (className !== undefined && !catalogue.classes.has(className)) {
      const hint = didYouMean(className, catalogue.classes.keys());
      const message = `There is no class "${className}"${hint}.`;
      throw new RouterError('invalid_request', message, { param: 'class' });
    }
    const key = body.key ?? hashOf([className, score, tags, comment]);
    const said = { decisionId, key, className, score, tags, comment };
    const stored = await decisions.addFeedback(said);
    if (stored === undefined) throw unknownDecision(decisionId);
    response.json(stored);
  };
}

function hashOf(content: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16);
}
