import {ok, type Result} from '../../result.ts';
import type {Json} from '../../json.ts';
import type {BmcPaper} from '../../step/world.ts';
import type {Client} from './client.ts';
import {link} from './tree.ts';

// What says nothing of an incident and is large: schemas, message registries, metrics by the thousand.
const left = /^\/redfish\/v1\/(?:JsonSchemas|Schemas|Registries|\$metadata|odata|TelemetryService|ComponentIntegrity)/;
const mostPapers = 400;
const mostDepth = 7;
const mostWidth = 200;

/**
 * Everything a BMC tells of itself and of the machine, read through its own links from the root: accounts, sessions, logs,
 * interfaces, virtual media, firmware, subscriptions. What it answers is kept as it came. Read only.
 */
export async function readPapers(client: Client, signal: AbortSignal): Promise<Result<readonly BmcPaper[]>> {
  const papers: BmcPaper[] = [];
  const seen = new Set<string>();
  let next: readonly string[] = ['/redfish/v1/'];
  for (let depth = 0; depth < mostDepth && next.length > 0; depth++) {
    const found: string[] = [];
    for (const path of next) {
      if (papers.length >= mostPapers || signal.aborted) return ok(papers);
      const reply = await client.find(path, signal);
      // One resource that cannot be read does not hide the others; a BMC that is gone does.
      if (!reply.ok && reply.fault.code === 'bmc.unreachable') return papers.length > 0 ? ok(papers) : reply;
      if (!reply.ok) papers.push({path, trouble: reply.fault.says});
      if (!reply.ok || !reply.value) continue;
      papers.push({path, body: (reply.value.body ?? null) as Json});
      for (const target of linksIn(reply.value.body)) {
        const key = target.replace(/[/]+$/, '');
        if (seen.has(key) || left.test(key) || !key.startsWith('/redfish/v1/')) continue;
        seen.add(key);
        found.push(target);
      }
    }
    next = found;
  }
  return ok(papers);
}

/** Every link in a body, without recursion: a hostile one may be nested as deep as it likes. */
function linksIn(body: unknown): readonly string[] {
  const links: string[] = [];
  const open: unknown[] = [body];
  while (open.length > 0 && links.length < mostWidth) {
    const value = open.pop();
    if (typeof value !== 'object' || value === null) continue;
    const target = link(value);
    if (target !== undefined && !target.includes('#')) links.push(target);
    for (const inner of Object.values(value)) if (typeof inner === 'object') open.push(inner);
  }
  return links.toReversed();
}
