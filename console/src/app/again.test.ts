import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { importAgain, whenPartMissing } from './again';

const missing = () => new TypeError('Failed to fetch dynamically imported module: http://127.0.0.1/assets/x.js');

describe('importAgain', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => {
    vi.useRealTimers();
    whenPartMissing(() => {});
  });

  it('asks again for a part that did not arrive', async () => {
    const fetchPart = vi.fn().mockRejectedValueOnce(missing()).mockResolvedValue('part');
    const part = importAgain(fetchPart);
    await vi.runAllTimersAsync();
    expect(await part).toBe('part');
    expect(fetchPart).toHaveBeenCalledTimes(2);
  });

  it('says once that a part is gone, and gives up', async () => {
    const gone = vi.fn();
    whenPartMissing(gone);
    const fetchPart = vi.fn().mockRejectedValue(missing());
    const part = importAgain(fetchPart);
    const refused = expect(part).rejects.toThrow('Failed to fetch');
    await vi.runAllTimersAsync();
    await refused;
    expect(fetchPart).toHaveBeenCalledTimes(4);
    expect(gone).toHaveBeenCalledTimes(1);
  });

  it('does not ask again for a part that arrived and failed', async () => {
    const fetchPart = vi.fn().mockRejectedValue(new TypeError('x is not a function'));
    await expect(importAgain(fetchPart)).rejects.toThrow('x is not a function');
    expect(fetchPart).toHaveBeenCalledTimes(1);
  });
});
