/** The provider answered, but not with what was asked for. The message is safe to show. */
export class BrokenReplyError extends Error {
  override readonly name = 'BrokenReplyError';
}
