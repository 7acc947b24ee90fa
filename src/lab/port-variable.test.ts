import { expect, it } from 'vitest';
import { portFrom } from './port-variable.ts';

const from = (given: string | undefined) => portFrom({ HOLDPOINT_PROXY_PORT: given }, 'HOLDPOINT_PROXY_PORT', 4653);

it.each<[string | undefined, number]>([
  [undefined, 4653],
  ['0', 0],
  ['8080', 8080],
  ['65535', 65_535],
])('%j is port %i', (given, port) => {
  expect(from(given)).toBe(port);
});

it.each(['', ' ', 'http', '-1', '65536', '4653.5', '0x10', '1e3', '4653 ', '４６５３'])('%j is none', (given) => {
  expect(() => from(given)).toThrow(expect.objectContaining({ code: 'wrong-usage' }));
});
