import { createParser, type EventSourceMessage } from 'eventsource-parser';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createSseSplitter,
  readFrames,
  type SseFrame,
  type SseSplitter,
} from '../../src/upstream/sse.ts';

function push(splitter: SseSplitter, chunk: string | Uint8Array): SseFrame[] {
  return [...splitter.push(Buffer.from(chunk))];
}

function split(chunks: readonly (string | Uint8Array)[]): SseFrame[] {
  const splitter = createSseSplitter();
  const frames = chunks.flatMap((chunk) => push(splitter, chunk));
  return [...frames, ...[splitter.end()].filter((frame) => frame !== undefined)];
}

function rawOf(frames: readonly SseFrame[]): string[] {
  return frames.map(({ raw }) => raw.toString());
}

describe('createSseSplitter', () => {
  it.each(['\n', '\r\n', '\r'])('splits at blank lines made of %j', (newline) => {
    const first = `event: a${newline}data: 1${newline}data:2${newline}${newline}`;
    const second = `: ping${newline}${newline}`;
    const frames = split([first + second]);
    expect(rawOf(frames)).toEqual([first, second]);
    expect(frames.map(({ event, data }) => ({ event, data }))).toEqual([
      { event: 'a', data: '1\n2' },
      { event: undefined, data: undefined },
    ]);
  });

  it('hands out a frame as soon as its blank line is there', () => {
    const splitter = createSseSplitter();
    expect(push(splitter, 'data: 1\n')).toEqual([]);
    expect(push(splitter, '\n')).toHaveLength(1);
    expect(push(splitter, 'data: 2\r\r')).toHaveLength(1);
  });

  it('takes a CRLF that two chunks share for one line end', () => {
    const frames = split(['data: 1\r', '\ndata: 2\r\n\r', '\ndata: 3\r\n\r\n']);
    expect(frames.map(({ data }) => data)).toEqual(['1\n2', '3']);
    expect(rawOf(frames).join('')).toBe('data: 1\r\ndata: 2\r\n\r\ndata: 3\r\n\r\n');
  });

  it('reads fields as the standard says', () => {
    const frames = split(['\ufeffdata\ndata:  two\nDATA: no\ndatax: no\nid: 1\nevent:e\n\n']);
    expect(frames[0]).toMatchObject({ event: 'e', data: '\n two' });
  });

  it('completes an event whose blank line never came', () => {
    expect(rawOf(split(['data: [DONE]\n']))).toEqual(['data: [DONE]\n\n\n']);
    expect(split(['data: [DONE]'])[0]?.data).toBe('[DONE]');
  });

  it('keeps every byte and finds the same events, wherever the chunks end', () => {
    const line = fc.constantFrom(
      'data: é😀',
      'data:x',
      'data',
      ': note',
      'event: error',
      'id: 1',
      '',
    );
    const newline = fc.constantFrom('\n', '\r\n', '\r');
    const stream = fc.array(fc.tuple(line, newline)).map((lines) => lines.flat().join(''));
    fc.assert(
      fc.property(stream, fc.array(fc.nat(200)), (text, cuts) => {
        const bytes = Buffer.from(text);
        const ends = [...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length];
        ends.sort((a, b) => a - b);
        const chunks = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
        const splitter = createSseSplitter();
        const frames = chunks.flatMap((chunk) => push(splitter, chunk));
        const rest = splitter.end()?.raw.toString().slice(0, -2) ?? '';
        expect(rawOf(frames).join('') + rest).toBe(text);

        const expected: EventSourceMessage[] = [];
        const parser = createParser({ onEvent: (event) => expected.push(event) });
        // The oracle keeps a last CR back until it knows what follows.
        parser.feed(`${text.slice(0, text.length - rest.length)}: end\n`);
        const events = frames.filter(({ data }) => data !== undefined);
        expect(events.map(({ data, event }) => ({ data, event }))).toEqual(
          expected.map(({ data, event }) => ({ data, event })),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('refuses a frame beyond its limit, also one that comes in small pieces', () => {
    const splitter = createSseSplitter({ maxFrameBytes: 100 });
    expect(push(splitter, `data: ${'x'.repeat(80)}\n\n`)).toHaveLength(1);
    expect(push(splitter, 'x'.repeat(60))).toEqual([]);
    expect(() => push(splitter, 'x'.repeat(60))).toThrow('more than 100 bytes');
  });

  it('splits a frame of 16 MB that comes in small pieces in linear time', () => {
    const splitter = createSseSplitter();
    const piece = Buffer.alloc(1024, 'x');
    const startedAt = performance.now();
    for (let count = 0; count < 16 * 1024 - 1; count += 1) push(splitter, piece);
    expect(push(splitter, '\n\n')).toHaveLength(1);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });
});

describe('readFrames', () => {
  it('rejects as the body does, after the frames that were whole', async () => {
    async function* torn() {
      yield Buffer.from('data: 1\n\ndata: 2');
      throw new Error('torn');
    }
    const frames = readFrames(torn());
    expect((await frames.next()).value).toMatchObject({ data: '1' });
    await expect(frames.next()).rejects.toThrow('torn');
  });
});
