import type {Runbook} from '../runbook/runbook.ts';
import type {Profile} from './evidence-verdict.ts';
import type {Mistake} from './step.ts';

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
  {profile, waiver}: {readonly profile: Profile; readonly waiver?: object},
  {steps, suspect}: Runbook,
  at: number,
): readonly Mistake[] {
  const before = steps.slice(0, at);
  if (profile === 'none')
    return waiver
      ? []
      : [
          {
            path: ['profile'],
            says: 'profile none needs a waiver by name',
            hint: 'add to this step:',
            add: waived.slice(3),
          },
        ];
  const ended = before.find(({kind}) => endsOldSystem.includes(kind));
  return [
    ...(waiver ? [{path: ['waiver'], says: 'a waiver goes with `profile: none`: this step captures'}] : []),
    ...(before.some(({kind, params}) => kind === 'evidence.capture' && params['profile'] === profile)
      ? [{path: ['profile'], says: `an earlier step captures ${profile} already`}]
      : []),
    ...(ended
      ? [{path: ['do'], says: `${profile} asks the old system, which no longer runs after step "${ended.id}"`}]
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
