import {isolates} from './isolates.ts';

isolates('routed');
