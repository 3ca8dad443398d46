import {existsSync} from 'node:fs';
import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import {requireTools, runTool} from './tool.ts';

/** What images are built from. */
export const release = 'bookworm';

/** Debian's own archive keys, from the package debian-archive-keyring. Nothing signed by another key is used. */
export const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** One package index that this machine's apt is configured for. */
export interface IndexTarget {
  readonly uri: string;
  readonly suite: string;
  readonly component: string;
  /** From the signed Release file; empty where apt has not fetched it yet. */
  readonly origin: string;
}

/**
 * Where this machine's own apt gets Debian from, as `deb` lines for `release`: mirrors, proxies and local copies stay
 * those of the machine. Usable in a sources.list and by mmdebstrap.
 */
export async function debianSources(): Promise<Result<readonly string[]>> {
  const tools = await requireTools([{program: 'apt-get', package: 'apt'}]);
  if (!tools.ok) return tools;
  if (!existsSync(keyring))
    return failed(
      fault('image.build-failed', `${keyring} is missing, so packages cannot be verified`, {
        next: 'apt-get install --no-install-recommends debian-archive-keyring',
      }),
    );
  // Before the first `apt-get update` there is no release information, and only this form lists anything.
  const configured = await indexTargets('--no-release-info');
  if (!configured.ok) return configured;
  const fetched = await indexTargets('--release-info');
  if (!fetched.ok) return fetched;
  const lines = debLines(configured.value, fetched.value);
  if (lines.some((line) => line.includes(` ${release} `))) return ok(lines);
  return failed(
    fault('image.build-failed', `apt on this machine has no source for Debian ${release}, component main`, {
      next: 'add one to /etc/apt/sources.list.d, then: apt-get update',
    }),
  );
}

const format = ['$(REPO_URI)', '$(RELEASE)', '$(COMPONENT)', '$(ORIGIN)'].join('\t');

async function indexTargets(kind: string): Promise<Result<readonly IndexTarget[]>> {
  const argv = ['apt-get', kind, 'indextargets', '--format', format, 'Created-By: Packages'];
  const listed = await runTool(argv, {timeoutMs: 60_000});
  return listed.ok ? ok(parseTargets(listed.value)) : listed;
}

/** apt leaves a placeholder standing where it has no value for it. */
export function parseTargets(text: string): readonly IndexTarget[] {
  return text.split('\n').flatMap((line) => {
    const [uri = '', suite = '', component = '', origin = ''] = line.split('\t');
    return uri === '' ? [] : [{uri, suite, component, origin: origin.startsWith('$(') ? '' : origin}];
  });
}

// A machine that runs another release has the same mirrors; theirs hold ours too.
const suites = /^(?:bookworm|trixie|forky|sid|unstable|testing|stable|oldstable)(-updates|-security)?$/;

/** `deb` lines for `release`: main only, without what is known to be someone else's. */
export function debLines(configured: readonly IndexTarget[], fetched: readonly IndexTarget[]): readonly string[] {
  const foreign = new Set(fetched.filter(({origin}) => origin !== '' && origin !== 'Debian').map(key));
  const lines = configured.flatMap((target) => {
    const [, pocket = ''] = suites.exec(target.suite) ?? ['', undefined];
    if (!suites.test(target.suite) || target.component !== 'main' || foreign.has(key(target))) return [];
    return [`deb [signed-by=${keyring}] ${target.uri} ${release}${pocket} main`];
  });
  return [...new Set(lines)];
}

const key = ({uri, suite}: IndexTarget): string => `${uri} ${suite}`;
