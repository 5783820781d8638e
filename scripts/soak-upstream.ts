// The providers of the soak, in a process of their own: two in one, by the path that they are asked at. Says its address on
// stdout. POST /failing sets the share of requests that fail, in every way that the fault matrix knows; GET /open tells how
// many are under way.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { createRandom } from '../src/random.ts';
import { json, type Step, sse } from '../test/support/scripted-upstream.ts';
import { type Fault, faults } from '../test/upstream/faults/faults.ts';
import { type ProtocolSamples, samples } from '../test/upstream/faults/protocol-samples.ts';

/** The paths end so. */
const protocolOf: Readonly<Record<string, ProtocolSamples['protocol']>> = {
  completions: 'chat',
  messages: 'messages',
  responses: 'responses',
};
const scripted = faults.filter(({ step }) => step !== undefined);
/** What one of these says shuts a model or a provider for a while, and then little else happens. */
const isLasting = ({ verdict }: Fault) => verdict === 'refusal' || verdict === 'wait';
const lasting = scripted.filter(isLasting);
const passing = scripted.filter((each) => !isLasting(each));
/** Of the faults. */
const lastingShare = 0.02;
const random = createRandom(7);
let failing = 0;
let open = 0;

/** Numbered, so that nobody can lose or double a piece unseen: `<1/3>`, `<2/3>`, `<3/3>`. */
function toPieces(body: string): string[] {
  const [, pieces = '8', bytes = '10'] = /(\d+) pieces of (\d+) bytes/.exec(body) ?? [];
  const padding = '.'.repeat(Number(bytes));
  return Array.from({ length: Number(pieces) }, (_, at) => `<${at + 1}/${pieces}>${padding}`);
}

function whole(sample: ProtocolSamples, body: string, stream: boolean): Step {
  const pieces = toPieces(body);
  if (!stream) return json(200, sample.plain(pieces.join('')));
  return sse([...sample.opening, ...pieces.map(sample.content), ...sample.closing], {
    end: 'clean',
  });
}

function fault(sample: ProtocolSamples, stream: boolean): Step | undefined {
  const drawn = random() < lastingShare ? lasting : passing;
  const possible = drawn.filter(({ only }) => only === undefined || (only === 'stream') === stream);
  return possible[Math.floor(random() * possible.length)]?.step?.(sample);
}

const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  if (request.url === '/failing') {
    failing = Number(body.toString());
    response.end();
    return;
  }
  if (request.url === '/open') {
    response.end(String(open));
    return;
  }
  open += 1;
  response.once('close', () => {
    open -= 1;
  });
  const sample = samples.find(
    ({ protocol }) => protocol === protocolOf[request.url?.split('/').at(-1) ?? ''],
  );
  if (sample === undefined) throw new Error(`Nobody knows ${request.url}.`);
  const text = body.toString();
  const asked = JSON.parse(text);
  const stream = asked.stream === true;
  const step =
    (random() < failing ? fault(sample, stream) : undefined) ?? whole(sample, text, stream);
  await setTimeout(5 + 15 * random());
  const never = new Promise<void>(() => {});
  await step(response, {
    method: 'POST',
    path: '',
    headers: {},
    body,
    json: asked,
    aborted: never,
  });
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
