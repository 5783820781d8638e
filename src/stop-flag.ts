/**
 * By which one thread tells another to end when it is done with what it is at. A thread that is terminated inside an addon
 * (ONNX Runtime, libsql) takes the whole process with it (SIGABRT).
 */
export type StopFlag = Int32Array;

/** One that is passed to a worker is the same in both threads. */
export function createStopFlag(): StopFlag {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
}

export function raise(flag: StopFlag): void {
  Atomics.store(flag, 0, 1);
}

export function isRaised(flag: StopFlag): boolean {
  return Atomics.load(flag, 0) !== 0;
}
