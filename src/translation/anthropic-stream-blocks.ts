// Anthropic's blocks come one after the other, each in one piece; OpenAI may mix the deltas of
// several calls. So one block is open at a time, and what belongs to a later one waits.

import { type JsonObject, parseJsonObject } from '../json.ts';
import { toToolUseId } from './anthropic-message.ts';
import type { StreamFrame } from './translation.ts';

/** A piece of a call; a name or an input that is not in it is empty. */
export interface CallDelta {
  /** Which of the calls of the message it belongs to. */
  readonly index: number;
  readonly id: string | undefined;
  readonly name: string;
  readonly input: string;
}

/** The blocks of one streamed message, as events of Anthropic's. */
export interface StreamBlocks {
  readonly hasCalls: boolean;
  addText(text: string): StreamFrame[];
  /** Throws Error when the call had been complete. */
  addCall(delta: CallDelta): StreamFrame[];
  /** Whatever waited. Throws Error when a call never got a name. */
  close(): StreamFrame[];
}

interface Block {
  readonly kind: 'text' | 'call';
  readonly position: number;
  /** The id and the name of a call, as the server wrote them; a name may come late. */
  readonly id: string | undefined;
  name: string;
  /** Text, or the input of a call as JSON. In pieces: to join them for every delta would take time by the square. */
  readonly pieces: string[];
  sentPieces: number;
}

/** Calls without an id get one. */
export function createStreamBlocks(): StreamBlocks {
  const blocks: Block[] = [];
  /** The latest of each index. */
  const calls = new Map<number, Block>();
  let open = 0;
  let isStarted = false;
  let frames: StreamFrame[] = [];

  /** After the open block, which stops unless more of it can come. */
  function append(kind: Block['kind'], id?: string): Block {
    const last = blocks.at(-1);
    if (last?.position === open && isStarted && isWhole(last)) stop();
    const block = { kind, position: blocks.length, id, name: '', pieces: [], sentPieces: 0 };
    blocks.push(block);
    return block;
  }

  function callOf({ index, id, name }: CallDelta): Block {
    const known = calls.get(index);
    // Some servers number all calls 0; only their ids tell them apart.
    const isAnother = id !== undefined && name !== '' && id !== known?.id;
    if (known !== undefined && !isAnother) return known;
    const call = append('call', id);
    calls.set(index, call);
    return call;
  }

  /** What can be said of the open block. */
  function send(): void {
    const block = blocks[open];
    if (block === undefined || (block.kind === 'call' && block.name === '')) return;
    if (!isStarted) {
      frames.push(toFrame('content_block_start', { index: open, content_block: toStart(block) }));
      isStarted = true;
    }
    const unsent = block.pieces.slice(block.sentPieces).join('');
    if (unsent === '') return;
    frames.push(toFrame('content_block_delta', { index: open, delta: toDelta(block, unsent) }));
    block.sentPieces = block.pieces.length;
  }

  function stop(): void {
    frames.push(toFrame('content_block_stop', { index: open }));
    open += 1;
    isStarted = false;
  }

  function take(): StreamFrame[] {
    const taken = frames;
    frames = [];
    return taken;
  }

  return {
    get hasCalls() {
      return calls.size > 0;
    },
    addText(text) {
      if (text === '') return [];
      const last = blocks.at(-1);
      const block = last?.kind === 'text' ? last : append('text');
      block.pieces.push(text);
      send();
      return take();
    },
    addCall(delta) {
      const call = callOf(delta);
      if (call.position < open && delta.input.trim() !== '') {
        throw new Error('a tool call goes on after its end');
      }
      if (call.name === '') call.name = delta.name;
      call.pieces.push(delta.input);
      send();
      return take();
    },
    close() {
      while (open < blocks.length) {
        send();
        if (!isStarted) throw new Error('a tool call has no function');
        stop();
      }
      return take();
    },
  };
}

/** An event of Anthropic's, named twice as its clients expect. */
export function toFrame(type: string, members: JsonObject): StreamFrame {
  return { event: type, data: JSON.stringify({ type, ...members }) };
}

/** Text may end anywhere; nothing but space can follow a whole JSON object. */
function isWhole({ kind, pieces }: Block): boolean {
  if (kind === 'text') return true;
  const written = pieces.join('');
  return written.endsWith('}') && parseJsonObject(written) !== undefined;
}

/** Made once for each block, so that its id stays. */
function toStart({ kind, id, name }: Block): JsonObject {
  return kind === 'text'
    ? { type: 'text', text: '' }
    : { type: 'tool_use', id: toToolUseId(id), name, input: {} };
}

function toDelta({ kind }: Block, piece: string): JsonObject {
  return kind === 'text'
    ? { type: 'text_delta', text: piece }
    : { type: 'input_json_delta', partial_json: piece };
}
