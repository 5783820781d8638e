// A router before providers that fail at random, asked by clients that leave at random.
import { createRandom, type Random } from '../../src/random.ts';
import {
  completion,
  contentFrames,
  json,
  reset,
  type ScriptedUpstream,
  type Step,
  sse,
} from './scripted-upstream.ts';
import { message, messageEvents, toEvent } from './two-protocols.ts';

export interface ChaosOptions {
  /** The router's. */
  readonly url: string;
  readonly clients: number;
  /** Ends the clients, each after the request that it is at. */
  readonly isOver: (asked: number) => boolean;
  readonly seed: number;
  /** Of the requests, whose client leaves in the middle. */
  readonly leaving: number;
}

export interface ChaosReport {
  readonly asked: number;
  /** What came back, and what of it was whole. */
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** Of what was answered, whole; ascending. */
  readonly latenciesMs: readonly number[];
  /** Of every request that was decided, once for each time it was told. */
  readonly decisionIds: readonly string[];
}

/** `torn`: a stream that ended without its last event and without an error; there must be none. */
type Outcome = 'whole' | 'error' | 'broken-off' | 'left' | 'torn';

const prompts = [
  'fix this python error: TypeError: NoneType object is not subscriptable',
  'Translate to French: where is the train station?',
  'hi, how are you?',
  'What is 17 % of 230?',
];

const overloaded = { error: { type: 'overloaded_error', message: 'Overloaded' } };

/** Lets an upstream fail in all kinds of ways, that often. */
export function makeUnreliable(
  upstream: ScriptedUpstream,
  how: { protocol: 'chat' | 'messages'; failing: number; random: Random },
): void {
  const { protocol, failing, random } = how;
  const isChat = protocol === 'chat';
  const frames = isChat
    ? [...contentFrames('a', 'b'), 'data: [DONE]\n\n']
    : messageEvents('a', 'b');
  const faults: readonly Step[] = [
    reset,
    json(500, overloaded),
    json(503, overloaded),
    json(429, overloaded, { 'retry-after-ms': '50' }),
    json(200, overloaded),
    sse(frames.slice(0, 1), { end: 'clean' }),
    sse(frames.slice(0, -2), { end: 'cut' }),
    sse(frames.slice(0, -2), { end: 'clean' }),
    sse([...frames.slice(0, 3), toEvent({ type: 'error', ...overloaded })], { end: 'clean' }),
  ];
  upstream.script((response, request) => {
    const fault = faults[Math.floor(random() * faults.length)] ?? reset;
    const whole =
      request.json['stream'] === true
        ? sse(frames, { end: 'clean' })
        : json(200, isChat ? completion('ab') : message('ab'));
    return (random() < failing ? fault : whole)(response, request);
  });
}

/** Runs the clients to their end. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const random = createRandom(options.seed);
  const outcomes: Record<Outcome, number> = {
    whole: 0,
    error: 0,
    'broken-off': 0,
    left: 0,
    torn: 0,
  };
  const latenciesMs: number[] = [];
  const decisionIds: string[] = [];
  let asked = 0;

  async function client(): Promise<void> {
    while (!options.isOver(asked)) {
      asked += 1;
      const startedAtMs = performance.now();
      const { outcome, decisionId } = await ask(options, random);
      outcomes[outcome] += 1;
      if (outcome === 'whole') latenciesMs.push(performance.now() - startedAtMs);
      if (decisionId !== undefined) decisionIds.push(decisionId);
    }
  }
  await Promise.all(Array.from({ length: options.clients }, client));
  return { asked, outcomes, latenciesMs: latenciesMs.sort((a, b) => a - b), decisionIds };
}

async function ask({ url, leaving }: ChaosOptions, random: Random) {
  const stream = random() < 0.5;
  const isMessages = random() < 0.5;
  const content = `${prompts[Math.floor(random() * prompts.length)]} ${Math.floor(random() * 50)}`;
  const client = new AbortController();
  if (random() < leaving) setTimeout(() => client.abort(), random() * 20);
  let decisionId: string | undefined;
  let text = '';
  try {
    const reply = await fetch(`${url}/v1/${isMessages ? 'messages' : 'chat/completions'}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'auto',
        max_tokens: 99,
        stream,
        messages: [{ role: 'user', content }],
      }),
      signal: client.signal,
    });
    decisionId = reply.headers.get('x-switchyard-decision-id') ?? undefined;
    text = await reply.text();
    return { decisionId, outcome: toOutcome(reply.status, text, stream) };
  } catch (error) {
    if (client.signal.aborted) return { decisionId, outcome: 'left' as const };
    throw error;
  }
}

function toOutcome(status: number, text: string, isStream: boolean): Outcome {
  if (status !== 200) return 'error';
  if (!isStream) return text.includes('ab') ? 'whole' : 'torn';
  if (/^data: \[DONE\]$|^event: message_stop$/m.test(text)) return 'whole';
  return /^data: \{"error":|^event: error$/m.test(text) ? 'broken-off' : 'torn';
}
