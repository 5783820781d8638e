import { toResponseReply } from './chat-reply-to-response.ts';
import { openResponseStream } from './chat-stream-to-response.ts';
import { toChatRequest } from './responses-request-to-chat.ts';
import type { Translation } from './translation.ts';

/**
 * From the stateless part of OpenAI's Responses API to chat completions. `now` is in milliseconds since the epoch.
 * https://platform.openai.com/docs/api-reference/responses
 */
export function createResponsesOverChat({ now }: { readonly now: () => number }): Translation {
  return {
    request: (body) => toChatRequest(body),
    reply: (body, request) => toResponseReply(body, request, now()),
    openStream: (request) => openResponseStream(request, now),
  };
}
