import type {Fault} from '../../fault.ts';
import type {Json} from '../../json.ts';
import {ok, type Result} from '../../result.ts';
import {interrupted} from '../../step/interrupted.ts';
import type {BmcPaper, BmcPapers} from '../../step/world/bmc.ts';
import type {Client} from './client.ts';
import {link, text} from './tree.ts';

// What says nothing of an incident and is large: schemas, message registries, metrics by the thousand.
const left = /^\/redfish\/v1\/(?:JsonSchemas|Schemas|Registries|\$metadata|odata|TelemetryService|ComponentIntegrity)/;
/** Resources asked for in all: a hostile BMC may link to as many as it likes. */
const mostAsked = 2000;
/** In a row, after which it is taken for gone. */
const mostUnanswered = 3;

/**
 * Everything a BMC tells of itself and of the machine, read through its own links from the root: accounts, sessions, logs,
 * interfaces, virtual media, firmware, subscriptions. What it answers is kept as it came, nearest to the root
 * first; what it refuses has its words in the answer's place. Read only.
 */
export async function readPapers(client: Client, signal: AbortSignal): Promise<Result<BmcPapers>> {
  const papers: BmcPaper[] = [];
  let asked = 0;
  let silent = 0;
  let cut: BmcPapers['cut'];
  const seen = new Set<string>();
  let next: readonly string[] = ['/redfish/v1/'];
  while (next.length > 0) {
    const found: string[] = [];
    for (const path of next) {
      if (asked++ >= mostAsked) return ok({papers, cut: 'limit'});
      if (signal.aborted) return interrupted();
      const reply = await client.find(path, signal);
      if (!reply.ok && papers.length === 0) return reply;
      // One resource that cannot be read does not hide the others.
      if (!reply.ok) papers.push({path, trouble: reply.fault.says});
      if (!reply.ok && isUnanswered(reply.fault)) {
        cut = 'lost';
        if (++silent >= mostUnanswered) return ok({papers, cut});
        continue;
      }
      silent = 0;
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
  return ok({papers, ...(cut && {cut})});
}

/** No word on the resource itself: the BMC is gone, busy, or lets us in no more. A 500 is its word: some never do better. */
const isUnanswered = ({code, detail}: Fault): boolean =>
  code === 'bmc.credentials-refused' || (code === 'bmc.unreachable' && detail?.['status'] !== 500);

/** Every link in a body, to a collection's next page too; without recursion: a hostile one may be nested endlessly. */
function linksIn(body: unknown): readonly string[] {
  const links: string[] = [];
  const open: unknown[] = [body];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value !== 'object' || value === null) continue;
    for (const target of [text(value, 'Members@odata.nextLink'), link(value)])
      if (target !== undefined && !target.includes('#')) links.push(target);
    for (const inner of Object.values(value)) if (typeof inner === 'object') open.push(inner);
  }
  return links.toReversed();
}
