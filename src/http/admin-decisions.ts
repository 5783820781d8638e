import { Router } from 'express';
import { z } from 'zod';
import { RouterError } from '../errors.ts';
import type { Example } from '../examples/example.ts';
import { toFullTextQuery } from '../telemetry/decisions/search-words.ts';
import { parseCursor } from '../telemetry/decisions/sequence.ts';
import type { DecisionQuery, StoredDecision } from '../telemetry/decisions/stored-decision.ts';
import { requestOutcomes } from '../telemetry/request-record.ts';
import { parseQuery } from './query.ts';
import type { Services } from './services.ts';

const name = z.string('give it once').min(1, 'is empty').max(200);
const share = z
  .string('give it once')
  .regex(/^(0(\.\d*)?|1(\.0*)?|\.\d+)$/, 'is a number from 0 to 1')
  .transform(Number);
const time = z.string('give it once').transform((text, context) => {
  const ms = /^\d{1,15}$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isFinite(ms)) return ms;
  context.addIssue('is a time: 2026-01-31, 2026-01-31T12:00:00Z, or milliseconds since 1970');
  return z.NEVER;
});

/** The parameters of GET /admin/decisions. */
export const decisionQuerySchema = z.strictObject({
  class: name.optional(),
  model: name.optional(),
  outcome: z.enum(requestOutcomes, `is one of ${requestOutcomes.join(', ')}`).optional(),
  abstained: z
    .enum(['true', 'false', '1', '0'], 'is true or false')
    .transform((text) => text === 'true' || text === '1')
    .optional(),
  minConfidence: share.optional(),
  maxConfidence: share.optional(),
  from: time.optional().describe('ISO 8601, or milliseconds since 1970'),
  to: time.optional().describe('before then'),
  text: z
    .string('give it once')
    .max(1_000)
    .refine((text) => toFullTextQuery(text) !== undefined, 'has no word to look for')
    .optional()
    .describe('words that all are in the text'),
  limit: z
    .string('give it once')
    .regex(/^([1-9]\d{0,2}|1000)$/, 'is a number from 1 to 1000')
    .default('50')
    .transform(Number),
  cursor: z
    .string('give it once')
    .refine((text) => parseCursor(text) !== undefined, 'is not the next_cursor of a page')
    .optional(),
});

/** GET /admin/decisions and /admin/decisions/{id}: what happened, and why. */
export function createDecisionsRouter(services: () => Services): Router {
  const router = Router();

  router.get('/', async (request, response) => {
    const { class: className, from, to, ...query } = parseQuery(request, decisionQuerySchema);
    const wanted: DecisionQuery = { ...query, className, fromMs: from, toMs: to };
    const { decisions, nextCursor } = await services().decisions.list(wanted);
    response.json({ object: 'list', data: decisions, next_cursor: nextCursor ?? null });
  });

  router.get('/:id', async (request, response) => {
    const { decisions, examples } = services();
    const { id } = request.params;
    const decision = await decisions.get(id);
    if (decision === undefined) throw unknownDecision(id);
    response.json(withExampleTexts(decision, examples.list()));
  });

  return router;
}

export function unknownDecision(id: string): RouterError {
  return new RouterError('not_found', `There is no decision "${id}", or no longer.`);
}

/** Neighbours with the texts of those that are still in force. */
export function withExampleTexts(decision: StoredDecision, examples: readonly Example[]) {
  const wanted = new Set(decision.neighbours.map(({ id }) => id));
  const texts = new Map(
    examples.flatMap(({ id, text }) => (wanted.has(id) ? [[id, text] as const] : [])),
  );
  const neighbours = decision.neighbours.map((each) => ({
    ...each,
    text: texts.get(each.id) ?? null,
  }));
  return { ...decision, neighbours };
}
