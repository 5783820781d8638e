// Who asks at once, and what they do when they are refused.
import type { Exchange } from '../bench/connection.ts';
import type { LoadOptions } from '../bench/load.ts';

/** As many as are served; eight times as many, who ask again when they are told to; as many who ask again much sooner. */
export const crowds = ['at the limit', 'overload', 'hammering'] as const;
export type Crowd = (typeof crowds)[number];

const overloadFactor = 8;
const hammerPauseMs = 100;

export function toCrowd(crowd: Crowd, limit: number): Pick<LoadOptions, 'clients' | 'pauseAfter'> {
  switch (crowd) {
    case 'at the limit':
      return { clients: limit };
    case 'overload':
      return { clients: overloadFactor * limit, pauseAfter: toldPauseMs };
    case 'hammering':
      return { clients: overloadFactor * limit, pauseAfter: () => hammerPauseMs };
  }
}

function toldPauseMs({ head }: Exchange): number {
  const [, told] = /\r\nretry-after-ms: (\d+)/.exec(head) ?? [];
  if (told === undefined) throw new Error(`Nobody is told when to ask again: ${head}`);
  return Number(told);
}
