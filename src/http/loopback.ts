const loopbackNames = /^(localhost|(::ffff:)?127(\.\d{1,3}){3}|\[::1\]|::1)(:\d+)?$/i;

/** True for the addresses, with a port or without, that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return loopbackNames.test(host);
}
