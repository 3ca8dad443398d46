import type {JsonObject} from '../../json.ts';
import type {ScreenAction} from './screen.ts';
import type {Way} from './way.ts';

/** A parameter of InsertMedia or property of a slot that is sent beside `Image`. */
export type Field =
  | 'Inserted'
  | 'WriteProtected'
  | 'TransferMethod'
  | 'TransferProtocolType'
  | 'UserName'
  | 'Password'
  | 'MediaType';

/**
 * A vendor's ways as data. The generic profile is what DMTF's schema says; a vendor's states only where it differs, each
 * entry with the source that it is known from. Behaviour that any BMC may show (a missing parameter named in an error, a
 * task, a stale answer) is no quirk: the client handles it for all.
 */
export interface Profile {
  readonly name: 'generic' | 'dell' | 'hpe' | 'lenovo' | 'supermicro' | 'openbmc' | 'ami' | 'lab';
  /** Any one match names the vendor. */
  readonly match: {
    /** Service root `Vendor`. */
    readonly vendor?: RegExp;
    /** Members of `Oem` of service root, system or manager. */
    readonly oem?: readonly string[];
    /** System `Manufacturer`. */
    readonly manufacturer?: RegExp;
    /** Manager `Model`. */
    readonly manager?: RegExp;
  };
  /** System properties that hold what the machine's DMI calls its serial number, the first present one counts. */
  readonly serial: readonly ('SerialNumber' | 'SKU')[];
  readonly slots: {
    /** Ids in order of preference; others come after, in the BMC's own order. */
    readonly prefer: readonly RegExp[];
    /** Ids of slots that refuse an image by URL. */
    readonly exclude: readonly RegExp[];
  };
  readonly insert: {
    /** What a slot without an InsertMedia action is: filled by PATCH, or of no use. */
    readonly withoutAction: 'patch' | 'useless';
    /** Sent from the first try on. */
    readonly fields: readonly Field[];
    readonly schemes: readonly ('http' | 'https')[];
  };
  readonly state: {
    /** The property that tells whether an image is attached. */
    readonly attachedBy: 'Inserted' | 'ConnectedVia';
    /** Values of `Image`, beside null and absence, that mean none. */
    readonly noImage: readonly string[];
  };
  readonly boot: {
    /** Names of the virtual CD as boot target, in order of preference. */
    readonly targets: readonly string[];
    /** Whether properties that already have their value are sent again. */
    readonly resend: boolean;
  };
  readonly log: {
    /** Ids of log services that speak of virtual media, in order of preference. */
    readonly prefer: readonly RegExp[];
    /** MessageIds, without a registry's name and version. */
    readonly inserted: readonly string[];
    readonly ejected: readonly string[];
  };
  readonly accounts: {
    /** Writes that free an account's slot, in order, where DELETE does not. */
    readonly free: readonly JsonObject[];
  };
  /** Ways from the host to the BMC, in the order in which they are closed. */
  readonly ways: readonly Way[];
  /** What can be said of IPMI over KCS where none of the ways shows it: it is there on nearly every server. */
  readonly kcs: string;
  /** What happens to an attached image when the server is reset. */
  readonly onReset: 'kept' | 'dropped' | 'unknown';
  /** An OEM action of the manager without which slots are hidden or useless while `status` reads `off`. */
  readonly reveal?: {
    readonly action: string;
    readonly body: JsonObject;
    readonly status: readonly string[];
    readonly off: string;
  };
  /** How a picture of the host's screen is had; absent where no way is known. */
  readonly screen?: ScreenAction;
}
