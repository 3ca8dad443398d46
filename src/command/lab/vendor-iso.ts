import {basename, resolve} from 'node:path';
import {parseArgs} from 'node:util';
import {exit, type ExitCode} from '../../exit.ts';
import {fault} from '../../fault.ts';
import {makeInstallerIso, type InstallerIso} from '../../image/medium/installer.ts';
import {within} from '../../progress.ts';
import {failed, ok, type Result} from '../../result.ts';
import {bytes} from '../../view/bytes.ts';
import {atWork} from '../at-work.ts';
import {stopOnSignal} from '../stop-on-signal.ts';
import {tellFault} from '../tell-fault.ts';

/** `rebuild lab vendor-iso -o FILE`: an installer's ISO to try with the lab what is done with a vendor's. */
export async function vendorIso(words: readonly string[], json: boolean): Promise<ExitCode> {
  const output = outputOf(words);
  if (!output.ok) return tellFault(output.fault, {json}, undefined);
  const stop = stopOnSignal();
  const made = await atWork({json}, (tell) =>
    makeInstallerIso(resolve(output.value), {progress: within('lab', tell), signal: stop}),
  );
  if (!made.ok) return stop.aborted ? exit.interrupted : tellFault(made.fault, {json}, undefined);
  process.stdout.write(json ? `${JSON.stringify(made.value, null, 2)}\n` : vendorIsoText(made.value));
  return exit.done;
}

function outputOf(words: readonly string[]): Result<string> {
  try {
    const {values, positionals} = parseArgs({
      args: [...words],
      options: {output: {type: 'string', short: 'o'}},
      allowPositionals: true,
    });
    return values.output !== undefined && positionals.length === 0
      ? ok(values.output)
      : failed(fault('lab.usage', '`lab vendor-iso` wants -o FILE.iso'));
  } catch (error) {
    // parseArgs has no other way to say that an option is unknown or lacks its value.
    return failed(fault('lab.usage', error instanceof Error ? error.message : 'unknown option'));
  }
}

/** What was made, and the lines with which a runbook's step names it. */
export const vendorIsoText = ({file, sha256, bytes: size, packages}: InstallerIso): string =>
  `${file}, ${bytes(size)}: Debian's installer and ${packages} packages
In a runbook beside it:
    image: ${basename(file)}
    sha256: ${sha256}
`;
