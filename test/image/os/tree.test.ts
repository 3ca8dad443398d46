import {expect, test} from 'vitest';
import {usedInodes} from '../../../src/image/os/ext4.ts';
import {debian, recipeKey} from '../../../src/image/os/recipe.ts';
import {packagesOf} from '../../../src/image/os/tree.ts';
import {uuidOf} from '../../../src/image/os/uuid.ts';

test('packages are those that are installed, sorted', () => {
  const status = [
    'Package: zlib1g\nStatus: install ok installed\nVersion: 1:1.2.13',
    'Package: old\nStatus: deinstall ok config-files\nVersion: 1',
    'Package: bash\nStatus: install ok installed\nVersion: 5.2',
    '',
  ].join('\n\n');
  expect(packagesOf(status)).toEqual(['bash 5.2', 'zlib1g 1:1.2.13']);
});

test('inodes in use are all that no group lists as free', () => {
  const text = ['Inodes per group:         8', '  Free inodes: 7, 8', '  Free inodes: 10-15', '  Free inodes: '].join(
    '\n',
  );
  expect(usedInodes(text)).toEqual([1, 2, 3, 4, 5, 6, 9, 16, 17, 18, 19, 20, 21, 22, 23, 24]);
});

test('identifiers follow from the seed and are UUIDs of version 8', () => {
  expect(uuidOf('a')).toBe(uuidOf('a'));
  expect(uuidOf('a')).not.toBe(uuidOf('b'));
  expect(uuidOf('a')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('a recipe’s key changes with anything that goes into its image', () => {
  const sources = ['deb URI bookworm main'];
  const key = recipeKey(debian, sources);
  expect(recipeKey({...debian}, [...sources])).toBe(key);
  expect(recipeKey({...debian, kernel: 'cloud'}, sources)).not.toBe(key);
  expect(recipeKey({...debian, packages: [...debian.packages, 'mdadm']}, sources)).not.toBe(key);
  expect(recipeKey(debian, [])).not.toBe(key);
});
