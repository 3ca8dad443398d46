import {createHmac} from 'node:crypto';
import {stat} from 'node:fs/promises';
import {basename, join, resolve} from 'node:path';
import type {Sha256} from '../../brand.ts';
import type {IsoServer, OfferedIso} from '../../device/iso-server/serve.ts';
import {fault} from '../../fault.ts';
import type {Home} from '../../home.ts';
import type {StoredImage} from '../../image/manifest.ts';
import {differs, stageIso} from '../../image/medium/stage.ts';
import {failed, ok, type Result} from '../../result.ts';
import {within, type Tell} from '../../progress.ts';
import type {Medium, OwnIso, StagedIso} from '../../step/world/image.ts';
import {onceEach} from '../once-each.ts';
import type {RunKeys} from '../sitting/run-keys.ts';

export interface OwnIsoOptions {
  readonly home: Home;
  /** The runbook's folder: paths of ISOs count from there. */
  readonly folder: string;
  readonly keys: RunKeys;
  readonly tell: Tell;
  readonly server: () => Promise<Result<IsoServer>>;
}

/** Where ISOs lie that were cut into chunks. */
export const stagedStore = ({cache}: Home): string => join(cache, 'iso');

/** The operator's own ISOs, by digest, each checked and handed out when it is first asked for. */
export function ownIsos({home, folder, keys, tell, server}: OwnIsoOptions) {
  const offers = new Map<Sha256, OfferedIso>();
  const images = new Map<Sha256, StoredImage<StagedIso>>();

  /** Hands out a file under a path of its own that nobody guesses and that a resumed run finds again. */
  const handOut = onceEach(async (sha256: Sha256, file: string): Promise<Result<Medium>> => {
    const up = await server();
    if (!up.ok) return up;
    const token = createHmac('sha256', keys.media.token.reveal()).update(sha256).digest('hex').slice(0, 32);
    const progress = within(basename(file), tell);
    const offer = await up.value.offer({token, file, sha256, progress});
    if (!offer.ok) return offer;
    offers.set(sha256, offer.value);
    return ok({url: offer.value.url, sha256, bytes: offer.value.bytes});
  });

  const cut = onceEach(async (sha256: Sha256, file: string): Promise<Result<StagedIso>> => {
    const path = resolve(folder, file);
    const stored = await stageIso({store: stagedStore(home), file: path, sha256, progress: within(file, tell)});
    if (!stored.ok) return stored;
    images.set(stored.value.image.digest, stored.value);
    return ok(stored.value.image);
  });

  return {
    handOut: (file: string, sha256: Sha256) => handOut(sha256, file),
    async iso({file, sha256}: OwnIso): Promise<Result<Medium>> {
      const path = resolve(folder, file);
      const known = offers.get(sha256);
      if (known && (await known.touched())) {
        const whole = await known.check();
        if (!whole.ok) return whole;
      }
      if (!known) {
        const there = await stat(path).catch(() => undefined);
        if (!there?.isFile()) return failed(fault('image.missing', `there is no file ${path}`));
      }
      const handed = await handOut(sha256, path);
      const found = handed.ok ? undefined : handed.fault.detail?.['found'];
      return typeof found === 'string' ? differs(path, sha256, found) : handed;
    },
    stage: ({file, sha256}: OwnIso) => cut(sha256, file),
    /** How a medium that was handed out is read. */
    offer: ({sha256}: Medium) => offers.get(sha256),
    /** What `stage` has given, by its own digest. */
    image: (digest: Sha256) => images.get(digest),
  };
}
