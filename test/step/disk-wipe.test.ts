import {readFileSync} from 'node:fs';
import {Ajv} from 'ajv';
import {describe, expect, it} from 'vitest';
import type {Serial, StepId} from '../../src/brand.ts';
import {certificatesOf, standard} from '../../src/certificate/certificate.ts';
import {exitOf} from '../../src/command/exit-of.ts';
import type {RunEnd} from '../../src/engine/drive.ts';
import {exit} from '../../src/exit.ts';
import {fault} from '../../src/fault.ts';
import {failed, ok} from '../../src/result.ts';
import type {Runbook} from '../../src/runbook/runbook.ts';
import {verdictData, type Verdict} from '../../src/step/evidence/verdict.ts';
import type {Ability} from '../../src/step/wipe/medium.ts';
import type {WipeLevel} from '../../src/step/wipe/level.ts';
import {seedOf} from '../../src/step/wipe/places.ts';
import {certificateText} from '../../src/view/certificate.ts';
import {VirtualClock} from '../simulator/clock.ts';
import {lease, memoryJournal} from '../simulator/journal.ts';
import {Machine} from '../simulator/machine.ts';
import {runbook} from '../simulator/runbook.ts';
import {run, sit, type Stand} from '../simulator/sitting.ts';
import {ErasingDisk, type Temper} from './erasing-disk.ts';

const serial = 'SPARE-1' as Serial;
const sizeBytes = 2_000_000_000_000;

/** The simulator's rebuild, with a spare disk erased first. */
function spareBook(level: WipeLevel, more: Readonly<Record<string, string>> = {}, keep = false): Runbook {
  const wipe = runbook.steps.findIndex(({kind}) => kind === 'disk.wipe');
  const step = {...runbook.steps[wipe]!, id: 'spare' as StepId, params: {disks: ['spare'], level, ...more}};
  return {
    ...runbook,
    disks: {...runbook.disks, spare: {name: 'spare', serial, sizeBytes, keep}},
    steps: [...runbook.steps.slice(0, wipe), step, ...runbook.steps.slice(wipe)],
  };
}

const sanitize: readonly Ability[] = [
  {method: 'nvme-sanitize-crypto', seconds: 600},
  {method: 'nvme-format'},
  {method: 'overwrite'},
  {method: 'signatures'},
];

function stand({
  level = 'purge',
  can = sanitize,
  temper = 'good',
  more,
  keep,
}: {
  level?: WipeLevel;
  can?: readonly Ability[];
  temper?: Temper;
  more?: Readonly<Record<string, string>>;
  keep?: boolean;
} = {}) {
  const clock = new VirtualClock();
  const machine = new Machine(spareBook(level, more, keep), clock);
  const disk = new ErasingDisk(serial, sizeBytes, can);
  disk.temper = temper;
  const all: Stand = {clock, machine, journal: memoryJournal(clock)};
  return {...all, disk, go: (death?: number) => sit(all, death, {world: disk.within(machine)})};
}

const certificates = ({entries}: Stand['journal']) => certificatesOf(entries, {holds: true, entries: entries.length});

/** What the spare disk's wipe left. */
const proofs = ({entries}: Stand['journal']) =>
  entries.flatMap(({event}) => (event.type === 'step.done' && event.step === 'spare' ? event.proof : []));

const validate = new Ajv({strict: true, strictTypes: false}).compile(
  JSON.parse(readFileSync(new URL('../../runbooks/certificate.schema.json', import.meta.url), 'utf8')) as object,
);

/** A disk whose own erase leaves one of two patterns, by its standard. */
const secure = (leaves: ErasingDisk['leaves']) => {
  const s = stand({
    level: 'clear',
    more: {method: 'ata-secure-erase'},
    can: [{method: 'ata-secure-erase'}, {method: 'overwrite'}],
  });
  s.disk.leaves = leaves;
  return s;
};

