import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { normaliseText } from '../normalise-text.ts';
import { readConversation } from '../routing/conversation/read-conversation.ts';
import type { TestItem } from './test-set.ts';

/** By which a prompt can be named without being copied: the first 12 hex digits of SHA-256 over the normalised ask. */
export function promptId({ messages }: Pick<TestItem, 'messages'>): string {
  const text = normaliseText(readConversation(messages).ask ?? '');
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

/** Keeps, or leaves out, the prompts that a file names by their ids, one a line. Rejects when it can't be read. */
export async function selectItems(
  items: readonly TestItem[],
  selection: { readonly file: string; readonly keeps: boolean },
): Promise<TestItem[]> {
  const ids = new Set((await readFile(selection.file, 'utf8')).split(/\s+/));
  return items.filter((item) => ids.has(promptId(item)) === selection.keeps);
}
