// The same conversation in each protocol, whole and in the pieces that a fault can fall between.
import type { Protocol } from '../../../src/protocol.ts';
import { response, responseEvents } from '../../support/scripted-responses.ts';
import { chunk, completion } from '../../support/scripted-upstream.ts';
import { message, messageEvents, toEvent } from '../../support/two-protocols.ts';

export interface ProtocolSamples {
  readonly protocol: Protocol;
  /** Without its model. */
  readonly request: object;
  plain(text: string): object;
  /** The frames of a stream before its first content, its content, and what ends it. */
  readonly opening: readonly string[];
  content(text: string): string;
  readonly closing: readonly string[];
  /** An error as an event of a stream. */
  readonly errorFrame: string;
  /** What has to stand in a stream once where it ended well, and nowhere else. */
  readonly terminal: RegExp;
  /** What tells the client that its stream broke off. */
  readonly inBandError: RegExp;
}

const user = { role: 'user', content: 'hi' };

function split(frames: readonly string[], isContent: (frame: string) => boolean) {
  const at = frames.findIndex(isContent);
  return { opening: frames.slice(0, at), closing: frames.slice(at + 1), frame: frames[at] ?? '' };
}

const messages = split(messageEvents('TEXT'), (frame) => frame.includes('text_delta'));
const responses = split(responseEvents('TEXT'), (frame) => frame.includes('output_text.delta'));

export const samples: readonly ProtocolSamples[] = [
  {
    protocol: 'chat',
    request: { messages: [user] },
    plain: (text) => completion(text),
    opening: [chunk({ role: 'assistant', content: '' })],
    content: (text) => chunk({ content: text }),
    closing: [chunk({}, 'stop'), 'data: [DONE]\n\n'],
    errorFrame: 'data: {"error":{"message":"Overloaded","code":"overloaded"}}\n\n',
    terminal: /^data: \[DONE\]$/gm,
    inBandError: /^data: \{"error":/gm,
  },
  {
    protocol: 'messages',
    request: { max_tokens: 9, messages: [user] },
    plain: (text) => message(text),
    opening: messages.opening,
    content: (text) => messages.frame.replace('TEXT', text),
    closing: messages.closing,
    errorFrame: toEvent({
      type: 'error',
      ...{ error: { type: 'overloaded_error', message: 'Overloaded' } },
    }),
    terminal: /^event: message_stop$/gm,
    inBandError: /^event: error$/gm,
  },
  {
    protocol: 'responses',
    request: { input: 'hi' },
    plain: (text) => response(text),
    opening: responses.opening,
    content: (text) => responses.frame.replace('TEXT', text),
    closing: responses.closing,
    errorFrame: toEvent({ type: 'error', ...{ code: 'server_error', message: 'Overloaded' } }),
    terminal: /^event: response\.completed$/gm,
    inBandError: /^event: error$/gm,
  },
];
