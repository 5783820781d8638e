// Who is asked: the provider itself, another gateway, a proxy that does nothing, the router.
import type { RunningRouter } from '../support/start-router.ts';
import type { Portkey } from './portkey.ts';
import {
  messagesAround,
  type PromptSet,
  type Size,
  type Supply,
  supplyNew,
  supplyRepeated,
} from './prompts.ts';

/** What a target is asked in. */
export interface Target {
  readonly name: string;
  readonly url: string;
  /** Undefined where its costs are not of interest. */
  readonly pid: number | undefined;
  /** Where its own figures are read. */
  readonly hasMetrics: boolean;
  readonly model: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly toSupply: (set: PromptSet, size: Size) => Supply;
  /** What it has seen before is asked for once before the clock runs. */
  readonly isRepeated: boolean;
}

export interface Started {
  readonly upstreamUrl: string;
  /** Express and undici, and nothing else. */
  readonly bareUrl: string;
  readonly portkey: Portkey | undefined;
  readonly router: RunningRouter;
  /** Without a first tier. */
  readonly oneTier: RunningRouter;
}

/** The router with its encoder idle: the request names its class. */
export const idleEncoder = 'class:coding';

/** Passes on what it is asked, and nothing else. */
export const bareProxy = 'Express and undici';

const plain = { headers: {}, hasMetrics: false, toSupply: supplyNew, isRepeated: false };

export function toTargets({ upstreamUrl, bareUrl, portkey, router, oneTier }: Started): Target[] {
  const direct: Target = {
    ...plain,
    name: 'direct',
    url: upstreamUrl,
    pid: undefined,
    model: 'mock',
  };
  const others: Target[] =
    portkey === undefined
      ? []
      : [
          {
            ...plain,
            name: 'portkey',
            url: portkey.url,
            pid: portkey.pid,
            model: 'mock',
            headers: {
              'x-portkey-provider': 'openai',
              'x-portkey-custom-host': `${upstreamUrl}/v1`,
              authorization: 'Bearer none',
            },
          },
        ];
  const bare: Target = { ...direct, name: bareProxy, url: bareUrl };
  const repeated = { toSupply: supplyRepeated, isRepeated: true };
  return [
    direct,
    ...others,
    bare,
    toOwnTarget(router, { name: 'new prompts', model: 'auto' }),
    toOwnTarget(oneTier, { name: 'new prompts, first tier off', model: 'auto' }),
    { ...toOwnTarget(router, { name: 'repeated prompts', model: 'auto' }), ...repeated },
    toOwnTarget(router, { name: idleEncoder, model: idleEncoder }),
  ];
}

/** The router, asked what is new to it. */
export function toOwnTarget(
  { url, pid }: RunningRouter,
  asked: Pick<Target, 'name' | 'model'>,
): Target {
  return { ...plain, ...asked, url, pid, hasMetrics: true };
}

/** Puts a request for this target together from pieces of which only the prompt differs. */
export function createRequestMaker(
  { url, model, headers }: Target,
  how: { readonly set: PromptSet; readonly size: Size; readonly stream: boolean },
): (prompt: Buffer) => Buffer[] {
  const [before, after] = messagesAround(how.set, how.size);
  const open = Buffer.from(`{"model":"${model}","stream":${how.stream},"messages":${before}`);
  const close = Buffer.from(`${after}}`);
  const given = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const lines = [
    'POST /v1/chat/completions HTTP/1.1\r\n',
    `host: ${new URL(url).host}\r\n`,
    'content-type: application/json\r\n',
    ...given,
  ];
  const head = `${lines.join('')}content-length: `;
  return (prompt) => {
    const length = open.length + prompt.length + close.length;
    return [Buffer.from(`${head}${length}\r\n\r\n`), open, prompt, close];
  };
}
