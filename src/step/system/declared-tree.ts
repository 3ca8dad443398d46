import {fault} from '../../fault.ts';
import {failed, type Result} from '../../result.ts';
import {installation} from './installation.ts';
import type {TreeEntry} from './tree.ts';
import type {Look} from '../world.ts';

/** What the runbook's image and this run's own files come to on the new system. */
export async function declaredTree(look: Look): Promise<Result<readonly TreeEntry[]>> {
  const installed = installation(look.runbook);
  if (!installed) return failed(fault('disk.not-found', 'no os.install step says which image the new system is of'));
  const image = await look.shelf.os(installed.image);
  return image.ok ? look.shelf.tree(image.value) : image;
}
