/** When a breaker opens, for how long, and how it closes again. */
export interface BreakerSettings {
  /** Over which the share of failures is taken. */
  readonly windowMs: number;
  /** Fewer calls than that in the window say nothing. */
  readonly minimumCalls: number;
  /** Of failures in the window, at which it opens. */
  readonly failureShare: number;
  /** So many failures with no success in between open it too, however far apart: slow ones never fill a window. */
  readonly failuresInARow: number;
  /** How long it stays open the first time; twice as long each further time, up to the longest. */
  readonly openMs: number;
  readonly longestOpenMs: number;
  /** How long a refusal keeps it open. */
  readonly refusalMs: number;
  /** So many calls at once try whether it works again, and so many have to succeed. */
  readonly probes: number;
  /** From the last probe until it gets all of its calls again. */
  readonly rampMs: number;
}
