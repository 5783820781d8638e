// One request to a provider and its reply, straight from undici's events: its promises and streams cost as much as all the
// rest of a call.
import type { Dispatcher } from 'undici';
import { createChunkQueue } from './chunk-queue.ts';
import type { ProviderReply } from './provider.ts';

/** What may lie unread before the provider is held back. */
const maxUnreadBytes = 64 * 1024;

/** One for all who leave a body early, since nobody reads its stack. */
const left = new DOMException('The rest of the body is not wanted.', 'AbortError');

/**
 * Resolves with the head of the reply, whose body has to be read to its end, left with `return()`, or aborted. Rejects, as
 * the reading does, with what goes wrong on the network, or with the signal's reason: at once, even while it connects.
 */
export function callOverHttp(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  signal: AbortSignal,
): Promise<ProviderReply> {
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined;
    const body = createChunkQueue({
      onEmpty: () => controller?.resume(),
      onLeft: () => cancel(left),
    });

    function cancel(reason: Error): void {
      signal.removeEventListener('abort', onAbort);
      reject(reason);
      body.abort(reason);
      controller?.abort(reason);
    }

    function onAbort(): void {
      cancel(signal.reason);
    }

    signal.addEventListener('abort', onAbort);
    dispatcher.dispatch(request, {
      onRequestStart(started) {
        controller = started;
        if (signal.aborted) started.abort(signal.reason);
      },
      onResponseStart(_controller, status, headers) {
        // Those below only announce the reply.
        if (status >= 200) resolve({ status, headers: toSingleValues(headers), body });
      },
      onResponseData(receiving, chunk) {
        if (body.push(chunk) > maxUnreadBytes) receiving.pause();
      },
      onResponseEnd() {
        signal.removeEventListener('abort', onAbort);
        body.end();
      },
      onResponseError(_controller, error) {
        signal.removeEventListener('abort', onAbort);
        reject(error);
        body.fail(error);
      },
    });
  });
}

function toSingleValues(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  const single: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name] ?? '';
    single[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return single;
}
