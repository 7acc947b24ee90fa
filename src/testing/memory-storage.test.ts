// The store of the simulations is held to the same contract as the real ones: a property proven on it means something.

import { storageContract } from '../storage/contract.ts';
import { type MemoryDisk, memoryDisk, memoryStorage } from './memory-storage.ts';

const places = new Map<string, MemoryDisk>();

storageContract('memory', async (place) => {
  const name = place ?? `disk ${places.size}`;
  const disk = places.get(name) ?? memoryDisk(name);
  places.set(name, disk);
  return { storage: memoryStorage(disk), place: name };
});
