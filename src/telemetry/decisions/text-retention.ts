import { createHash } from 'node:crypto';
import type { DecisionsConfig } from '../../config/schema.ts';
import { normaliseText } from '../../normalise-text.ts';
import type { RequestRecord } from '../request-record.ts';

export type TextSettings = Pick<DecisionsConfig, 'text' | 'excerptCharacters'>;

export interface RetainedText {
  readonly text: string | null;
  /** Equal for prompts that are equal but for case, spacing and Unicode form. */
  readonly hash: string | null;
}

/** What may be kept of a prompt. */
export function retainText(text: string | undefined, settings: TextSettings): RetainedText {
  if (text === undefined || settings.text === 'none') return { text: null, hash: null };
  const hash = createHash('sha256').update(normaliseText(text)).digest('hex').slice(0, 16);
  switch (settings.text) {
    case 'full':
      return { text: storable(text), hash };
    case 'excerpt':
      return { text: storable(excerptOf(text, settings.excerptCharacters)), hash };
    case 'hash':
      return { text: null, hash };
  }
}

/** Whether words of a prompt may be kept; from the ids of its features they can be guessed as well. */
export function keepsText({ text }: Pick<TextSettings, 'text'>): boolean {
  return text === 'full' || text === 'excerpt';
}

/** A record without what must not be kept: providers may quote the prompt in their errors. */
export function withoutQuotes(
  request: RequestRecord,
  settings: Pick<TextSettings, 'text'>,
): RequestRecord {
  if (keepsText(settings)) return request;
  const attempts = request.attempts.map((attempt) => ({ ...attempt, message: undefined }));
  return { ...request, attempts };
}

/** The first characters, none of them cut in half. */
function excerptOf(text: string, characters: number): string {
  // No character has less than a unit.
  if (text.length <= characters) return text;
  // Two units at most are a character; without the cut all of a long prompt would be taken apart.
  return [...text.slice(0, 2 * characters)].slice(0, characters).join('');
}

/** SQLite's text ends at a NUL. */
function storable(text: string): string {
  return text.replaceAll('\0', '\ufffd');
}
