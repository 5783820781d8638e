/** What the promise rejects with, which has to be an error of this class. */
export async function failureOf<Failure extends Error>(
  promise: PromiseLike<unknown>,
  Kind: abstract new (...args: never[]) => Failure,
): Promise<Failure> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Kind) return error;
    throw new Error(`It is no ${Kind.name}: ${String(error)}`, { cause: error });
  }
  throw new Error(`There is no failure where a ${Kind.name} was to come.`);
}
