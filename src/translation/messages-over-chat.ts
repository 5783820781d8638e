import { toChatRequest } from './anthropic-request-to-chat.ts';
import { toAnthropicReply } from './chat-reply-to-anthropic.ts';
import { openAnthropicStream } from './chat-stream-to-anthropic.ts';
import type { Translation } from './translation.ts';

/**
 * For a client that speaks Anthropic's Messages (https://platform.claude.com/docs/en/api/messages)
 * and a provider that speaks OpenAI's chat completions
 * (https://platform.openai.com/docs/api-reference/chat). What would be lost on the way there is
 * refused; on the way back, what the client could not use is left out.
 */
export const messagesOverChat: Translation = {
  request: toChatRequest,
  reply: toAnthropicReply,
  openStream: openAnthropicStream,
};