/** The spare disk gets an image, in a step that the run does not come through: there is no such image. */
function withImage(s: ReturnType<typeof stand>) {
  const book = s.machine.runbook as {steps: Runbook['steps']};
  const install = book.steps.find(({kind}) => kind === 'os.install')!;
  const more = {...install, id: 'more' as StepId, params: {image: 'debian', disk: 'spare'}};
  const spare = book.steps.findIndex(({id}) => id === 'spare');
  book.steps = [...book.steps.slice(0, spare + 1), more];
  const world = s.disk.within(s.machine);
  const missing = {...world, shelf: {...world.shelf, os: async () => failed(fault('image.missing', 'no image'))}};
  return {...s, go: (death?: number) => sit(s, death, {world: missing})};
}

const codeOf = (end: RunEnd | 'killed'): number | undefined => (end === 'killed' ? undefined : exitOf(end));

describe('a disk that erases itself', () => {
  it('is told once, believed for what was seen, and certified', async () => {
    const {go, disk, journal} = stand();
    expect(await go()).toEqual({end: 'done'});
    expect(disk.commands).toEqual(['nvme-sanitize-crypto']);
    const [certificate] = certificatesOf(journal.entries, {holds: true, entries: journal.entries.length});
    expect(certificate).toMatchObject({
      serial,
      standard,
      category: 'Purge',
      technique: 'NVMe Sanitize, cryptographic erase',
      command: 'nvme sanitize /dev/nvme0n1 nvme-sanitize-crypto',
      evidence: 'waived by lena: nothing of value',
      verification: {
        result: 'passed',
        expected: 'changed',
        seed: seedOf(run, serial),
        sections: 1000,
        seen: ['accepted', 'progress', 'canary gone'],
        deviation: expect.stringContaining('64 KiB'),
      },
      validation: {decision: 'level reached', asked: 'purge', by: ['test@here']},
    });
    // Two places in each of a thousand sections and more, all of which held something, read before and once after.
    const {compared, places, bytes} = certificate!.verification;
    expect(compared).toBeGreaterThan(2000);
    expect(places).toBe(compared);
    expect(bytes).toBeGreaterThan(2000 * 65_536);
    expect(disk.read).toEqual({digests: [compared, compared], notZero: [], notOnes: []});
    expect(proofs(journal)).toMatchObject([
      {says: 'erased, as its certificate says: spare', data: {read: {[serial]: 'changed'}}},
    ]);
  });

  it('is erased and filled once each before an image goes to it, told once wherever its controller dies, and certified the same', async () => {
    const certificates = new Set<string>();
    for (let death = 1; ; death++) {
      const {go, ...s} = withImage(stand({level: 'clear'}));
      const first = await go(death);
      const end = first === 'killed' ? await go() : first;
      expect(end, `died before thing ${death}`).toMatchObject({end: 'failed', step: 'more'});
      expect(s.disk.commands, `died before thing ${death}`).toEqual(['nvme-format', 'overwrite']);
      expect(s.disk.content).toBe('zero');
      const [certificate] = certificatesOf(s.journal.entries, {holds: true, entries: s.journal.entries.length});
      const {technique, method, command, verification} = certificate!;
      certificates.add(JSON.stringify({technique, method, command, seen: verification.seen}));
      if (first !== 'killed') break;
    }
    expect([...certificates].map((text) => JSON.parse(text) as unknown)).toEqual([
      {
        technique: 'NVMe Format, user data erase',
        method: 'nvme-format, then overwrite',
        command: 'nvme sanitize /dev/nvme0n1 nvme-format',
        seen: ['accepted', 'progress', 'canary gone'],
      },
    ]);
  });

  it('reads as zero before an image goes to it', async () => {
    const {go, disk, machine, journal} = stand({level: 'clear'});
    const book = machine.runbook as {steps: Runbook['steps']};
    const install = book.steps.find(({kind}) => kind === 'os.install')!;
    book.steps = [...book.steps, {...install, id: 'more' as StepId, params: {image: 'debian', disk: 'spare'}}];
    await go();
    expect(disk.commands).toEqual(['nvme-format', 'overwrite']);
    expect(disk.content).toBe('zero');
    // What it held is looked at to believe it; what proves it is that a tenth of it is zero.
    expect(Math.max(...disk.read.digests)).toBeLessThan(300);
    expect(disk.read.notZero.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(2000);
    expect(proofs(journal)).toMatchObject([{says: 'read back as zero: spare', data: {read: {[serial]: 'zero'}}}]);
    const [certificate] = certificates(journal);
    expect(certificate).toMatchObject({
      method: 'nvme-format, then overwrite',
      verification: {result: 'passed', expected: 'zero', sections: 1000, deviation: null},
    });
    expect(certificate!.verification.percent).toBeGreaterThanOrEqual(10);
  });

  it('is proved by the places alone that held something', async () => {
    const {go, disk, journal} = stand();
    disk.blank = {at: (offset) => offset >= 1_000_000_000_000, as: 'ones'};
    expect(await go()).toEqual({end: 'done'});
    const {compared, places, result} = certificates(journal)[0]!.verification;
    expect(result).toBe('passed');
    expect(compared).toBeGreaterThan(1000);
    expect(places - compared).toBeGreaterThan(1000);
    expect(disk.read.digests).toEqual([places, compared]);
  });

  const section = sizeBytes / 1000 + 65_536;
  it.each([0, 7e9, 1e12 + 3, sizeBytes - section])(
    'that passed over a thousandth of it, from byte %d, is found out',
    async (from) => {
      const {go, disk, journal} = stand();
      disk.skips = (offset) => offset >= from && offset < from + section;
      expect(await go()).toMatchObject({
        end: 'failed',
        fault: {code: 'disk.erase-unproved', says: expect.stringContaining('some places')},
      });
      expect(certificates(journal)).toEqual([]);
    },
  );

  describe('that was blank before', () => {
    it.each(['zero', 'ones'] as const)(
      '(%s) has nothing to compare: no pass, and what was seen instead',
      async (as) => {
        const {go, disk, journal} = stand();
        disk.blank = {at: () => true, as};
        expect(await go()).toEqual({end: 'done'});
        const [certificate] = certificates(journal);
        expect(certificate).toMatchObject({
          category: 'Purge',
          verification: {
            result: 'nothing to compare',
            expected: 'changed',
            compared: 0,
            bytes: 0,
            instead: expect.stringMatching(/accepted.*canary.*gone/),
          },
          validation: {decision: 'for its owner to decide'},
        });
        expect(certificate!.verification.places).toBeGreaterThan(2000);
        expect(proofs(journal)).toMatchObject([{data: {read: {[serial]: 'nothing to compare'}}}]);
        const text = certificateText(certificate!).join('\n').replaceAll(/\s+/g, ' ');
        expect(text).toContain('**nothing to compare**');
        expect(text).toContain('checked instead: the disk accepted');
        expect(text).not.toMatch(/\*\*passed\*\*|level reached/);
        validate(JSON.parse(JSON.stringify(certificate)));
        expect(validate.errors ?? []).toEqual([]);
      },
    );

    it('and says success at once is not believed: its canary is still there', async () => {
      const {go, disk, journal} = stand({temper: 'lies'});
      disk.blank = {at: () => true, as: 'zero'};
      expect(await go()).toMatchObject({fault: {code: 'disk.erase-unproved', says: expect.stringContaining('canary')}});
      expect(certificates(journal)).toEqual([]);
    });
  });

  describe('to a fixed pattern', () => {
    it.each(['zero', 'ones'] as const)('must read as %s throughout', async (leaves) => {
      const {go, journal} = secure(leaves);
      expect(await go()).toEqual({end: 'done'});
      const [certificate] = certificates(journal);
      expect(certificate!.verification).toMatchObject({
        result: 'passed',
        expected: 'fixed',
        pattern: leaves,
        sections: 1000,
      });
      expect(certificateText(certificate!).join(' ').replaceAll(/\s+/g, ' ')).toContain(
        leaves === 'ones' ? 'is ones throughout' : 'is zeroes throughout',
      );
    });

    it('is not erased where it reads as anything else, or as both', async () => {
      expect(await secure('erased').go()).toMatchObject({fault: {code: 'disk.not-blank'}});
      const both = secure('ones');
      both.disk.blank = {at: () => true, as: 'zero'};
      both.disk.skips = (offset) => offset > sizeBytes / 2;
      expect(await both.go()).toMatchObject({fault: {code: 'disk.not-blank'}});
    });
  });

  it('that says success at once and did nothing is not believed', async () => {
    const {go, disk, journal} = stand({temper: 'lies'});
    disk.sanitizedBefore = true;
    expect(await go()).toMatchObject({end: 'failed', step: 'spare', fault: {code: 'disk.erase-unproved'}});
    expect(disk.latch).toBeUndefined();
    expect(certificatesOf(journal.entries, {holds: true, entries: 0})).toEqual([]);
  });

  it.each(['fails', 'refuses'] as const)('that %s stops the run, and nothing else is erased', async (temper) => {
    const {go, machine} = stand({temper});
    expect(await go()).toMatchObject({end: 'failed', step: 'spare', fault: {code: 'disk.write-failed'}});
    expect(machine.counts.wipes).toBe(0);
  });

  it.each(['fails', 'refuses'] as const)('that %s is told again once a person has resumed the run', async (temper) => {
    const {go, disk, journal} = stand({temper});
    expect(await go()).toMatchObject({end: 'failed'});
    disk.temper = 'good';
    expect(await go()).toEqual({end: 'done'});
    expect(disk.commands).toEqual(['nvme-sanitize-crypto', 'nvme-sanitize-crypto']);
    expect(certificates(journal)[0]).toMatchObject({serial, verification: {result: 'passed'}});
  });

  it('that cannot be filled with zeroes afterwards is filled again, and erased once', async () => {
    const s = withImage(stand({level: 'clear'}));
    s.disk.zeroesFail = 2;
    for (const fills of [1, 2]) {
      expect(await s.go()).toMatchObject({end: 'failed', step: 'spare', fault: {code: 'disk.write-failed'}});
      expect(s.disk.commands).toEqual(['nvme-format', ...Array<string>(fills).fill('overwrite')]);
    }
    expect(await s.go()).toMatchObject({end: 'failed', step: 'more'});
    expect(s.disk.commands).toEqual(['nvme-format', 'overwrite', 'overwrite', 'overwrite']);
    expect(certificates(s.journal)).toMatchObject([{verification: {result: 'passed', expected: 'zero'}}]);
  });

  it('that hangs is given up after three times what it said, and the run can go on without it', async () => {
    const {go, disk, journal, clock} = stand({
      temper: 'hangs',
      can: [{method: 'nvme-sanitize-crypto', seconds: 3600}, {method: 'overwrite'}],
    });
    const stuck = await go();
    expect(stuck).toMatchObject({end: 'failed', fault: {code: 'disk.stuck', says: expect.stringContaining('180 min')}});
    expect(JSON.stringify(stuck)).toContain(`rebuild forgo HOST ${serial} -m REASON`);
    // Asked again, it is waited for, and never told again.
    expect(await go()).toMatchObject({fault: {code: 'disk.stuck'}});
    expect(clock.ticks()).toBeGreaterThanOrEqual(2 * 3 * 3600_000);
    expect(disk.commands).toHaveLength(1);
    await journal.append(run, {type: 'disk.forgone', disk: serial, by: 'lena@jump1', why: 'it hangs'}, lease);
    expect(await go()).toEqual({end: 'done'});
    expect(disk.left).toEqual(['left']);
    expect(disk.latch).toBeUndefined();
    const done = journal.entries.flatMap(({event}) =>
      event.type === 'step.done' && event.step === 'spare' ? event.proof : [],
    );
    expect(done).toMatchObject([{says: 'no disk is erased', data: {forgone: [serial], erased: {}}}]);
  });

  it('is never told twice, wherever its controller dies and its host loses power', async () => {
    for (let death = 1; ; death++) {
      const s = stand();
      // The disk's owner before had sanitized it: its log alone proves nothing.
      s.disk.sanitizedBefore = true;
      const first = await s.go(death);
      if (first !== 'killed') break;
      s.disk.restart();
      expect(await s.go(), `died before thing ${death}`).toEqual({end: 'done'});
      expect(s.disk.commands, `died before thing ${death}`).toEqual(['nvme-sanitize-crypto']);
      expect(s.disk.content).toBe('erased');
    }
  });
});

const refused = async (s: ReturnType<typeof stand>, code: string, end = s.go()): Promise<string> => {
  const ended = await end;
  expect(ended).toMatchObject({end: 'failed', fault: {code}});
  expect(codeOf(ended)).toBe(exit.refused);
  expect(s.disk.commands).toEqual([]);
  expect(s.machine.counts.wipes).toBe(0);
  return ended !== 'killed' && ended.end === 'failed' ? ended.fault.says : '';
};

describe('refused, with exit code 3 and nothing sent', () => {
  it('a level that the medium cannot reach: it is never erased less', async () => {
    const says = await refused(
      stand({can: [{method: 'nvme-format'}, {method: 'overwrite'}, {method: 'signatures'}]}),
      'disk.method-missing',
    );
    expect(says).toContain(
      'it can: metadata (signatures); express (nvme-format, signatures); clear (nvme-format, overwrite)',
    );
  });

  it('a disk that its firmware has frozen, with the reason', async () => {
    const says = await refused(
      stand({can: [{method: 'ata-sanitize-block', blocked: 'sanitize is frozen'}, {method: 'overwrite'}]}),
      'disk.method-missing',
    );
    expect(says).toContain('blocked: ata-sanitize-block (sanitize is frozen)');
  });

  it('a kept disk', () => refused(stand({keep: true}), 'disk.kept'));

  it('a changed serial number', async () => {
    const s = stand();
    const world = s.disk.within(s.machine);
    const disks = async () => {
      const all = await world.target.disks();
      return all.ok ? ok(all.value.map((one) => (one.serial === serial ? {...one, serial: 'OTHER-1'} : one))) : all;
    };
    await refused(s, 'disk.not-found', sit(s, undefined, {world: {...world, target: {...world.target, disks}}}));
  });

  it.each<[string, string, Verdict[]]>([
    ['has failed', 'evidence.failed', [{profile: 'image', disk: serial, standing: {is: 'failed', says: 'unread'}}]],
    ['is not there', 'evidence.missing', []],
  ])('a disk whose evidence %s', async (_, code, verdicts) => {
    const s = stand();
    const {kinds} = await import('../../src/step/registry.ts');
    const proof = ok({says: 'kept', data: verdictData(verdicts)});
    const capture = {...kinds.get('evidence.capture')!, apply: async () => proof, verify: async () => proof};
    const scripted = new Map([...kinds, ['evidence.capture', capture]]);
    await refused(s, code, sit(s, undefined, {world: s.disk.within(s.machine), kinds: scripted}));
  });
});

describe('certificates', () => {
  it.each<[WipeLevel, string]>([
    ['purge', 'Purge'],
    ['clear', 'Clear'],
    ['express', 'none'],
  ])('of level %s keep to their published schema, on paper too', async (level, category) => {
    const {go, journal} = stand({level});
    expect(await go()).toEqual({end: 'done'});
    const all = certificatesOf(journal.entries, {holds: true, entries: journal.entries.length});
    expect(all.map((one) => one.serial)).toEqual([serial, runbook.disks['system']!.serial]);
    for (const one of all) {
      validate(JSON.parse(JSON.stringify(one)));
      expect(validate.errors ?? []).toEqual([]);
    }
    const [certificate] = all;
    expect(certificate!.category).toBe(category);
    const text = certificateText(certificate!).join('\n');
    expect(text).toContain('## Verification');
    expect(text).toContain('## Validation');
    if (category === 'none') expect(text).toContain('not sanitized');
    else expect(text).toContain(`${standard}: **${category}**`);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});
