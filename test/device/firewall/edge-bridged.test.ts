import {isolates} from './isolates.ts';

isolates('bridged');
