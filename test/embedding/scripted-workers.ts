import type {
  EmbeddingWorker,
  StartWorker,
  TextToEmbed,
  WorkerEvents,
} from '../../src/embedding/worker-protocol.ts';
import type { EmbeddingObserver } from '../../src/telemetry/embedding-observer.ts';

export interface ScriptedWorker {
  /** The texts of each batch it was given. */
  readonly batches: string[][];
  isStopped: boolean;
  ready(): void;
  /** Answers everything asked so far with the vector [length of the text, number of the worker], twice as features. */
  answer(): void;
  answerOnly(text: string): void;
  fail(reason: string): void;
  die(reason: string): void;
}

/** Workers that do what a test tells them, in the order they were started. */
export function createScriptedWorkers(): { startWorker: StartWorker; started: ScriptedWorker[] } {
  const started: ScriptedWorker[] = [];
  return {
    started,
    startWorker(events) {
      const number = started.length;
      const { worker, embed } = createScriptedWorker(number, events);
      started.push(worker);
      return {
        embed,
        async stop() {
          worker.isStopped = true;
          events.onExit('stopped');
        },
      };
    },
  };
}

function createScriptedWorker(
  number: number,
  events: WorkerEvents,
): { worker: ScriptedWorker; embed: EmbeddingWorker['embed'] } {
  const batches: string[][] = [];
  let unanswered: TextToEmbed[] = [];

  function answer(isChosen: (text: string) => boolean): void {
    const chosen = unanswered.filter(({ text }) => isChosen(text));
    unanswered = unanswered.filter(({ text }) => !isChosen(text));
    const results = chosen.map(({ id, text }) => ({
      id,
      vector: Float32Array.of(text.length, number),
      features: Float32Array.of(text.length, number, text.length, number),
      tokens: text.length,
      truncated: false,
    }));
    events.onReply({ kind: 'embedded', results });
  }

  const worker: ScriptedWorker = {
    batches,
    isStopped: false,
    ready: () => events.onReply({ kind: 'ready' }),
    answer: () => answer(() => true),
    answerOnly: (chosen) => answer((text) => text === chosen),
    fail(reason) {
      const ids = unanswered.map(({ id }) => id);
      unanswered = [];
      events.onReply({ kind: 'failed', ids, reason });
    },
    die: (reason) => events.onExit(reason),
  };
  return {
    worker,
    embed(texts) {
      batches.push(texts.map(({ text }) => text));
      unanswered.push(...texts);
    },
  };
}

/** Lets everything that is due happen, microtasks of microtasks included. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export const silentObserver: EmbeddingObserver = {
  lookedUp: () => {},
  queued: () => {},
  batched: () => {},
  embedded: () => {},
  restarted: () => {},
};
