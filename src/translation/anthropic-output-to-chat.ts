import type { JsonObject } from '../json.ts';
import { noEquivalent, quoteName, readFields, readNumber } from './request-fields.ts';
import { Untranslatable } from './untranslatable.ts';

/** OpenAI's `max` is for fewer models than its `xhigh`. */
const efforts = new Map<unknown, string>([
  ['low', 'low'],
  ['medium', 'medium'],
  ['high', 'high'],
  ['xhigh', 'xhigh'],
  ['max', 'xhigh'],
]);

/** A budget up to so many tokens is that effort; anything above is high. */
const budgets = [
  { upTo: 2048, effort: 'low' },
  { upTo: 8192, effort: 'medium' },
];

/**
 * `reasoning_effort` from `thinking` and `output_config.effort`
 * (https://platform.claude.com/docs/en/build-with-claude/effort). An effort that the client names
 * outranks what its budget suggests. Throws Untranslatable.
 */
export function toReasoningEffort(thinking: unknown, outputConfig: unknown): JsonObject {
  const suggested = thinking === undefined ? undefined : toSuggestedEffort(thinking);
  const effort = toNamedEffort(readOutputConfig(outputConfig)['effort']) ?? suggested;
  return effort === undefined ? {} : { reasoning_effort: effort };
}

/**
 * `response_format` from `output_config.format` or, as it was called before, `output_format`
 * (https://platform.claude.com/docs/en/build-with-claude/structured-outputs). Anthropic's formats
 * are always enforced, hence strict. Throws Untranslatable.
 */
export function toResponseFormat(outputConfig: unknown, outputFormat: unknown): JsonObject {
  const value = readOutputConfig(outputConfig)['format'] ?? outputFormat;
  if (value === undefined) return {};

  const format = readFields(value, 'the output format');
  if (format['type'] !== 'json_schema') {
    throw noEquivalent(`an output format of type ${quoteName(format['type'])}`);
  }
  // The schema as it is written: null means something in there.
  const { schema } = format;
  readFields(schema, 'the schema of the output format');
  return {
    response_format: { type: 'json_schema', json_schema: { name: 'output', schema, strict: true } },
  };
}

function readOutputConfig(value: unknown): JsonObject {
  if (value === undefined) return {};
  const config = readFields(value, '`output_config`');
  const unknown = Object.keys(config).find((name) => name !== 'effort' && name !== 'format');
  if (unknown !== undefined) throw noEquivalent(`${quoteName(unknown)} of \`output_config\``);
  return config;
}

function toNamedEffort(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const effort = efforts.get(value);
  if (effort === undefined) throw noEquivalent(`\`output_config.effort\` ${quoteName(value)}`);
  return effort;
}

function toSuggestedEffort(value: unknown): string | undefined {
  const thinking = readFields(value, '`thinking`');
  switch (thinking['type']) {
    case 'disabled':
      return undefined;
    case 'adaptive':
      return 'medium';
    case 'enabled': {
      const budget = readNumber(thinking['budget_tokens'], '`thinking.budget_tokens`');
      return budgets.find(({ upTo }) => budget <= upTo)?.effort ?? 'high';
    }
    case undefined:
      throw new Untranslatable('`thinking` has no type');
    default:
      throw noEquivalent(`\`thinking\` of type ${quoteName(thinking['type'])}`);
  }
}
