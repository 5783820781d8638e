import { createHash } from 'node:crypto';
import { z } from 'zod';
import { normaliseText } from '../normalise-text.ts';
import type { ConversationTurn } from './conversations.ts';

/** A labelled prompt. */
export interface Example {
  /** First 12 hex digits of SHA-256 over normalised text and class. */
  readonly id: string;
  readonly text: string;
  readonly className: string;
  /** Reviewed examples live in the datasets, added ones in the journal until they are exported. */
  readonly origin: 'dataset' | 'journal';
}

/** One line of a dataset file. */
export const exampleLineSchema = z.strictObject({
  text: z.string(),
  class: z.string(),
});

export function exampleId(text: string, className: string): string {
  const content = `${normaliseText(text)}\n${className}`;
  return createHash('sha256').update(content).digest('hex').slice(0, 12);
}

export function createExample(
  line: { readonly text: string; readonly class: string },
  origin: Example['origin'],
): Example {
  return { id: exampleId(line.text, line.class), text: line.text, className: line.class, origin };
}

/** A hash of everything that is taught, which does not depend on its order. */
export function exampleSetHash(
  examples: Iterable<Example>,
  conversations: readonly ConversationTurn[] = [],
): string {
  const ids = [...examples].map(({ id }) => id).sort();
  const turns = conversations
    .map(({ earlier, reply, text, className }) => JSON.stringify([earlier, reply, text, className]))
    .sort();
  return createHash('sha256')
    .update([...ids, ...turns].join('\n'))
    .digest('hex');
}
