import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFindTranslation } from '../../src/translation/find-translation.ts';
import { responseEvents } from '../support/scripted-responses.ts';
import { contentFrames, sse } from '../support/scripted-upstream.ts';
import { messageEvents } from '../support/two-protocols.ts';
import {
  collect,
  createPlanFixture,
  expectKind,
  makeTarget,
  type PlanFixture,
} from './plan-fixture.ts';

let plan: PlanFixture;
const findTranslation = createFindTranslation({ now: () => 0 });
const chatTarget = makeTarget({ protocol: 'chat' });
const messagesTarget = makeTarget({ protocol: 'messages' });
const responsesTarget = makeTarget({ protocol: 'responses' });
const ping = 'event: ping\ndata: {"type": "ping"}\n\n';
const keepAlive = ': keep-alive\n\n';

beforeEach(async () => {
  plan = await createPlanFixture();
});

afterEach(async () => {
  expect(plan.clock.pending()).toBe(0);
  await plan.close();
});

async function read(
  target: typeof chatTarget,
  protocol: 'chat' | 'messages' | 'responses',
): Promise<string> {
  const asked =
    protocol === 'responses'
      ? { input: 'hi' }
      : { messages: [{ role: 'user', content: 'hi' }], max_tokens: 9 };
  const body = Buffer.from(JSON.stringify({ model: 'auto', stream: true, ...asked }));
  const running = plan.run([target], { protocol, body, stream: true, findTranslation });
  const stream = expectKind(await running, 'stream');
  const text = await collect(stream.frames);
  await stream.finished;
  return text;
}

describe('a translated stream', () => {
  const [role = '', one = '', two = '', stop = ''] = contentFrames('one', 'two');

  it('passes comments on as Anthropic’s pings', async () => {
    plan.upstream.script(sse([': early\n\n', role, one, ': PROCESSING\n\n', two, stop]));
    const text = await read(chatTarget, 'messages');
    expect(text.split(ping)).toHaveLength(2);
    expect(text.indexOf(ping)).toBeGreaterThan(text.indexOf('"one"'));
    expect(text.indexOf(ping)).toBeLessThan(text.indexOf('"two"'));
    expect(text).not.toContain('PROCESSING');
  });

  it.each(['chat', 'responses'] as const)('passes pings on as comments of %s', async (protocol) => {
    const events = messageEvents('one', 'two').flatMap((event) => [event, ping]);
    plan.upstream.script(sse(events, { end: 'clean' }));
    const text = await read(messagesTarget, protocol);
    expect(text).toMatch(/"one".*\n\n: keep-alive\n\n.*\n?data.*"two"/);
    expect(text).not.toContain('ping');
    expect(text.indexOf(keepAlive)).toBeGreaterThan(text.indexOf('one'));
  });

  it('passes comments on as comments', async () => {
    plan.upstream.script(sse([role, one, ': PROCESSING\n\n', two, stop]));
    expect((await read(chatTarget, 'responses')).split(keepAlive)).toHaveLength(2);
  });
});

describe('the error of a broken stream of the Responses API', () => {
  const eventsOf = (text: string) =>
    text
      .trimEnd()
      .split('\n\n')
      .filter((frame) => !frame.startsWith(':'))
      .map((frame) => JSON.parse(frame.replace(/^event: .*\ndata: /, '')));

  it.each([
    ['passed on', responsesTarget, [...responseEvents('half').slice(0, 5), ': ping\n\n']],
    ['translated', messagesTarget, [...messageEvents('half').slice(0, 4), ping]],
  ])('has the next number of the events when it was %s', async (_how, target, frames) => {
    plan.upstream.script(sse(frames, { end: 'clean' }));
    const events = eventsOf(await read(target, 'responses'));
    expect(events.at(-1)).toMatchObject({ type: 'error', sequence_number: events.length - 1 });
    expect(events.map((event) => event.sequence_number)).toEqual([...events.keys()]);
  });
});
