import { createHome, type Home, type RunningServer, startServer } from './run-switchyard.ts';
import { createScriptedUpstream, type ScriptedUpstream } from './scripted-upstream.ts';

export interface StartedProxy {
  readonly home: Home;
  readonly server: RunningServer;
  readonly url: string;
  /** Ends the server and the upstreams, and removes the home. */
  close(): Promise<void>;
}

export interface StartProxyOptions {
  readonly environment?: Record<string, string>;
  readonly args?: string[];
  /** Instead of what the configuration says. */
  readonly config?: object;
}

/** The server before two scripted upstreams, configured with their URLs. */
export async function startProxy(
  toConfig: (firstUrl: string, secondUrl: string) => object,
  options: StartProxyOptions,
): Promise<StartedProxy & { upstreams: readonly [ScriptedUpstream, ScriptedUpstream] }> {
  const home = createHome();
  const first = await createScriptedUpstream();
  const second = await createScriptedUpstream();
  const { config, ...how } = options;
  home.writeConfig({ ...toConfig(first.url, second.url), ...config });
  const server = await startServer({ home, ...how });
  return {
    home,
    server,
    url: server.url,
    upstreams: [first, second],
    async close() {
      await server.stop();
      await first.close();
      await second.close();
      home.remove();
    },
  };
}
