import {describe, expect, it} from 'vitest';
import type {Client} from '../../../src/device/redfish/client.ts';
import {readPapers} from '../../../src/device/redfish/papers.ts';
import {fault, type FaultCode} from '../../../src/fault.ts';
import {failed, ok, type Result} from '../../../src/result.ts';
import type {BmcPapers} from '../../../src/step/world/bmc.ts';

const at = (...paths: readonly string[]) => paths.map((path) => ({'@odata.id': path}));

/** What is read of a BMC of these bodies; the code of a fault stands for that fault, and undefined for what is not there. */
function read(body: (path: string) => unknown, signal = new AbortController().signal): Promise<Result<BmcPapers>> {
  const client: Pick<Client, 'find'> = {
    find: async (path) => {
      const found = body(path);
      if (typeof found === 'string') return failed(fault(found as FaultCode, `of ${path}`));
      if (found === 500) return failed(fault('bmc.unreachable', `of ${path}`, {detail: {status: found}}));
      return ok(found === undefined ? undefined : {status: 200, headers: {}, plain: '', body: found});
    },
  };
  return readPapers(client as Client, signal);
}

const root = '/redfish/v1/';
const log = '/redfish/v1/Managers/1/Entries';

describe('what a BMC tells', () => {
  it('is read page by page, and what is not there is left', async () => {
    const bodies: Readonly<Record<string, unknown>> = {
      [root]: at(log, '/redfish/v1/Gone'),
      [log]: {Members: at(`${log}/1`), 'Members@odata.nextLink': `${log}?$skip=1`},
      [`${log}?$skip=1`]: {Members: at(`${log}/2`)},
      [`${log}/1`]: {Message: 'one'},
      [`${log}/2`]: {Message: 'two'},
    };
    const papers = await read((path) => bodies[path]);
    expect(papers.ok && papers.value.cut).toBeUndefined();
    expect(papers.ok && papers.value.papers.map(({path}) => path).toSorted()).toEqual(Object.keys(bodies).toSorted());
  });

  it('is cut where it refuses nothing and ends nowhere', async () => {
    const endless = await read((path) => at(`${path}a`, `${path}b`));
    expect(endless).toMatchObject({ok: true, value: {cut: 'limit'}});
    // Links that lead nowhere are asked for as well.
    const many = Array.from({length: 5000}, (_, index) => `/redfish/v1/${index}`);
    expect(await read((path) => (path === root ? at(...many) : undefined))).toMatchObject({value: {cut: 'limit'}});
  });

  it('is cut where it does not answer, and what it refuses is in its place', async () => {
    const path = (name: string): string => `${root}${name}`;
    const bodies: Readonly<Record<string, unknown>> = {
      [root]: at(...['A', 'B', 'C', 'D'].map(path)),
      [path('A')]: 'bmc.refused',
      [path('B')]: 500,
      [path('C')]: {},
    };
    const trouble = (name: string) => ({path: path(name), trouble: `of ${path(name)}`});
    const answered = [{path: root, body: bodies[root]}, trouble('A'), trouble('B'), {path: path('C'), body: {}}];
    expect(await read((each) => bodies[each])).toEqual(ok({papers: answered}));
    const silent = await read((each) => bodies[each] ?? 'bmc.unreachable');
    expect(silent).toEqual(ok({papers: [...answered, trouble('D')], cut: 'lost'}));
  });

  it('is left where it answers nothing any more', async () => {
    const asked: string[] = [];
    const many = Array.from({length: 50}, (_, index) => `/redfish/v1/${index}`);
    const gone = await read((path) => {
      asked.push(path);
      return path === root ? at(...many) : 'bmc.credentials-refused';
    });
    expect(gone).toMatchObject({ok: true, value: {cut: 'lost'}});
    expect(asked).toHaveLength(4);
    for (const code of ['bmc.unreachable', 'bmc.refused', 'bmc.credentials-refused'])
      expect(await read(() => code)).toMatchObject({ok: false, fault: {code}});
  });

  it('is not taken for whole where a person breaks off', async () => {
    const over = new AbortController();
    const broken = await read((path) => {
      if (path !== root) over.abort();
      return at('/redfish/v1/A', '/redfish/v1/B');
    }, over.signal);
    expect(broken).toMatchObject({ok: false, fault: {code: 'run.interrupted'}});
  });
});
