import type {JsonObject} from './json.ts';
import {catalogue, type FaultCode} from './fault-catalogue.ts';

export type {FaultCode} from './fault-catalogue.ts';

/**
 * Expected trouble. `code` is closed (`fault-catalogue.ts` holds what each means and what to type next);
 * `says` names the thing at hand in one line. Both are shown escaped, and masked before they are stored.
 */
export interface Fault {
  readonly code: FaultCode;
  readonly says: string;
  /** The state the machine is in now, where the place that failed knows it. */
  readonly state?: string;
  /** A better next command than the catalogue's, where the place that failed knows one. */
  readonly next?: string;
  readonly detail?: JsonObject;
}

export function fault(code: FaultCode, says: string, more: Omit<Fault, 'code' | 'says'> = {}): Fault {
  return {code, says, ...more};
}

/** What may be done after this fault: try at once, a person looks first, or nothing until the cause is gone. */
export const again = (f: Fault): 'safe' | 'look' | 'never' => catalogue[f.code].again;
