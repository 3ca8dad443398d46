import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {changing} from '../../../src/device/target/link.ts';

test('every verb that the agent asks for a lease is sent with one, and no other', () => {
  const agent = readFileSync(join(import.meta.dirname, '../../../src/image/light/system/target'), 'utf8');
  const fenced = /^ {2}(.+)\) fence "\$lease" ;;$/m.exec(agent)?.[1]?.split(' | ');
  expect(fenced?.toSorted()).toEqual([...changing].toSorted());
});
