import {expect, test, vi} from 'vitest';
import {tellBug} from '../../src/command/tell-bug.ts';
import {exit} from '../../src/exit.ts';

test('a bug ends with its own exit code, its place, and what to type', () => {
  let said = '';
  const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
  const code = tellBug(new Error('nobody thought \u001b[2Jof this'));
  write.mockRestore();
  expect(code).toBe(exit.bug);
  expect(said).toContain('tell-bug.test.ts');
  expect(said).toContain('rebuild resume HOST');
  expect(said).not.toContain('\u001b');
});
