import { createHash } from 'node:crypto';
import type { JsonObject } from '../json.ts';
import type { Conversation } from '../routing/conversation/read-conversation.ts';

/** By what a conversation is known: as before this request, and as from now on. */
interface ConversationKeys {
  /** Undefined where the request opens it. */
  readonly before: string | undefined;
  /** Undefined where nothing in the request tells it from others. */
  readonly now: string | undefined;
  /** Of the human turn that is being served; undefined where the request holds none. */
  readonly turn: string | undefined;
}

/**
 * The response that the request goes on from, where its provider keeps what was said; a name that the client gave, in
 * the header or the body; else the human turns so far: the next request of the same conversation begins with them.
 * Clients with different keys never share one, and neither do conversations that begin differently under one name.
 */
export function conversationKeys(options: {
  readonly named: string | undefined;
  readonly body: JsonObject;
  readonly conversation: Conversation;
  /** What the client identifies itself by. */
  readonly client: string;
}): ConversationKeys {
  const { named, body, conversation, client } = options;
  const { humanTurns, isUnderWay } = conversation;
  // Each turn is hashed into the key of those before it, so that a long conversation is read once.
  const earlier = humanTurns.slice(0, -1).reduce<string | undefined>(chain, undefined);
  const last = humanTurns.at(-1);
  const turn = last === undefined ? undefined : chain(earlier, last);

  const previous = idIn(body['previous_response_id']);
  const kept = idIn(body['conversation']);
  // A key of the prompt cache may be a whole application's, and a header that of all that an agent asks.
  const name = named ?? idIn(body['prompt_cache_key']);
  const keyOf = (kind: string, ...parts: string[]) => hashTexts([client, kind, ...parts]);
  const byTurns = (turns: string | undefined) => turns && keyOf('turns', turns);
  const whole =
    (kept && keyOf('kept', kept)) ??
    (name && keyOf('named', name, humanTurns[0] ?? '')) ??
    (isUnderWay ? byTurns(turn) : undefined);
  return {
    before: previous === undefined ? (whole ?? byTurns(earlier)) : responseKey(client, previous),
    now: whole ?? byTurns(turn),
    turn,
  };
}

/** Of the conversation that a response belongs to, by the id with which a later request goes on from it. */
export function responseKey(client: string, id: string): string {
  return hashTexts([client, 'response', id]);
}

function chain(before: string | undefined, turn: string): string {
  return hashTexts([before ?? '', turn]);
}

function idIn(value: unknown): string | undefined {
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : value;
  return typeof id === 'string' && id !== '' ? id : undefined;
}

/** SHA-256 of several texts, in base64url. Each has its length before it, so that no two lists look alike. */
function hashTexts(texts: readonly string[]): string {
  const digest = createHash('sha256');
  for (const text of texts) digest.update(`${text.length}:`).update(text);
  return digest.digest('base64url');
}
