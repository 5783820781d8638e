import { readFileSync } from 'node:fs';
import { arch } from 'node:os';

/**
 * On x86 processors without VNNI, ONNX Runtime adds int8 products in 16 bits, which overflow; asking for
 * precision avoids that at half the speed. Where the processor can't be told, precision wins.
 */
export function needsPreciseProducts(): boolean {
  if (arch() !== 'x64') return false;
  try {
    return !/\bavx\w*_vnni\b/.test(readFileSync('/proc/cpuinfo', 'utf8'));
  } catch {
    return true;
  }
}
