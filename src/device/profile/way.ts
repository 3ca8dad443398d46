import type {WayKind} from '../../step/bmc/state.ts';

/** A property through which a way from the host to the BMC shows and is closed. */
export interface Way {
  readonly kind: WayKind;
  /** The resource that has it, from the manager's on. */
  readonly at:
    | {readonly is: 'manager'}
    /** A resource that the manager links by these members. */
    | {readonly is: 'linked'; readonly by: readonly string[]}
    /** Each member of a collection that the manager links. */
    | {readonly is: 'each'; readonly of: readonly string[]}
    /** A resource below the manager's own path, where nothing links it. */
    | {readonly is: 'below'; readonly path: string};
  readonly property: readonly string[];
  /** Values that mean closed. Firmware versions differ in type: the one of the type that was read is sent. */
  readonly closed: readonly (boolean | string)[];
}

/** DMTF's HostInterface: a network between host and BMC, and accounts that the host can make on it for itself. */
export const hostInterfaces: readonly Way[] = [
  {
    kind: 'host-interface',
    at: {is: 'each', of: ['HostInterfaces']},
    property: ['InterfaceEnabled'],
    closed: [false],
  },
  {
    kind: 'bootstrapping',
    at: {is: 'each', of: ['HostInterfaces']},
    property: ['CredentialBootstrapping', 'Enabled'],
    closed: [false],
  },
];
