import { createHome, startServer } from './run-switchyard.ts';
import { createScriptedUpstream, type ScriptedUpstream } from './scripted-upstream.ts';
import { twoProtocols } from './two-protocols.ts';

export interface TwoProtocolsServer {
  readonly url: string;
  /** Speaks OpenAI's protocols; serves the model gpt. */
  readonly open: ScriptedUpstream;
  /** Speaks Anthropic's Messages; serves the model claude. */
  readonly claude: ScriptedUpstream;
  close(): Promise<void>;
}

/** The server before the two scripted providers of `twoProtocols`. */
export async function startTwoProtocols(): Promise<TwoProtocolsServer> {
  const home = createHome();
  const open = await createScriptedUpstream();
  const claude = await createScriptedUpstream();
  home.writeConfig(twoProtocols({ open: open.url, claude: claude.url }));
  const server = await startServer({ home });
  return {
    url: server.url,
    open,
    claude,
    async close() {
      await server.stop();
      await open.close();
      await claude.close();
      home.remove();
    },
  };
}
