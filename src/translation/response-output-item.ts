// The entries of a response's `output`. Ids grow from the response's, so that they never repeat.
// https://platform.openai.com/docs/api-reference/responses/object
import type { JsonObject } from '../json.ts';
import { createId } from './fresh-id.ts';
import { toUnkeptId } from './response-ids.ts';
import type { ResponseHead } from './response-skeleton.ts';

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

export type MessagePartType = 'output_text' | 'refusal';

export interface FunctionCall {
  readonly id: string;
  readonly callId: string;
  readonly name: string;
  readonly arguments: string;
}

export function toMessageId({ idStem }: ResponseHead): string {
  return toUnkeptId('msg', idStem);
}

/** The ids of the response's call number `position`; servers that give calls no id get one made. */
export function toCallIds(
  { idStem }: ResponseHead,
  position: number,
  callId: string | undefined,
): { readonly id: string; readonly callId: string } {
  return { id: toUnkeptId('fc', `${idStem}_${position}`), callId: callId ?? createId('call') };
}

export function toMessageItem(
  id: string,
  content: readonly JsonObject[],
  status: ItemStatus,
): JsonObject {
  return { id, type: 'message', status, role: 'assistant', content };
}

export function toMessagePart(type: MessagePartType, text: string): JsonObject {
  if (type === 'refusal') return { type, refusal: text };
  return { type, text, annotations: [], logprobs: [] };
}

export function toFunctionCallItem(call: FunctionCall, status: ItemStatus): JsonObject {
  return {
    id: call.id,
    type: 'function_call',
    status,
    call_id: call.callId,
    name: call.name,
    arguments: call.arguments,
  };
}

/** A response that was cut off was cut off in its last item. */
export function toItemStatus(isLast: boolean, isIncomplete: boolean): ItemStatus {
  return isLast && isIncomplete ? 'incomplete' : 'completed';
}
