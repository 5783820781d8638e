import { toAskedText } from './asked-text.ts';
import { idsOfAsked, type SparseIds } from './feature-ids.ts';
import { viewsOfAsked } from './views.ts';

/** A text with what is read of it. */
export interface ReadText {
  readonly text: string;
  /** What an encoder reads. */
  readonly views: readonly string[];
  /** How much each sparse feature speaks in it. */
  readonly sparse: SparseIds;
}

/** Reads a text when it is first wanted, and once: every tier asks. */
export function readText(text: string): ReadText {
  let read: { readonly asked: string; readonly views: readonly string[] } | undefined;
  let sparse: SparseIds | undefined;
  const reading = () => {
    if (read !== undefined) return read;
    const asked = toAskedText(text);
    read = { asked, views: viewsOfAsked(asked) };
    return read;
  };
  return {
    text,
    get views() {
      return reading().views;
    },
    get sparse() {
      const { asked, views } = reading();
      sparse ??= idsOfAsked(asked, views);
      return sparse;
    },
  };
}
