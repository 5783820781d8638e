import { parseJsonObject } from '../../src/json.ts';
import type { Protocol } from '../../src/protocol.ts';
import type { Attempt } from '../../src/upstream/attempt.ts';
import { type ExecuteOptions, type Execution, execute } from '../../src/upstream/execute.ts';
import { alwaysWell } from '../../src/upstream/health/health.ts';
import { createHttpProvider } from '../../src/upstream/http-provider.ts';
import { createRetries } from '../../src/upstream/retries.ts';
import { openModelSlot } from '../../src/upstream/splice-model.ts';
import type { Target } from '../../src/upstream/target.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import { createScriptedUpstream, type ScriptedUpstream } from '../support/scripted-upstream.ts';

const timeouts = { firstContentMs: 2_000, idleMs: 3_000, totalMs: 20_000 };

const defaultBody = Buffer.from('{"model":"auto","messages":[{"role":"user","content":"hi"}]}');

export function makeTarget(fields: Partial<Target> = {}): Target {
  const { model = 'first' } = fields;
  return {
    model,
    provider: 'scripted',
    upstreamModel: model,
    className: 'coding',
    contextWindow: undefined,
    maxOutputTokens: undefined,
    protocol: 'chat',
    maxTokensField: 'max_tokens',
    reportsUsage: false,
    readableReasoning: 'all',
    isReserve: false,
    isLastTry: false,
    timeouts,
    ...fields,
  };
}

interface RunOptions extends Partial<Omit<ExecuteOptions, 'request'>> {
  readonly protocol?: Protocol;
  readonly body?: Buffer;
  readonly stream?: boolean;
}

export interface PlanFixture {
  readonly clock: FakeClock;
  readonly upstream: ScriptedUpstream;
  /** What `onAttempt` was told. */
  readonly told: Attempt[];
  run(targets: readonly Target[], options?: RunOptions): Promise<Execution>;
  close(): Promise<void>;
}

/** A plan, a clock that stands still, and a real server behind a real provider. */
export async function createPlanFixture(): Promise<PlanFixture> {
  const clock = createFakeClock();
  const upstream = await createScriptedUpstream();
  const provider = createHttpProvider({
    name: 'scripted',
    baseUrl: upstream.url,
    apiKey: 'sk-test-secret',
    connectTimeoutMs: 1_000,
    clock,
  });
  const told: Attempt[] = [];

  return {
    clock,
    upstream,
    told,
    run: (targets, { protocol = 'chat', body = defaultBody, stream = false, ...options } = {}) =>
      execute({
        targets,
        providers: () => provider,
        request: {
          protocol,
          bodyFor: openModelSlot(body),
          json: parseJsonObject(body.toString()) ?? {},
          stream,
          headers: { 'x-request-id': 'request-1' },
        },
        findTranslation: () => undefined,
        health: alwaysWell,
        retries: createRetries({ perModel: 0, waitMs: 0, share: 0 }, Math.random),
        clock,
        signal: new AbortController().signal,
        deadlineMs: 60_000,
        onAttempt: (attempt) => void told.push(attempt),
        ...options,
      }),
    async close() {
      await upstream.close();
      await provider.close();
    },
  };
}

/** Narrows to one kind, and says what came instead. */
export function expectKind<Kind extends Execution['kind']>(
  execution: Execution,
  kind: Kind,
): Extract<Execution, { kind: Kind }> {
  if (execution.kind !== kind) {
    throw new Error(`expected ${kind}, got ${execution.kind}: ${JSON.stringify(execution)}`);
  }
  return execution as Extract<Execution, { kind: Kind }>;
}

export async function collect(frames: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const frame of frames) chunks.push(frame);
  return Buffer.concat(chunks).toString();
}
