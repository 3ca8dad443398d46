import * as fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {parseRunbook} from '../../src/runbook/parse.ts';
import type {Serial, Sha256} from '../../src/brand.ts';
import {
  mayErase,
  profiles,
  superseded,
  verdictData,
  verdictsIn,
  type Verdict,
} from '../../src/step/evidence/verdict.ts';
import {renderDiagnostic} from '../../src/command/excerpt.ts';
import {kinds} from '../../src/step/registry.ts';
import {readFileSync} from 'node:fs';

const disk = 'S3Z8NB0K412345' as Serial;
const other = 'S4EVNF0M700012' as Serial;
const manifest = 'ab'.repeat(32) as Sha256;
const host = (standing: Verdict['standing']): Verdict => ({profile: 'triage', standing});
const of = (serial: Serial, standing: Verdict['standing']): Verdict => ({profile: 'image', disk: serial, standing});
const verified = {is: 'verified', manifest} as const;
const failed = {is: 'failed', says: '4 MB could not be read'} as const;
const waived = {is: 'waived', by: 'lena', reason: 'no data of value'} as const;
const accepted = {is: 'accepted', manifest, says: '1 of 21 not whole', by: 'lena', reason: 'enough'} as const;

describe('whether a disk may be erased', () => {
  it.each<[string, readonly Verdict[], string | undefined]>([
    ['nothing is known', [], 'evidence.missing'],
    ['the host is secured', [host(verified)], undefined],
    ['the host is waived', [host(waived)], undefined],
    ['the host failed', [host(failed)], 'evidence.failed'],
    ['the host failed, then was waived', [host(failed), {...host(waived), profile: 'none'}], undefined],
    ['its own image failed, the host is secured', [host(verified), of(disk, failed)], 'evidence.failed'],
    ['its own image failed and is waived', [of(disk, failed), {...of(disk, waived), profile: 'none'}], undefined],
    ['only another disk is secured', [of(other, verified)], 'evidence.missing'],
    ['another disk failed, the host is secured', [host(verified), of(other, failed)], undefined],
    [
      'less was secured before the host failed',
      [{...host(verified), profile: 'flash'}, host(failed)],
      'evidence.failed',
    ],
    [
      'more was secured before the host failed',
      [{...host(verified), profile: 'memory'}, host(failed)],
      'evidence.failed',
    ],
    [
      'less was secured after the host failed',
      [host(failed), {...host(verified), profile: 'flash'}],
      'evidence.failed',
    ],
    ['more was secured after the host failed', [host(failed), {...host(verified), profile: 'memory'}], undefined],
    ['it failed, and the same is accepted later', [host(failed), host(accepted)], undefined],
    ['it failed, and less is accepted later', [host(failed), {...host(accepted), profile: 'flash'}], 'evidence.failed'],
    ['it was waived before the host failed', [{...host(waived), profile: 'none'}, host(failed)], 'evidence.failed'],
  ])('%s', (_, verdicts, code) => {
    const answer = mayErase(disk, verdicts);
    expect(answer.ok ? undefined : answer.fault.code).toBe(code);
  });

  const verdicts = fc.array(
    fc.record(
      {
        profile: fc.constantFrom(...profiles),
        disk: fc.constantFrom(disk, other),
        standing: fc.constantFrom<Verdict['standing']>(verified, accepted, failed, waived),
      },
      {requiredKeys: ['profile', 'standing']},
    ),
    {maxLength: 8},
  );
  const allows = (all: readonly Verdict[]): boolean => mayErase(disk, all).ok;
  const mine = fc.option(fc.constantFrom(disk), {nil: undefined});

  it('never where the newest word on it is a failure, always where that is a waiver', () => {
    fc.assert(
      fc.property(verdicts, mine, fc.constantFrom(...profiles), (before, serial, profile) => {
        const about = serial === undefined ? before.filter((each) => each.disk !== disk) : before;
        const subject = {profile, ...(serial !== undefined && {disk: serial})};
        expect(allows([...about, {...subject, standing: failed}])).toBe(false);
        expect(allows([...about, {...subject, standing: waived}])).toBe(true);
      }),
    );
  });

  it('whatever is known of other disks, on the ground of something good that was said', () => {
    fc.assert(
      fc.property(verdicts, (all) => {
        const answer = mayErase(disk, all);
        expect(
          mayErase(
            disk,
            all.filter((each) => each.disk !== other),
          ),
        ).toEqual(answer);
        if (answer.ok) {
          expect(all).toContain(answer.value);
          expect(answer.value.standing.is).not.toBe('failed');
        }
      }),
    );
  });

  it('only where every failure was made good later, by a name or by no less', () => {
    fc.assert(
      fc.property(verdicts, (all) => {
        if (!allows(all)) return;
        const about = all.some((each) => each.disk === disk) ? disk : undefined;
        all.forEach((bad, at) => {
          if (bad.disk !== about || bad.standing.is !== 'failed') return;
          const later = all.slice(at + 1).filter((each) => each.disk === about);
          const named = later.some(({standing}) => standing.is === 'waived');
          const secured = later
            .filter(({standing}) => standing.is === 'verified' || standing.is === 'accepted')
            .map(({profile}) => profile);
          expect(named || profiles.slice(profiles.indexOf(bad.profile)).some((each) => secured.includes(each))).toBe(
            true,
          );
        });
      }),
    );
  });

  it('is read from the proof alone, and from nothing that is misshapen', () => {
    const all = [host(verified), of(disk, waived), of(other, accepted)];
    expect(verdictsIn({says: '', data: verdictData(all)})).toEqual(all);
    for (const data of [{}, {verdicts: 'all'}, {verdicts: [{profile: 'all', standing: verified}]}, {verdicts: [{}]}])
      expect(verdictsIn({says: '', data: data})).toEqual([]);
    expect(verdictsIn(undefined)).toEqual([]);
  });

  it('goes by the newest word on a thing', () => {
    expect(superseded([host(failed), of(disk, failed)], [of(disk, verified)])).toEqual([
      host(failed),
      of(disk, verified),
    ]);
  });
});

