/** The keeper as a process: `node main.ts FOLDER-OF-STATE HOST`. `lab up` starts it detached, its output is its log. */
import {readFileSync} from 'node:fs';
import {hostName} from '../../brand.ts';
import {blueprintSchema} from '../blueprint.ts';
import {labFolder} from '../folder.ts';
import {namespaceNetwork} from '../network/namespaces.ts';
import {keepLab} from './keep.ts';

const [state = '', name = ''] = process.argv.slice(2);
const host = hostName(name);
if (host === undefined) throw new Error('usage: main STATE HOST');

const folder = labFolder(host, {state, cache: ''});
const blueprint = blueprintSchema.parse(JSON.parse(readFileSync(folder.blueprint, 'utf8')));
const log = (says: string): void => void process.stdout.write(`${new Date().toISOString()} ${says}\n`);

// A terminal's Ctrl-C is for the command, not for the lab.
process.on('SIGINT', () => {});
process.on('SIGHUP', () => {});
await keepLab(blueprint, folder, namespaceNetwork(blueprint.prefix), log);
process.exit(0);
