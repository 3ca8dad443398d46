/** The keeper as a process: `node main.ts DIRECTORY-OF-THE-LAB`. `lab up` starts it detached, its output is its log. */
import {readFileSync} from 'node:fs';
import {blueprintSchema} from '../blueprint.ts';
import {labFolderAt} from '../folder.ts';
import {namespaceNetwork} from '../network/namespaces.ts';
import {userspaceNetwork} from '../userspace/network.ts';
import {keepLab} from './keep.ts';

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error('usage: main DIRECTORY');

const folder = labFolderAt(directory);
const blueprint = blueprintSchema.parse(JSON.parse(readFileSync(folder.blueprint, 'utf8')));
const log = (says: string): void => void process.stdout.write(`${new Date().toISOString()} ${says}\n`);

// A terminal's Ctrl-C is for the command, not for the lab.
process.on('SIGINT', () => {});
process.on('SIGHUP', () => {});
const network = blueprint.userspace ? userspaceNetwork(folder) : namespaceNetwork(blueprint.prefix);
await keepLab(blueprint, folder, network, log);
process.exit(0);
