import {exit, type ExitCode} from '../../exit.ts';
import {failed, ok} from '../../result.ts';
import {kinds} from '../../step/registry.ts';
import {atWork} from '../at-work.ts';
import {lab as runLab} from '../lab/lab.ts';
import {makeSuspect} from '../lab/images.ts';
import {parseLab} from '../lab/request.ts';
import {labUsage} from '../lab/usage.ts';
import {loadRunbook, runbookPlaces} from '../runbook-file.ts';
import {stopOnSignal} from '../stop-on-signal.ts';
import {tellFault} from '../tell-fault.ts';

/** `rebuild lab ...`, which reads its own words. */
export async function lab(argv: readonly string[]): Promise<ExitCode> {
  const json = argv.includes('--json');
  const words = argv.filter((word) => word !== '--json' && word !== '--no-color');
  if (words.length === 0 || words.includes('--help') || words.includes('-h')) {
    process.stdout.write(labUsage);
    return words.length === 0 ? exit.usage : exit.done;
  }
  // It is about no host.
  if (words[0] === 'vendor-iso') return (await import('../lab/vendor-iso.ts')).vendorIso(words.slice(1), json);
  const request = parseLab(words);
  if (!request.ok) return tellFault(request.fault, {json}, undefined);
  const stop = stopOnSignal();
  const done = await runLab(request.value, {
    json,
    out: (text) => void process.stdout.write(text),
    work: (work) => atWork({json}, work),
    signal: stop,
    suspect: makeSuspect,
    runbook: async (host) => {
      const loaded = await loadRunbook(host, runbookPlaces(), kinds, host);
      return loaded.ok ? ok(loaded.runbook) : failed(loaded.fault);
    },
  });
  if (done.ok) return exit.done;
  return stop.aborted ? exit.interrupted : tellFault(done.fault, {json}, request.value.host);
}
