import { createHash } from 'node:crypto';
import { readLines } from '../examples/dataset.ts';
import { normaliseText } from '../normalise-text.ts';
import { readConversation } from '../routing/conversation/read-conversation.ts';
import type { TestItem } from './test-set.ts';

/** By which a prompt can be named without being copied: the first 12 hex digits of SHA-256 over the normalised ask. */
export function promptId({ messages }: Pick<TestItem, 'messages'>): string {
  const text = normaliseText(readConversation(messages).ask ?? '');
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

/** Keeps, or leaves out, the prompts that a file names by their ids, one a line. Throws DatasetError when it can't be read. */
export function selectItems(
  items: readonly TestItem[],
  selection: { readonly file: string; readonly keeps: boolean },
): TestItem[] {
  const ids = new Set(readLines(selection.file).map((line) => line.trim()));
  return items.filter((item) => ids.has(promptId(item)) === selection.keeps);
}
