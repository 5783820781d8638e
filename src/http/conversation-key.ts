import { createHash } from 'node:crypto';
import type { JsonObject } from '../json.ts';
import type { Conversation } from '../routing/conversation/read-conversation.ts';

/** By what a conversation is known: as before this request, and as from now on. */
export interface ConversationKeys {
  /** Undefined where the request opens it. */
  readonly before: string | undefined;
  readonly now: string;
}

/** Where a client may name the conversation itself: OpenAI's Responses, and its hint for the prompt cache. */
const bodyFields = ['conversation', 'prompt_cache_key'] as const;

/**
 * A name that the client gave, in the header or the body, else the human turns so far: the next request of the same
 * conversation begins with them. Clients with different keys never share one.
 */
export function conversationKeys(options: {
  readonly named: string | undefined;
  readonly body: JsonObject;
  readonly conversation: Conversation;
  /** What the client identifies itself by. */
  readonly client: string;
}): ConversationKeys {
  const { named, body, conversation, client } = options;
  const name = named ?? bodyFields.map((field) => nameIn(body[field])).find((found) => found);
  if (name !== undefined) {
    const key = hash([client, 'named', name]);
    return { before: key, now: key };
  }
  const { humanTurns, isUnderWay } = conversation;
  // Each turn is hashed into the key of those before it, so that a long conversation is read once.
  const earlier = humanTurns.slice(0, -1).reduce<string | undefined>(chain, undefined);
  const now = chain(earlier, humanTurns.at(-1) ?? '');
  const keyOf = (turns: string) => hash([client, 'turns', turns]);
  if (isUnderWay) return { before: keyOf(now), now: keyOf(now) };
  return { before: earlier === undefined ? undefined : keyOf(earlier), now: keyOf(now) };
}

/** Of the human turn that is being served. */
export function askHash({ humanTurns }: Conversation): string {
  return hash([String(humanTurns.length), humanTurns.at(-1) ?? '']);
}

function chain(before: string | undefined, turn: string): string {
  return hash([before ?? '', turn]);
}

function nameIn(value: unknown): string | undefined {
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : value;
  return typeof id === 'string' && id !== '' ? id : undefined;
}

function hash(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}
