import { type Size, sizes } from './prompts.ts';

export interface Scenario {
  readonly clients: number;
  readonly size: Size;
  readonly stream: boolean;
}

export interface Course {
  readonly scenarios: readonly Scenario[];
  /** Every target has one turn in each. */
  readonly rounds: number;
  readonly turnMs: number;
}

/** About a minute. */
export const quick: Course = {
  scenarios: [
    { clients: 1, size: 'as-written', stream: false },
    { clients: 16, size: 'as-written', stream: false },
    { clients: 16, size: 'agent-20kb', stream: false },
    { clients: 16, size: 'as-written', stream: true },
  ],
  rounds: 2,
  turnMs: 700,
};

/** All of it. */
export const normal: Course = {
  scenarios: sizes.flatMap((size) =>
    [false, true].flatMap((stream) => [1, 16, 64].map((clients) => ({ clients, size, stream }))),
  ),
  rounds: 3,
  turnMs: 1_000,
};

export function describeScenario({ clients, size, stream }: Scenario): string {
  const who = clients === 1 ? '1 client' : `${clients} clients`;
  return `${who}, ${size}, ${stream ? 'streaming' : 'plain'}`;
}
