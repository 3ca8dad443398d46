import {createHmac} from 'node:crypto';
import {stat} from 'node:fs/promises';
import {join, resolve} from 'node:path';
import type {IsoServer, OfferedIso} from '../device/iso-server/serve.ts';
import {fault} from '../fault.ts';
import type {Home} from '../home.ts';
import type {StoredImage} from '../image/manifest.ts';
import {differs, stageIso} from '../image/medium/stage.ts';
import {failed, ok, type Result} from '../result.ts';
import type {Medium, OwnIso, StagedIso} from '../step/world.ts';
import type {RunKeys} from './run-keys.ts';

export interface OwnIsoOptions {
  readonly home: Home;
  /** The runbook's folder: paths of ISOs count from there. */
  readonly folder: string;
  readonly keys: RunKeys;
  readonly say: (line: string) => void;
  readonly server: () => Promise<Result<IsoServer>>;
}

export interface OfferedMedium {
  readonly medium: Medium;
  readonly offer: OfferedIso;
}

/** The operator's own ISOs, by digest, each checked and handed out when it is first asked for. */
export function ownIsos({home, folder, keys, say, server}: OwnIsoOptions) {
  const offered = new Map<string, OfferedMedium>();
  const staged = new Map<string, StoredImage<StagedIso>>();

  const offer = async ({file, sha256}: OwnIso): Promise<Result<Medium>> => {
    const path = resolve(folder, file);
    const known = offered.get(sha256);
    if (known) {
      const whole = (await known.offer.touched()) ? await known.offer.check() : ok(undefined);
      return whole.ok ? ok(known.medium) : whole;
    }
    const there = await stat(path).catch(() => undefined);
    if (!there?.isFile()) return failed(fault('image.missing', `there is no file ${path}`));
    const up = await server();
    if (!up.ok) return up;
    say(`${file}: reading ${Math.ceil(there.size / 1e6)} MB, to compare its digest`);
    // Each file has a path of its own that nobody guesses and that a resumed run finds again.
    const token = createHmac('sha256', keys.media.token.reveal()).update(sha256).digest('hex').slice(0, 32);
    const held = await up.value.offer({token, file: path, sha256});
    if (!held.ok) {
      const found = held.fault.detail?.['found'];
      return held.fault.code === 'media.digest-differs' && typeof found === 'string'
        ? differs(path, sha256, found)
        : held;
    }
    const medium = {url: held.value.url, sha256, bytes: held.value.bytes};
    offered.set(sha256, {medium, offer: held.value});
    return ok(medium);
  };

  return {
    offer,
    offered: (medium: Medium) => offered.get(medium.sha256)?.offer,
    async stage({file, sha256}: OwnIso): Promise<Result<StagedIso>> {
      const known = staged.get(sha256);
      if (known) return ok(known.image);
      let told = -1;
      const progress = (done: number, of: number): void => {
        const tenth = Math.floor((done / of) * 10);
        if (tenth > told) say(`${file}: cutting it into chunks, ${tenth * 10} %`);
        told = tenth;
      };
      const store = join(home.cache, 'iso');
      const stored = await stageIso({store, file: resolve(folder, file), sha256, progress});
      if (!stored.ok) return stored;
      staged.set(sha256, stored.value);
      return ok(stored.value.image);
    },
    /** What `stage` gave, by its own digest. */
    staged: (digest: string) => [...staged.values()].find(({image}) => image.digest === digest),
  };
}
