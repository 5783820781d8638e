import type { ScriptedUpstream } from './scripted-upstream.ts';
import { type StartedProxy, type StartProxyOptions, startProxy } from './start-proxy.ts';
import { twoProtocols } from './two-protocols.ts';

export interface TwoProtocolsServer extends StartedProxy {
  /** Speaks OpenAI's protocols; serves the model gpt. */
  readonly open: ScriptedUpstream;
  /** Speaks Anthropic's Messages; serves the model claude. */
  readonly claude: ScriptedUpstream;
}

/** The server before the two scripted providers of `twoProtocols`. */
export async function startTwoProtocols(
  options: StartProxyOptions = {},
): Promise<TwoProtocolsServer> {
  const started = await startProxy((open, claude) => twoProtocols({ open, claude }), options);
  const [open, claude] = started.upstreams;
  return { ...started, open, claude };
}
