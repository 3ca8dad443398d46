import {expect, test} from 'vitest';
import {chance} from '../../src/lab/fault/chance.ts';
import {faultNames} from '../../src/lab/fault/lab-fault.ts';
import {parseScript} from '../../src/lab/fault/script-file.ts';
import {drawable, drawFaults, scriptText} from './draw.ts';

test('every fault of the lab can be drawn, but for the two that no operator is to come through', () => {
  // `disk-swap` is refused for good, and `mend` is what the operator does.
  expect([...drawable].toSorted()).toEqual(
    faultNames.filter((name) => !['mend', 'disk-swap'].includes(name)).toSorted(),
  );
});

test('what is drawn is a script that the lab reads, the same for the same seed', () => {
  for (let seed = 0; seed < 500; seed++) {
    const text = scriptText(seed, drawFaults(chance(seed, 'soak')));
    expect(parseScript(text, 'faults.yaml'), text).toMatchObject({ok: true});
    expect(scriptText(seed, drawFaults(chance(seed, 'soak')))).toBe(text);
  }
});
