import type {JsonObject} from '../../json.ts';

/** A vendor's action that gives a picture of the host's screen. DMTF's schema has none. */
export interface ScreenAction {
  /** The resource that has it. */
  readonly at:
    | {readonly is: 'manager'}
    /** One that the manager links by these members; where it links none, the one below the manager's own path. */
    | {readonly is: 'service'; readonly by: readonly string[]; readonly below: string};
  /** As it is called among the resource's actions. */
  readonly action: string;
  readonly body: JsonObject;
  /** The member of its answer that holds the picture, in base64. */
  readonly picture: readonly string[];
}