const runbook = readFileSync(new URL('../../runbooks/marruuk.yaml', import.meta.url), 'utf8');

const step = (...lines: readonly string[]): string =>
  runbook.replace(/ {4}profile: none\n {4}waiver:\n(?: {6}.*\n)+/, lines.map((line) => `    ${line}\n`).join(''));

const mistakes = (text: string): readonly string[] => {
  const parsed = parseRunbook(text, 'marruuk.yaml', kinds);
  return parsed.ok ? [] : parsed.diagnostics.map((one) => renderDiagnostic(one).split('\n')[0] ?? '');
};

describe('a runbook in which a person answers for evidence', () => {
  const name = '{by: lena, reason: enough}';

  it('for a part of it, or for all of it, and not for both', () => {
    expect(mistakes(step('profile: none', `waiver: ${name}`))).toEqual([]);
    expect(mistakes(step('profile: none', `waiver: ${name}`, `accept: ${name}`))).toEqual([
      expect.stringContaining('accept goes with a profile that captures: this step waives it all'),
    ]);
    const suspect = 'suspect: {hostkey: "SHA256:0v6lq1sHJ2zVb3sB4pGq3xk0JtqCw1yZJv5dKq9sJbE", key: "file:/nowhere"}';
    const triage = (accept: string) => step('profile: triage', accept).replace(/^# suspect: .*$/m, suspect);
    expect(mistakes(triage(`accept: ${name}`))).toEqual([]);
    expect(mistakes(triage('accept: {by: lena}'))).toEqual([expect.stringContaining('reason')]);
  });
});

describe('a runbook that erases without evidence', () => {
  const without = runbook.replace(/ {2}- id: evidence\n(?: {4}.*\n)+/, '');

  it('is refused, with the lines that mend it', () => {
    const parsed = parseRunbook(without, 'marruuk.yaml', kinds);
    const [mistake, ...more] = parsed.ok ? [] : parsed.diagnostics;
    expect(more).toEqual([]);
    const shown = renderDiagnostic(mistake!).split('\n');
    expect(shown[0]).toMatch(/^marruuk\.yaml:\d+:9: disk\.wipe without evidence\.capture before it$/);
    expect(shown.find((line) => line.includes('^^^'))).toContain('add, before step "mount":');
    const lines = shown.flatMap((line) => (line.startsWith('   + | ') ? [line.slice(7)] : []));
    const mended = without.replace('  - id: mount\n', () => [...lines, '', '  - id: mount', ''].join('\n'));
    expect(parseRunbook(mended, 'marruuk.yaml', kinds).ok).toBe(true);
  });

  it('is refused where the evidence comes after the wipe', () => {
    const [step = ''] = / {2}- id: evidence\n(?: {4}.*\n)+/.exec(runbook) ?? [];
    expect(parseRunbook(`${without}\n${step}`, 'marruuk.yaml', kinds).ok).toBe(false);
  });
});
