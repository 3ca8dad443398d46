import {expect, test} from 'vitest';
import {canonical} from '../../src/json.ts';
import {bmcPlants} from '../../src/lab/bmc/planted.ts';
import {bmcStage} from './bmc-stage.ts';

/** What the evidence keeps of a BMC: its papers, a line each. */
async function kept(intruded: boolean): Promise<string> {
  const stage = await bmcStage({intruded});
  try {
    const bmc = await stage.connect();
    if (!bmc.ok) throw new Error(bmc.fault.says);
    const papers = await bmc.value.papers(new AbortController().signal);
    if (!papers.ok) throw new Error(papers.fault.says);
    await bmc.value.close();
    return papers.value.papers.map((paper) => canonical({...paper})).join('\n');
  } finally {
    await stage.close();
  }
}

const many = (papers: string): number => papers.split(/"(?:RoleId|SessionType|Destination)":/).length;

test('the list of what is planted in the BMC is what its papers hold more than one that nobody has been in', async () => {
  const [clean, intruded] = [await kept(false), await kept(true)];
  for (const {id, mark} of bmcPlants) {
    expect(intruded, id).toContain(mark);
    expect(clean, id).not.toContain(mark);
  }
  // Each account, session and subscription more is one of the list.
  expect(many(intruded) - many(clean)).toBe(bmcPlants.length);
});
