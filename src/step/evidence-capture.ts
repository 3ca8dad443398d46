import {z} from 'zod';
import {itemsOf, type Item} from '../evidence/item.ts';
import {linuxItems} from '../evidence/linux.ts';
import {mayComeYet, mostTries, shortIn, triesAt} from '../evidence/outcome.ts';
import {windowsItems} from '../evidence/windows.ts';
import {fault, type Fault} from '../fault.ts';
import type {JsonObject} from '../json.ts';
import {failed, ok, type Result} from '../result.ts';
import {durationSeconds} from '../runbook/duration.ts';
import {formats} from '../runbook/format.ts';
import type {Runbook} from '../runbook/runbook.ts';
import {brief} from './brief.ts';
import {planned} from './disk.ts';
import {imagedDisks} from './evidence/imaged.ts';
import {takeDisks} from './evidence/disks.ts';
import {takeLive} from './evidence/live.ts';
import {outsideItems, takeOutside} from './evidence/outside.ts';
import {mistakesInCapture} from './evidence/rule.ts';
import {brokenIn, brokenText, reached, standingOf} from './evidence/standing.ts';
import {
  profiles,
  standingText,
  superseded,
  verdictData,
  verdictsIn,
  type Profile,
  type Verdict,
} from './evidence/verdict.ts';
import {acceptance, waiver, waived} from './evidence/waiver.ts';
import type {Effect, Hand, Proof, Step} from './step.ts';
import type {Look, World} from './world.ts';
import type {Sealed, Vault} from './world/evidence.ts';

const params = z.strictObject({
  profile: z
    .enum(profiles)
    .default('triage')
    .describe(
      'How much is kept of the old system. none: nothing, which a person answers for by name. flash: what is in memory ' +
        'alone (sockets, processes, deleted programs, transient units), in minutes. triage: that, and configuration, ' +
        'persistence, homes, logs and the metadata of every file. memory: that, and the RAM of a Linux host where its ' +
        'kernel shows it, in the format of LiME. image: whole disks, read by the light system after ' +
        'target.boot, sparse and compressed; a step of its own beside one of the others.',
    ),
  disks: z
    .array(z.string())
    .min(1)
    .readonly()
    .exactOptional()
    .describe('With `profile: image`: names from `disks`. By default those that a later step erases.'),
  within: formats.duration
    .default('1h')
    .describe(
      'When the capture ends, with what it has by then, marked. A resume has that long again for what is missing, twice. ' +
        'Each command has a shorter limit of its own.',
    ),
  waiver: waiver.exactOptional().describe('Who answers for it that nothing is kept, and why: with `profile: none`.'),
  accept: acceptance
    .exactOptional()
    .describe(
      'Who answers for going on where the capture is not whole: an item cut short by its time, its size or a lost ' +
        'connection, a disk with places that cannot be read. Without it the run stops before anything is lost.',
    ),
});
type Params = z.infer<typeof params>;

/** Rough seconds from measured captures: a Linux of a few gigabytes over a LAN, and over a slow line. */
const takes: Readonly<Record<Profile, {readonly from: number; readonly to: number}>> = {
  none: {from: 1, to: 10},
  flash: {from: 20, to: 600},
  triage: {from: 60, to: 3600},
  memory: {from: 300, to: 14_400},
  image: {from: 300, to: 86_400},
};

export const evidenceCapture: Step<Params> = {
  kind: 'evidence.capture',
  summary: 'Secures what the old system can tell before it is erased, sealed and signed, or records who waived that.',
  irreversible: false,
  heldUntil: ['disk.wipe'],
  params,

  check: (params, runbook, at) => mistakesInCapture(params, runbook, at),

  probe: async () => ok({}),

  plan: (params, _, runbook) => effects(params, runbook),

  async apply(world, params, hand) {
    if (params.waiver) return waived(world, params.waiver, hand);
    const already = await world.evidence.check(params.profile, 'whole');
    if (!already.ok) return already;
    const sealed = already.value ? ok(already.value) : await capture(world, params, hand);
    if (!sealed.ok) return sealed;
    const {records, data} = sealed.value;
    for (const {id, lack, reason} of shortIn(records))
      await hand.note(`${id} is ${lack === 'absent' ? 'not to be had' : 'not whole'}: ${reason}`);
    const verdicts = verdictsOn(sealed.value, params, world.runbook);
    for (const {standing, disk} of verdicts)
      if (standing.is === 'accepted')
        await hand.note(`${disk ?? params.profile}: ${standing.says}; accepted by ${standing.by}: ${standing.reason}`);
    const [host] = verdicts.filter(({disk}) => disk === undefined);
    // Here, while it runs: with its power goes what nobody can take any more.
    if (host?.standing.is === 'failed')
      return failed(
        fault('evidence.failed', `${params.profile}: ${host.standing.says}`, {
          state: `the old system runs on as it was; what came is sealed in ${data}`,
        }),
      );
    return ok(proof(sealed.value, verdictData(superseded(verdictsIn(world.earlier('evidence.capture')), verdicts))));
  },

  async verify(look, params) {
    if (params.waiver) {
      const {by, reason} = params.waiver;
      return ok({says: standingText({profile: 'none', standing: {is: 'waived', by, reason}}), data: {}});
    }
    return sealedProof(look, params.profile);
  },
};

