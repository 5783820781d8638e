import { toMessagesRequest } from './chat-to-messages-request.ts';
import { toChatReply } from './messages-to-chat-reply.ts';
import { createMessagesToChatStream } from './messages-to-chat-stream.ts';
import type { Translation } from './translation.ts';

/**
 * For a client that speaks OpenAI's chat completions and a provider that speaks Anthropic's Messages.
 * `now` is in milliseconds since the epoch, for `created` of the replies, which Anthropic's lack.
 */
export function createChatOverMessages({ now }: { readonly now: () => number }): Translation {
  return {
    request: toMessagesRequest,
    reply: (body) => toChatReply(body, Math.floor(now() / 1000)),
    openStream: (request) => createMessagesToChatStream(request, now),
  };
}
