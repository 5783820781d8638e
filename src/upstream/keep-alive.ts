// Frames that say nothing but that the stream is alive, for clients and proxies that give up on silence.
import type { Protocol } from '../protocol.ts';
import type { SseFrame } from './sse.ts';

const comment = Buffer.from(': keep-alive\n\n');
const ping = Buffer.from('event: ping\ndata: {"type": "ping"}\n\n');

/** A comment, or Anthropic's ping. */
export function isKeepAlive({ event, data }: SseFrame): boolean {
  return data === undefined || event === 'ping';
}

export function toKeepAlive(protocol: Protocol): Buffer {
  return protocol === 'messages' ? ping : comment;
}
