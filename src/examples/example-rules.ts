import { didYouMean } from '../config/suggest.ts';
import { normaliseText } from '../normalise-text.ts';
import type { Example } from './example.ts';

export interface ExampleLimits {
  readonly classNames: ReadonlySet<string>;
  readonly maxCharacters: number;
}

export type ExampleFault = {
  readonly kind: 'unknown-class' | 'empty' | 'too-long' | 'duplicate' | 'contradiction';
  readonly message: string;
  /** Of a text that stands twice: who has it already. */
  readonly same?: Example;
};

/** Looks examples up by what they say, so that no text stands twice. */
export type FindSameText = (normalisedText: string) => Example | undefined;

/** What keeps an example out of the set, or undefined when it may come in. */
export function findFault(
  { text, className }: { readonly text: string; readonly className: string },
  limits: ExampleLimits,
  findSameText: FindSameText,
): ExampleFault | undefined {
  if (!limits.classNames.has(className)) {
    const suggestion = didYouMean(className, limits.classNames);
    return { kind: 'unknown-class', message: `there is no class "${className}"${suggestion}` };
  }
  const normalised = normaliseText(text);
  if (normalised === '') return { kind: 'empty', message: 'the text is empty' };
  if (text.length > limits.maxCharacters) {
    return {
      kind: 'too-long',
      message: `the text has ${text.length} characters, ${limits.maxCharacters} are allowed`,
    };
  }
  const same = findSameText(normalised);
  if (same === undefined) return undefined;
  return same.className === className
    ? { kind: 'duplicate', same, message: `example ${same.id} has the same text` }
    : {
        kind: 'contradiction',
        same,
        message: `example ${same.id} has the same text under the class "${same.className}"`,
      };
}
