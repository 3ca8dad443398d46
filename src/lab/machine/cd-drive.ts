import type {JsonObject} from '../../json.ts';
import {failed, ok, type Result} from '../../result.ts';
import {mediumNode, mediumNodeOptions, part} from './command-line.ts';
import type {Qmp} from './qmp.ts';

/** The virtual CD drive of a running machine. */
export interface CdDrive {
  load(qmp: Qmp, url: string): Promise<Result<void>>;
  /** Takes the medium out whether or not the guest has locked or mounted it. */
  unload(qmp: Qmp): Promise<Result<void>>;
  /** The machine was started anew; `loaded`: with a medium in the drive. */
  renew(loaded: boolean): void;
}

/** A drive that stays while its medium comes and goes, as a SATA drive does. */
export function ideDrive(): CdDrive {
  const nodes = mediumNodes();
  return {
    renew: () => nodes.renew(false),
    async load(qmp, url) {
      const node = await nodes.add(qmp, url);
      if (!node.ok) return node;
      // `force`: a guest that has the medium mounted keeps the tray locked.
      await qmp.execute('blockdev-open-tray', {id: part.drive, force: true});
      const inserted = await qmp.execute('blockdev-insert-medium', {id: part.drive, 'node-name': node.value});
      if (!inserted.ok) return inserted;
      return settled(await qmp.execute('blockdev-close-tray', {id: part.drive}));
    },
    async unload(qmp) {
      await qmp.execute('blockdev-open-tray', {id: part.drive, force: true});
      const removed = await qmp.execute('blockdev-remove-medium', {id: part.drive});
      return removed.ok ? nodes.remove(qmp) : removed;
    },
  };
}

/** A drive that appears with its medium and is unplugged with it, as a BMC's does. */
export function usbDrive(): CdDrive {
  const nodes = mediumNodes();
  return {
    renew: (loaded) => nodes.renew(loaded),
    async load(qmp, url) {
      const node = await nodes.add(qmp, url);
      if (!node.ok) return node;
      for (const device of [
        {driver: 'usb-bot', id: part.port, bus: `${part.usb}.0`},
        {driver: 'scsi-cd', id: part.drive, bus: `${part.port}.0`, drive: node.value},
      ] satisfies JsonObject[]) {
        const added = await qmp.execute('device_add', device);
        if (!added.ok) return added;
      }
      // usb-bot shows itself to the guest only once its disks are there.
      const path = `/machine/peripheral/${part.port}`;
      return settled(await qmp.execute('qom-set', {path, property: 'attached', value: true}));
    },
    async unload(qmp) {
      const gone = qmp.next(({name, data}) => name === 'DEVICE_DELETED' && data['device'] === part.port, 5_000);
      const unplugged = await qmp.execute('device_del', {id: part.port});
      if (!unplugged.ok) return unplugged;
      await gone;
      return nodes.remove(qmp);
    },
  };
}

const settled = (reply: Result<unknown>): Result<void> => (reply.ok ? ok(undefined) : failed(reply.fault));

/** The block node behind the drive: a new name for every medium, since QEMU forgets an old one only when it may. */
function mediumNodes() {
  let count = 0;
  let current: string | undefined;
  return {
    renew(loaded: boolean): void {
      count = 0;
      current = loaded ? mediumNode(0) : undefined;
    },
    async add(qmp: Qmp, url: string): Promise<Result<string>> {
      const options = mediumNodeOptions(url, ++count);
      const added = await qmp.execute('blockdev-add', options);
      if (!added.ok) return added;
      current = options['node-name'];
      return ok(current);
    },
    async remove(qmp: Qmp): Promise<Result<void>> {
      const node = current;
      current = undefined;
      return node === undefined ? ok(undefined) : settled(await qmp.execute('blockdev-del', {'node-name': node}));
    },
  };
}
