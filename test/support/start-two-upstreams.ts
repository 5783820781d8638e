import type { ScriptedUpstream } from './scripted-upstream.ts';
import { type StartedProxy, type StartProxyOptions, startProxy } from './start-proxy.ts';
import { twoUpstreams } from './two-upstreams.ts';

export interface TwoUpstreamsServer extends StartedProxy {
  /** Serves strong-1 and strong-2. */
  readonly strong: ScriptedUpstream;
  /** Serves cheap-1. */
  readonly cheap: ScriptedUpstream;
}

/** The server before the two scripted providers of `twoUpstreams`. */
export async function startTwoUpstreams(
  options: StartProxyOptions = {},
): Promise<TwoUpstreamsServer> {
  const started = await startProxy((strong, cheap) => twoUpstreams({ strong, cheap }), options);
  const [strong, cheap] = started.upstreams;
  return { ...started, strong, cheap };
}
