import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';

const folder = join(import.meta.dirname, '../replies');

export type Resource = Record<string, unknown>;

export const vendors = ['dell-r750-idrac9', 'hpe-dl385-ilo5', 'lenovo-sr670v2-xcc', 'supermicro-821ge-x13'] as const;
export type Vendor = (typeof vendors)[number];

/** A recorded reply by its path below `test/replies`. */
export const reply = (path: string): Resource => JSON.parse(readFileSync(join(folder, path), 'utf8')) as Resource;

/** All resources recorded of one machine, by their Redfish path. */
export function recorded(vendor: Vendor): Map<string, Resource> {
  const files = readdirSync(join(folder, vendor), {recursive: true, encoding: 'utf8'});
  return new Map(
    files
      .filter((file) => file.endsWith('.json'))
      .map((file) => {
        const name = file.replace(/\.json$/, '');
        return [name === 'root' ? '/redfish/v1' : `/redfish/v1/${name}`, reply(`${vendor}/${file}`)];
      }),
  );
}
