export interface Timer {
  cancel(): void;
}

/** Time as the rest of the code sees it, so that tests never sleep. */
export interface Clock {
  /** Milliseconds since the epoch, fractional and monotonic. */
  now(): number;
  /** Calls back once after `delayMs`; the timer does not keep the process alive. */
  setTimer(delayMs: number, callback: () => void): Timer;
}

export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  setTimer(delayMs, callback) {
    const handle = setTimeout(callback, delayMs);
    handle.unref();
    return { cancel: () => clearTimeout(handle) };
  },
};
