import type {Runbook} from '../../runbook/runbook.ts';
import type {Profile} from './verdict.ts';
import type {Mistake} from '../step.ts';

/** Steps after which the old system no longer runs. */
const endsOldSystem = ['media.mount', 'installer.boot', 'target.boot', 'disk.wipe'];

const secured = ['  - id: evidence', '    do: evidence.capture', '    profile: triage'];
const waived = [
  '  - id: evidence',
  '    do: evidence.capture',
  '    profile: none',
  '    waiver:',
  '      by: YOUR NAME',
  '      reason: WHY NOTHING NEED BE KEPT',
];
const reached = ['suspect:', '  hostkey: SHA256:THE-OLD-SYSTEMS-HOST-KEY', '  key: file:/PATH/TO/A-KEY-FOR-THIS-ALONE'];

/** What no longer can be asked must have been secured: some `evidence.capture` stands before every step that erases. */
export function mistakesWithoutEvidence({steps, suspect}: Runbook, at: number): readonly Mistake[] {
  const before = steps.slice(0, at);
  if (before.some(({kind}) => kind === 'evidence.capture')) return [];
  const first = steps.find(({kind}) => endsOldSystem.includes(kind));
  return [
    {
      path: ['do'],
      says: 'disk.wipe without evidence.capture before it',
      hint: `add, before step "${first?.id ?? ''}":`,
      add: suspect ? secured : waived,
    },
  ];
}

/** A profile stands where what it asks can still answer. */
export function mistakesInCapture(
  {
    profile,
    waiver,
    accept,
    disks,
  }: {
    readonly profile: Profile;
    readonly waiver?: object;
    readonly accept?: object;
    readonly disks?: readonly string[];
  },
  runbook: Runbook,
  at: number,
): readonly Mistake[] {
  const {steps, suspect} = runbook;
  const before = steps.slice(0, at);
  if (profile === 'none')
    return [
      ...(waiver
        ? []
        : [
            {
              path: ['profile'],
              says: 'profile none needs a waiver by name',
              hint: 'add to this step:',
              add: waived.slice(3),
            },
          ]),
      ...(accept
        ? [{path: ['accept'], says: 'accept goes with a profile that captures: this step waives it all'}]
        : []),
    ];
  if (profile === 'image') return mistakesInImage(disks, before, runbook);
  const ended = before.find(({kind}) => endsOldSystem.includes(kind));
  return [
    ...(waiver ? [{path: ['waiver'], says: 'a waiver goes with `profile: none`: this step captures'}] : []),
    ...(before.some(({kind, params}) => kind === 'evidence.capture' && params['profile'] === profile)
      ? [{path: ['profile'], says: `an earlier step captures ${profile} already`}]
      : []),
    ...(ended
      ? [{path: ['do'], says: `${profile} asks the old system, which no longer runs after step "${ended.id}"`}]
      : []),
    ...(profile === 'memory' && suspect?.system === 'windows'
      ? [{path: ['profile'], says: 'memory is taken from Linux alone: the old system is Windows'}]
      : []),
    ...(suspect
      ? []
      : [
          {
            path: ['profile'],
            says: `${profile} asks the old system, and the runbook has no way to it`,
            hint: 'add, at the margin:',
            add: reached,
          },
        ]),
  ];
}

/** A disk is imaged by the light system, before it is erased. Disks that are kept may be imaged: nothing is written. */
function mistakesInImage(
  disks: readonly string[] | undefined,
  before: Runbook['steps'],
  runbook: Runbook,
): readonly Mistake[] {
  const erased = before.find(({kind}) => kind === 'disk.wipe');
  return [
    ...(before.some(({kind}) => kind === 'target.boot')
      ? []
      : [{path: ['profile'], says: 'image needs the light system: no target.boot stands before it'}]),
    ...(erased ? [{path: ['do'], says: `image after step "${erased.id}", which erases`}] : []),
    ...(disks ?? []).flatMap((name, index): Mistake[] =>
      Object.hasOwn(runbook.disks, name)
        ? []
        : [
            {
              path: ['disks', index],
              says: `there is no disk "${name}" under disks`,
              candidates: Object.keys(runbook.disks),
            },
          ],
    ),
  ];
}
