/** What a provider's error says of itself. */
export interface ErrorFacts {
  readonly code: string;
  readonly message: string;
  /** The field of the request that is wrong. */
  readonly param: unknown;
}

const creditCodes = new Set([
  'billing_hard_limit_reached',
  'billing_not_active',
  'insufficient_quota',
]);
const creditMessages = /^(your credit balance is too low|insufficient (balance|credits?|funds))\b/i;

const keyCodes = new Set(['invalid_api_key', 'API_KEY_INVALID', 'account_deactivated']);
const keyMessages = /^(API key (not valid|expired)|Incorrect API key provided)\b/i;

const modelCodes = new Set(['model_not_found', 'invalid_model', 'model_not_exist']);
const modelMessages =
  /^(Model Not Exist\b|\S{1,200} is not a valid model ID\b|The model \S{1,200} does not exist\b|Invalid model name\b)/i;

/**
 * What is wrong on our side, where a provider answers as if the request were: Anthropic, Gemini and OpenAI say so of keys
 * and credit with a 400, OpenRouter and DeepSeek of models that they don't know. A message must begin with it, since
 * providers quote requests in their errors, and no prompt may shut a model out.
 */
export function findOperatorError({
  code,
  message,
  param,
}: ErrorFacts): 'auth' | 'model-missing' | undefined {
  if (isAboutCredit({ code, message })) return 'auth';
  if (keyCodes.has(code) || keyMessages.test(message)) return 'auth';
  // A tool of the request may name a model as well.
  const isAboutOurs = typeof param !== 'string' || param === 'model';
  const isAboutModel = modelCodes.has(code) || modelMessages.test(message);
  return isAboutOurs && isAboutModel ? 'model-missing' : undefined;
}

/** The account is in order but for its money. */
export function isAboutCredit({ code, message }: Omit<ErrorFacts, 'param'>): boolean {
  return creditCodes.has(code) || creditMessages.test(message);
}
