import type {Serial} from '../../brand.ts';
import {ok, type Result} from '../../result.ts';
import type {TreeEntry} from '../../step/system/tree.ts';
import type {OsImage} from '../../step/world/image.ts';
import {byNul, digestsByName, typeOf, unpackList} from '../tree-records.ts';
import {garbled, parseAnswers, type Answer} from './answer.ts';
import type {Link} from './link.ts';

/** Hashing every file of a system through an emulated processor, between two records. */
const idleMs = 20 * 60_000;
const mostBytes = 32 * 1024 * 1024;

/** Every entry of the installed system's root. */
export async function readTree(
  link: Pick<Link, 'run'>,
  disk: Serial,
  {root}: OsImage,
  signal: AbortSignal,
): Promise<Result<readonly TreeEntry[]>> {
  const output = await link.run(['tree', disk, String(root.partition), root.uuid], {
    idleMs,
    signal,
    maxBytes: mostBytes,
  });
  if (!output.ok) return output;
  const answers = parseAnswers('tree', output.value);
  return answers.ok ? treeOf(answers.value) : answers;
}

/** The agent's four lists: names, what stat says of each, digests of files, and where links lead. */
export function treeOf(answers: readonly Answer[]): Result<readonly TreeEntry[]> {
  const list = (key: string): Buffer | undefined => {
    const text = answers.flatMap(({key: of, values}) => (of === key && values.length === 1 ? values : [])).join('');
    return /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? unpackList(Buffer.from(text, 'base64')) : undefined;
  };
  const [names, facts, digests, links] = [list('names'), list('facts'), list('digests'), list('links')];
  if (!names || !facts || !digests || !links) return garbled('tree', 'a list is missing or no list');
  const paths = byNul(names);
  const lines = facts.toString('latin1').split('\n').slice(0, -1);
  const sums = digestsByName(digests);
  const targets = links.toString('utf8').split('\n').slice(0, -1);
  if (sums === undefined || lines.length !== paths.length) return garbled('tree', 'the lists do not belong together');

  const entries: TreeEntry[] = [];
  let link = 0;
  for (const [index, name] of paths.entries()) {
    const [, mode = '', uid, gid, size] =
      /^([0-9a-f]{1,8}) (\d{1,10}) (\d{1,10}) (\d{1,15})$/.exec(lines[index] ?? '') ?? [];
    if (mode === '' || !name.startsWith('.')) return garbled('tree', 'an entry is misshapen');
    const bits = Number.parseInt(mode, 16);
    const type = typeOf(bits);
    const sha256 = sums.get(name);
    const to = type === 'link' ? targetIn(targets[link++], name) : undefined;
    if ((type === 'file' && sha256 === undefined) || (type === 'link' && to === undefined))
      return garbled('tree', 'a file without a digest, or a link without an end');
    entries.push({
      path: name.slice(1) || '/',
      type,
      mode: bits & 0o7777,
      uid: Number(uid),
      gid: Number(gid),
      ...(type === 'file' && sha256 !== undefined && {size: Number(size), sha256}),
      ...(to !== undefined && {to}),
    });
  }
  return link === targets.length ? ok(entries) : garbled('tree', 'more links than there are');
}

/** busybox's `stat -c %N`: `'NAME' -> 'TARGET'`. */
function targetIn(line: string | undefined, name: string): string | undefined {
  const head = `'${name}' -> '`;
  return line?.startsWith(head) && line.endsWith("'") ? line.slice(head.length, -1) : undefined;
}
