const steps = 20;

/** Progress on stderr, a line whenever another twentieth is done; long work is never silent, logs stay readable. */
export function createProgress(
  remark: (text: string) => void,
): (what: string) => (done: number, total: number) => void {
  return (what) => {
    let reported = -1;
    return (done, total) => {
      const step = total === 0 ? steps : Math.floor((done * steps) / total);
      if (step === reported) return;
      reported = step;
      remark(`${what}: ${done} of ${total}\n`);
    };
  };
}