/** A disk that was not read everywhere holds up its own erasure alone; what is known of the others stands. */
function verdictsOn(sealed: Sealed, params: Params, runbook: Runbook): readonly Verdict[] {
  const {profile, accept} = params;
  if (profile === 'image')
    return imagedDisks(params, runbook).map(({serial}) => ({
      profile,
      disk: serial,
      standing: standingOf([`disk-${serial}`], sealed, accept),
    }));
  const standing = standingOf(promisedBy(profile, runbook), sealed, accept);
  return [{profile: reached(profile, sealed.records), standing}];
}

const itemsFor = {linux: linuxItems, windows: windowsItems} as const;

const liveItems = (profile: Profile, {suspect}: Runbook): readonly Item[] =>
  itemsOf(profile, itemsFor[suspect?.system ?? 'linux']);

const promisedBy = (profile: Profile, runbook: Runbook): readonly string[] => [
  ...outsideItems,
  ...liveItems(profile, runbook).map(({id}) => id),
];

function effects(params: Params, runbook: Runbook): readonly Effect[] {
  const {profile, waiver, accept} = params;
  const common = {certainty: {is: 'will'}, undo: true, irreversible: false, seconds: takes[profile]} as const;
  const accepted = accept && {id: 'accept', says: brief(`if not whole, accepted by ${accept.by}: ${accept.reason}`)};
  const accepting: readonly Effect[] = accepted ? [{...accepted, ...common, seconds: {from: 0, to: 0}}] : [];
  if (profile === 'image')
    return [
      ...imagedDisks(params, runbook).map((spec) => ({
        id: `image:${spec.serial}`,
        says: 'image the disk, sealed and signed here',
        ...common,
        disk: planned(spec, undefined),
      })),
      ...accepting,
    ];
  const says = waiver
    ? standingText({profile, standing: {is: 'waived', ...waiver}})
    : `secure ${profile} from ${runbook.suspect?.address ?? ''}, sealed and signed here`;
  return [{id: 'evidence', says: brief(says), ...common}, ...accepting];
}

async function capture(world: World, params: Params, hand: Hand): Promise<Result<Sealed>> {
  const {profile, within} = params;
  const {runbook} = world;
  const accepted = params.accept !== undefined;
  const until = world.clock.ticks() + (durationSeconds(within) ?? 3600) * 1000;
  const vault = await world.evidence.open(profile);
  if (!vault.ok) return vault;
  if (profile === 'image') {
    const disks = await takeDisks(world, vault.value, imagedDisks(params, runbook), hand);
    if (!disks.ok) return disks;
  } else {
    const outside = await takeOutside(world, vault.value, accepted, hand);
    if (!outside.ok) return outside;
    const live = await takeLive(world, vault.value, {items: liveItems(profile, runbook), until, accepted}, hand);
    if (!live.ok) return live;
    const unfinished = incomplete(promisedBy(profile, runbook), vault.value, accepted);
    if (unfinished) return failed(unfinished);
  }
  return vault.value.seal(hand.progress);
}

/** That another attempt may still get what is missing; undefined once nothing more is to be hoped for. */
function incomplete(promised: readonly string[], {held}: Vault, accepted: boolean): Fault | undefined {
  const open = brokenIn(promised, held).filter(({item}) => mayComeYet(item, held, accepted));
  if (open.length === 0) return undefined;
  return fault('evidence.incomplete', brokenText(open, promised.length), {
    state: 'the old system runs on as it was; what came is kept',
    detail: {items: open.map(({item, reason}) => ({item, reason, tries: triesAt(item, held), of: mostTries}))},
  });
}

async function sealedProof(look: Look, profile: Profile): Promise<Result<Proof>> {
  const sealed = await look.evidence.check(profile, 'quick');
  if (!sealed.ok) return sealed;
  return sealed.value
    ? ok(proof(sealed.value, {}))
    : failed(fault('evidence.differs', `there is no sealed ${profile} bundle of this run on this machine`));
}

/** What is not to be had makes nothing less of a bundle; the verdict on it says what it is worth. */
function proof({manifest, items, bytes, records, data, seal}: Sealed, more: JsonObject): Proof {
  const missing = shortIn(records).filter(({lack}) => lack !== 'absent');
  const short = missing.map(({id, reason = ''}) => ({id, reason}));
  return {
    says: `${items} items, ${megabytes(bytes)}, sealed ${manifest.slice(0, 12)}${short.length ? `, ${short.length} not whole` : ''}`,
    data: {manifest, items, bytes, incomplete: short, folder: data, seal, ...more},
  };
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
