import type { Protocol } from '../protocol.ts';
import { createChatOverMessages } from './chat-over-messages.ts';
import { composeTranslations } from './compose-translations.ts';
import { messagesOverChat } from './messages-over-chat.ts';
import { createResponsesOverChat } from './responses-over-chat.ts';
import type { Translation } from './translation.ts';

/** Finds the way from what a client speaks to what a provider speaks; undefined when there is none. */
export function createFindTranslation(context: {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}): (client: Protocol, provider: Protocol) => Translation | undefined {
  const chatOverMessages = createChatOverMessages(context);
  const responsesOverChat = createResponsesOverChat(context);
  const ways: Partial<Record<Protocol, Partial<Record<Protocol, Translation>>>> = {
    chat: { messages: chatOverMessages },
    messages: { chat: messagesOverChat },
    responses: {
      chat: responsesOverChat,
      messages: composeTranslations(responsesOverChat, chatOverMessages),
    },
  };
  return (client, provider) => ways[client]?.[provider];
}
