import {z} from 'zod';
import {itemsOf} from '../evidence/item.ts';
import {linuxItems} from '../evidence/linux.ts';
import {windowsItems} from '../evidence/windows.ts';
import {fault} from '../fault.ts';
import type {JsonObject} from '../json.ts';
import {failed, ok, type Result} from '../result.ts';
import {durationSeconds} from '../runbook/duration.ts';
import {formats} from '../runbook/format.ts';
import type {Runbook} from '../runbook/runbook.ts';
import {brief} from './brief.ts';
import {planned} from './disk.ts';
import {imagedDisks} from './evidence-imaged.ts';
import {takeDisks} from './evidence-disks.ts';
import {takeLive} from './evidence-live.ts';
import {isMemory} from './evidence-memory.ts';
import {takeOutside} from './evidence-outside.ts';
import {mistakesInCapture} from './evidence-rule.ts';
import {
  profiles,
  standingText,
  superseded,
  verdictData,
  verdictsIn,
  type Profile,
  type Verdict,
} from './evidence-verdict.ts';
import {waiver, waived} from './evidence-waiver.ts';
import type {Effect, Hand, Proof, Step} from './step.ts';
import type {Look, Sealed, World} from './world.ts';

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
    .describe('When the capture ends, with what it has by then, marked. Each command has a shorter limit of its own.'),
  waiver: waiver.exactOptional().describe('Who answers for it that nothing is kept, and why: with `profile: none`.'),
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
    const {manifest, incomplete} = sealed.value;
    for (const {id, reason} of incomplete) await hand.note(`${id} is not whole: ${reason}`);
    const verified = {is: 'verified', manifest} as const;
    const verdicts: readonly Verdict[] =
      params.profile === 'image'
        ? imagedDisks(params, world.runbook).map(({serial}) => {
            const part = incomplete.find(({id}) => id === `disk-${serial}`);
            return {profile: 'image', disk: serial, standing: part ? {is: 'failed', says: part.reason} : verified};
          })
        : [{profile: reached(params.profile, incomplete), standing: verified}];
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

/** Without its RAM a host's evidence is what is taken with less. */
const reached = (profile: Profile, incomplete: Sealed['incomplete']): Profile =>
  profile === 'memory' && incomplete.some(({id}) => isMemory(id)) ? 'triage' : profile;

const itemsFor = {linux: linuxItems, windows: windowsItems} as const;

function effects(params: Params, runbook: Runbook): readonly Effect[] {
  const {profile, waiver} = params;
  const common = {certainty: {is: 'will'}, undo: true, irreversible: false, seconds: takes[profile]} as const;
  if (profile === 'image')
    return imagedDisks(params, runbook).map((spec) => ({
      id: `image:${spec.serial}`,
      says: 'image the disk, sealed and signed here',
      ...common,
      disk: planned(spec, undefined),
    }));
  const says = waiver
    ? standingText({profile, standing: {is: 'waived', ...waiver}})
    : `secure ${profile} from ${runbook.suspect?.address ?? ''}, sealed and signed here`;
  return [{id: 'evidence', says: brief(says), ...common}];
}

async function capture(world: World, params: Params, hand: Hand): Promise<Result<Sealed>> {
  const {profile, within} = params;
  const until = world.clock.ticks() + (durationSeconds(within) ?? 3600) * 1000;
  const vault = await world.evidence.open(profile);
  if (!vault.ok) return vault;
  if (profile === 'image') {
    const disks = await takeDisks(world, vault.value, imagedDisks(params, world.runbook), hand);
    if (!disks.ok) return disks;
  } else {
    const outside = await takeOutside(world, vault.value, hand);
    if (!outside.ok) return outside;
    const live = await takeLive(
      world,
      vault.value,
      {items: itemsOf(profile, itemsFor[world.runbook.suspect?.system ?? 'linux']), until},
      hand,
    );
    if (!live.ok) return live;
  }
  return vault.value.seal(hand.progress);
}

async function sealedProof(look: Look, profile: Profile): Promise<Result<Proof>> {
  const sealed = await look.evidence.check(profile, 'quick');
  if (!sealed.ok) return sealed;
  return sealed.value
    ? ok(proof(sealed.value, {}))
    : failed(fault('evidence.differs', `there is no sealed ${profile} bundle of this run on this machine`));
}

const proof = ({manifest, items, bytes, incomplete, data, seal}: Sealed, more: JsonObject): Proof => ({
  says: `${items} items, ${megabytes(bytes)}, sealed ${manifest.slice(0, 12)}${incomplete.length ? `, ${incomplete.length} not whole` : ''}`,
  data: {manifest, items, bytes, incomplete: incomplete.map((one) => ({...one})), folder: data, seal, ...more},
});

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
