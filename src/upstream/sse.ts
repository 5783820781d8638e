// Server-sent events, split without touching a byte: what is forwarded is what came.

import { BrokenReplyError } from './broken-reply-error.ts';

/** The exact bytes of one event, its blank line included, and what they say. */
export interface SseFrame {
  readonly raw: Buffer;
  readonly event: string | undefined;
  /** The `data` lines joined by newlines; undefined when there are none (a comment, a ping). */
  readonly data: string | undefined;
}

export interface SseSplitter {
  /**
   * The frames that these bytes complete, each made when it is asked for; all have to be, before more bytes come.
   * Throws BrokenReplyError when a frame grows too large.
   */
  push(chunk: Uint8Array): Iterable<SseFrame>;
  /** What is left when the stream is over: an event whose blank line never came, completed. */
  end(): SseFrame | undefined;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

export function createSseSplitter({ maxFrameBytes = 16 * 1024 * 1024 } = {}): SseSplitter {
  let pieces: Uint8Array[] = [];
  let pieceBytes = 0;
  let isLineEmpty = true;
  let followsCarriageReturn = false;

  function keep(piece: Uint8Array): void {
    if (piece.length === 0) return;
    pieceBytes += piece.length;
    if (pieceBytes > maxFrameBytes) {
      throw new BrokenReplyError(`an event of more than ${maxFrameBytes} bytes`);
    }
    pieces.push(piece);
  }

  function takeFrame(): SseFrame {
    const raw = Buffer.concat(pieces, pieceBytes);
    pieces = [];
    pieceBytes = 0;
    return parseFrame(raw);
  }

  return {
    *push(chunk) {
      let start = 0;
      for (let position = 0; position < chunk.length; position += 1) {
        const byte = chunk[position];
        // The second half of a CRLF ends no line of its own, even when it comes in the next chunk.
        const isSecondHalf = byte === lineFeed && followsCarriageReturn;
        followsCarriageReturn = byte === carriageReturn;
        if (isSecondHalf) continue;
        if (byte !== lineFeed && byte !== carriageReturn) {
          isLineEmpty = false;
          continue;
        }
        if (isLineEmpty) {
          // A lone CR must not wait for the next byte, which may be minutes away.
          if (followsCarriageReturn && chunk[position + 1] === lineFeed) {
            position += 1;
            followsCarriageReturn = false;
          }
          keep(chunk.subarray(start, position + 1));
          start = position + 1;
          yield takeFrame();
        }
        isLineEmpty = true;
      }
      keep(chunk.subarray(start));
    },

    end() {
      if (pieceBytes === 0) return undefined;
      pieces.push(Buffer.from('\n\n'));
      pieceBytes += 2;
      return takeFrame();
    },
  };
}

/** Frame by frame, as the bytes come in. No async generator, which would make more promises for each. */
export function readFrames(body: AsyncIterable<Uint8Array>): AsyncIterator<SseFrame, undefined> {
  const splitter = createSseSplitter();
  const chunks = body[Symbol.asyncIterator]();
  let ready: Iterator<SseFrame> = [].values();
  let isOver = false;
  return {
    async next() {
      for (;;) {
        const frame = ready.next();
        if (frame.done !== true) return frame;
        if (isOver) return { done: true, value: undefined };
        const chunk = await chunks.next();
        isOver = chunk.done === true;
        const rest = isOver ? splitter.end() : undefined;
        if (chunk.done !== true) ready = splitter.push(chunk.value)[Symbol.iterator]();
        else if (rest !== undefined) return { done: false, value: rest };
      }
    },
  };
}

/** What the bytes of one event say. */
export function parseFrame(raw: Buffer): SseFrame {
  let event: string | undefined;
  let data: string | undefined;
  for (const line of raw
    .toString()
    .replace(/^\ufeff/, '')
    .split(/\r\n|\n|\r/)) {
    const [, field, value = ''] = /^(data|event)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === 'event') event = value;
    if (field === 'data') data = data === undefined ? value : `${data}\n${value}`;
  }
  return { raw, event, data };
}
