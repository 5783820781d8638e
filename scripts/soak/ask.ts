// One request of a client of the soak, and what came of it.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Agent, fetch, type Response } from 'undici';
import type { Random } from '../../src/random.ts';
import { type ProtocolSamples, samples } from '../../test/upstream/faults/protocol-samples.ts';

/** What may happen while providers fail. */
const forgivable = ['whole', 'broken-off', 'refused', 'exhausted', 'left', 'bad-body'] as const;
/** What must never happen. `torn`: no end and no error; `incomplete`, `doubled`: an end, but not to all of it, or to more. */
const unforgivable = [
  'torn',
  'incomplete',
  'doubled',
  'two-ends',
  'no-cause',
  'no-connection',
  'bad-body-accepted',
] as const;

export type Outcome = (typeof forgivable)[number] | (typeof unforgivable)[number];
export const outcomes: readonly Outcome[] = [...forgivable, ...unforgivable];

export interface Answered {
  readonly outcome: Outcome;
  /** How a client's request looked, and the beginning of what it got: for outcomes that must not be. */
  readonly story: string;
  readonly tookMs: number;
  /** Answered by the first who was asked, to a client that reads as fast as it can. */
  readonly isPlainSailing: boolean;
  readonly decisionId: string | undefined;
}

interface Request {
  readonly sample: ProtocolSamples;
  readonly stream: boolean;
  readonly how: 'usual' | 'leaves' | 'reads-slowly' | 'bad-body';
  readonly body: string;
}

/** In calm weather a client must get all it asked for. */
export function isUnexpected(outcome: Outcome, isCalm: boolean): boolean {
  const isFine = outcome === 'whole' || outcome === 'left' || outcome === 'bad-body';
  return isCalm ? !isFine : (unforgivable as readonly Outcome[]).includes(outcome);
}

export interface AskOptions {
  readonly url: string;
  readonly random: Random;
  readonly prompts: () => string;
  /** Whose connections are used. */
  readonly agent: Agent;
}

export async function ask({ url, random, prompts, agent }: AskOptions): Promise<Answered> {
  const request = makeRequest(random, prompts);
  const client = new AbortController();
  const leaving = request.how === 'leaves' ? setTimeout(() => client.abort(), 60 * random()) : null;
  const startedAtMs = performance.now();
  let decisionId: string | undefined;
  let attempts = '';
  let outcome: Outcome;
  let text = '';
  try {
    const reply = await fetch(`${url}/v1/${pathOf(request)}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: request.body,
      signal: client.signal,
      dispatcher: agent,
    });
    decisionId = reply.headers.get('x-switchyard-decision-id') ?? undefined;
    attempts = reply.headers.get('x-switchyard-attempts') ?? '';
    text = await read(reply, request.how === 'reads-slowly');
    outcome = judge(request, reply.status, text);
  } catch (error) {
    outcome = client.signal.aborted ? 'left' : 'no-connection';
    if (outcome === 'no-connection') text = `${error}: ${(error as Error).cause}`;
  } finally {
    if (leaving !== null) clearTimeout(leaving);
  }
  return {
    outcome,
    story: JSON.stringify({
      ...{ outcome, attempts, decisionId, how: request.how, stream: request.stream },
      ...{ protocol: request.sample.protocol, asked: request.body.slice(-200) },
      ...{ got: `${text.slice(0, 500)} … ${text.slice(-500)}` },
    }),
    tookMs: performance.now() - startedAtMs,
    isPlainSailing: outcome === 'whole' && request.how === 'usual' && /^[^,]*:ok$/.test(attempts),
    decisionId,
  };
}

function makeRequest(random: Random, prompts: () => string): Request {
  const sample = samples[Math.floor(random() * samples.length)];
  if (sample === undefined) throw new Error('There are three.');
  const stream = random() < 0.6;
  const drawn = random();
  const how =
    drawn < 0.05 ? 'bad-body' : drawn < 0.12 ? 'leaves' : drawn < 0.15 ? 'reads-slowly' : 'usual';
  const answer = how === 'reads-slowly' ? '100 pieces of 8000 bytes' : '8 pieces of 20 bytes';
  let prompt = prompts();
  if (random() < 0.1) while (prompt.length < 20_000) prompt += ` ${prompts()}`;
  const content = `${prompt} Answer in ${answer}.`;
  const asked =
    sample.protocol === 'responses'
      ? { input: content }
      : { messages: [{ role: 'user', content }] };
  const limit = sample.protocol === 'messages' ? { max_tokens: 99 } : {};
  const body = JSON.stringify({ model: 'auto', stream, ...limit, ...asked });
  return { sample, stream, how, body: how === 'bad-body' ? spoil(body, random) : body };
}

function spoil(body: string, random: Random): string {
  const ways = [
    body.slice(0, -7),
    '',
    '[]',
    '{"model": 7}',
    body.replace('"auto"', '"no-such-model"'),
  ];
  return ways[Math.floor(random() * ways.length)] ?? '';
}

function pathOf({ sample }: Request): string {
  return sample.protocol === 'chat' ? 'chat/completions' : sample.protocol;
}

async function read(reply: Response, isSlow: boolean): Promise<string> {
  if (!isSlow || reply.body === null) return reply.text();
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of reply.body) {
    text += decoder.decode(bytes, { stream: true });
    await sleep(20);
  }
  return text;
}

function judge(request: Request, status: number, text: string): Outcome {
  if (request.how === 'bad-body') {
    return status >= 400 && status < 500 && isError(text) ? 'bad-body' : 'bad-body-accepted';
  }
  if (status !== 200) {
    if (!isError(text) || status === 500) return 'no-cause';
    return status < 500 && status !== 429 ? 'refused' : 'exhausted';
  }
  const { sample, stream } = request;
  const ends = stream ? count(text, sample.terminal) : 1;
  const errors = stream ? count(text, sample.inBandError) : 0;
  if (ends === 0) return errors === 1 ? 'broken-off' : 'torn';
  if (ends + errors > 1) return 'two-ends';
  return judgePieces(text, stream ? pieceIn[sample.protocol] : /<(\d+)\/(\d+)>/g);
}

/** Where a piece stands in a stream; the Responses API says all of them again at the end. */
const pieceIn: Readonly<Record<string, RegExp>> = {
  chat: /"content":"<(\d+)\/(\d+)>/g,
  messages: /"text":"<(\d+)\/(\d+)>/g,
  responses: /"delta":"<(\d+)\/(\d+)>/g,
};

function judgePieces(text: string, piece = /$^/g): Outcome {
  const found = [...text.matchAll(piece)];
  const all = Number(found[0]?.[2]);
  if (found.length > all) return 'doubled';
  const isInOrder = found.every(([, at], index) => Number(at) === index + 1);
  return found.length === all && isInOrder ? 'whole' : 'incomplete';
}

function isError(text: string): boolean {
  try {
    const { error } = JSON.parse(text);
    return typeof error.message === 'string' && error.message !== '';
  } catch {
    return false;
  }
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
