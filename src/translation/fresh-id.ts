import { randomUUID } from 'node:crypto';

/** An id like a provider's own, `msg_…`, for what came without. OpenAI takes none of calls beyond 40 characters. */
export function createId(prefix: 'msg' | 'toolu' | 'call'): string {
  return `${prefix}_${randomUUID().replaceAll('-', '')}`;
}
