import {sha256, type Sha256} from '../brand.ts';

/** What the seal is made for; `ssh-keygen -Y verify -n` wants it. */
export const sealNamespace = 'rebuild-evidence';
export const sealPrincipal = 'rebuild';

/** Names of files in a bundle. All are ours, so a line of the manifest needs no escaping. */
const name = /^[a-z0-9][A-Za-z0-9._-]{0,120}$/;

/** A manifest as `sha256sum -c` reads it, sorted by name. Throws on a name that is not one of ours. */
export function manifestText(files: ReadonlyMap<string, Sha256>): string {
  return [...files]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([file, digest]) => {
      if (!name.test(file)) throw new TypeError(`no name for a file of a bundle: ${file}`);
      return `${digest}  ${file}\n`;
    })
    .join('');
}

/** The files of a manifest; undefined where a line is not one of ours. */
export function readManifest(text: string): ReadonlyMap<string, Sha256> | undefined {
  const files = new Map<string, Sha256>();
  for (const line of text.split('\n').slice(0, -1)) {
    const digest = sha256(line.slice(0, 64));
    const file = line.slice(66);
    if (!digest || line.slice(64, 66) !== '  ' || !name.test(file) || files.has(file)) return undefined;
    files.set(file, digest);
  }
  return text.endsWith('\n') ? files : undefined;
}
