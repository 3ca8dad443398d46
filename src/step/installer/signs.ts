import {fault} from '../../fault.ts';
import {follow} from '../../pace.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {Port} from '../../runbook/runbook.ts';
import {lightAnswers} from '../boot/light-is-up.ts';
import {interrupted} from '../interrupted.ts';
import {isTcp} from '../port/lists.ts';
import {bare} from '../port/port.ts';
import type {Hand} from '../step.ts';
import type {Look, World} from '../world.ts';
import type {Vantage} from '../world/vantage.ts';

/** What could be seen from outside of an installer that was started: never more than that. */
export interface Signs {
  readonly seconds: number;
  /** A port on which something new answers, and the SSH host key it shows; nobody could pin that one beforehand. */
  readonly answers?: Port;
  readonly hostKey?: string;
}

/** What is wrong on one look at a host that should be starting its installer; undefined where nothing is. */
export async function contradiction(look: Look): Promise<Result<string | undefined>> {
  const light = await lightAnswers(look);
  if (!light.ok) return light;
  if (light.value) return ok('the light system answers again, so the host did not start the installer');
  const system = await look.bmc.system();
  if (!system.ok) return system;
  return ok(system.value.power === 'off' ? 'the host has gone off' : undefined);
}

/** The SSH host key at the port, where it is an SSH port of the host's own network and someone answers there. */
export async function strangerAt(look: Look, port: Port): Promise<Result<{readonly hostKey?: string} | undefined>> {
  const [own] = look.vantages;
  if (!own) return ok(undefined);
  const address = bare(look.runbook.network.address);
  const answers = await answersAt(own, address, port);
  if (!answers.ok) return answers;
  if (!answers.value) return ok(undefined);
  const number = Number(port.slice(port.indexOf('/') + 1));
  if (port !== 'tcp/22') return ok({});
  const key = await own.hostKey(address, number);
  if (!key.ok) return key;
  if (key.value === undefined || key.value === look.run.lightPin) return ok(undefined);
  const old = look.earlier('port.isolate')?.data['oldHostKey'];
  return key.value === old
    ? failed(fault('installer.not-started', 'the old system answers, with its own key: the host started from its disk'))
    : ok({hostKey: key.value});
}

async function answersAt(vantage: Vantage, address: string, port: Port): Promise<Result<boolean>> {
  if (isTcp(port)) {
    const reach = await vantage.reach(address, port);
    return reach.ok ? ok(reach.value === 'open') : reach;
  }
  const asked = await vantage.ask(address, [port]);
  return asked.ok ? ok(asked.value.is === 'asked' && asked.value.reached[port] === 'open') : asked;
}

// Within it a machine that cannot start what it was told has come back to where it was, or stands at its firmware.
const holdMs = 60_000;
// A server's self-test, and an installer that loads its parts.
const answerMs = 20 * 60_000;

/**
 * Watches a host that was told to start its installer. Without a port to expect: that for a minute nothing speaks
 * against it. Faults: `installer.not-started`.
 */
export async function awaitSigns(world: World, expect: Port | undefined, hand: Hand): Promise<Result<Signs>> {
  const begun = world.clock.ticks();
  const secondsFrom = (from: number): number => Math.round((world.clock.ticks() - from) / 1000);
  const elapsed = (): number => secondsFrom(begun);
  const says = expect === undefined ? 'whether the light system stays away' : `until ${expect} answers`;
  let wrong: Result<string | undefined> = ok(undefined);
  /** Since then every look was one. */
  let seenFrom = begun;
  const seen = await follow<Result<Signs>>(
    async () => {
      wrong = await contradiction(world);
      // A BMC may be too busy for an answer while its host starts, and the way there may be down.
      if (wrong.ok && wrong.value !== undefined)
        return {done: failed(fault('installer.not-started', `${wrong.value}, ${elapsed()} s after its start`))};
      if (!wrong.ok) seenFrom = world.clock.ticks();
      if (expect === undefined) {
        const held = secondsFrom(seenFrom);
        hand.progress({says, done: Math.min(held, holdMs / 1000), of: holdMs / 1000, unit: 'seconds'});
        return held * 1000 >= holdMs ? {done: ok({seconds: elapsed()})} : {progress: 0};
      }
      hand.progress({says: `${says}, ${elapsed()} s`});
      const stranger = await strangerAt(world, expect);
      if (!stranger.ok) return {done: stranger};
      return stranger.value ? {done: ok({seconds: elapsed(), answers: expect, ...stranger.value})} : {progress: 0};
    },
    {everyMs: 1000, stallMs: answerMs, clock: world.clock, signal: hand.signal},
  );
  if (seen.end === 'met') return seen.value;
  if (seen.end === 'aborted') return interrupted();
  return !wrong.ok
    ? wrong
    : failed(fault('installer.not-started', `${expect ?? 'the BMC'} did not answer for ${answerMs / 60_000} minutes`));
}
