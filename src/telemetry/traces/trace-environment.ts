// Those of the variables of every OpenTelemetry SDK that are heeded here, since neither its tracer nor its timer is at work:
// a trace is made whole, when it is exported. The packages read the others themselves.
import type { Environment } from '../../config/load.ts';

const samplerNames = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

/** Which requests are traced. */
export interface Sampling {
  readonly sampler: (typeof samplerNames)[number];
  /** Of those that a `…traceidratio` decides on: 0 to 1. */
  readonly ratio: number;
}

export interface TraceEnvironment {
  readonly sampling: Sampling;
  /** How long a trace waits for others at most. */
  readonly exportEveryMs: number;
  /** In one export. */
  readonly maxSpans: number;
  /** For one export with its retries. */
  readonly timeoutMs: number;
}

const longestDelayMs = 2 ** 31 - 1;
const milliseconds = {
  wanted: 'a number of milliseconds',
  parse: (text: string) => numberUpTo(longestDelayMs, text),
};
/** The exporter takes no less. */
const someTime = {
  wanted: 'a number of milliseconds from 1 on',
  parse: (text: string) => numberUpTo(longestDelayMs, text, 1),
};

/** What is none of what a variable may say is reported and passed over, as the specification has it. */
export function readTraceEnvironment(
  environment: Environment,
  warn: (problem: string) => void,
): TraceEnvironment {
  function read<Value>(
    name: string,
    how: { readonly fallback: Value; readonly wanted: string; readonly parse: Parse<Value> },
  ): Value {
    const text = environment[name]?.trim() ?? '';
    if (text === '') return how.fallback;
    const value = how.parse(text);
    if (value === undefined) {
      warn(`${name} is "${text}", which is passed over: ${how.wanted} is wanted`);
    }
    return value ?? how.fallback;
  }

  // Heeded by nobody, but not in silence.
  for (const name of ['OTEL_EXPORTER_OTLP_PROTOCOL', 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL']) {
    read(name, {
      fallback: 'http/json',
      wanted: 'http/json, which is how traces go,',
      parse: (text) => (text === 'http/json' ? text : undefined),
    });
  }
  return {
    sampling: {
      sampler: read('OTEL_TRACES_SAMPLER', {
        fallback: 'parentbased_always_on',
        wanted: `one of ${samplerNames.join(', ')}`,
        parse: (text) => samplerNames.find((name) => name === text),
      }),
      ratio: read('OTEL_TRACES_SAMPLER_ARG', {
        fallback: 1,
        wanted: 'a number from 0 to 1',
        parse: (text) => numberUpTo(1, text),
      }),
    },
    exportEveryMs: read('OTEL_BSP_SCHEDULE_DELAY', { ...milliseconds, fallback: 5_000 }),
    maxSpans: read('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', {
      fallback: 512,
      wanted: 'a number from 1 on',
      parse: (text) => (/^[1-9]\d{0,5}$/.test(text) ? Number(text) : undefined),
    }),
    timeoutMs: read('OTEL_EXPORTER_OTLP_TRACES_TIMEOUT', {
      ...someTime,
      // Short, as it is what keeps the process from ending.
      fallback: read('OTEL_EXPORTER_OTLP_TIMEOUT', { ...someTime, fallback: 3_000 }),
    }),
  };
}

type Parse<Value> = (text: string) => Value | undefined;

function numberUpTo(most: number, text: string, least = 0): number | undefined {
  const value = Number(text);
  return value >= least && value <= most ? value : undefined;
}
