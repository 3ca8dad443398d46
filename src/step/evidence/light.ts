import {sha256} from '../../brand.ts';
import type {Tool} from '../../evidence/custody.ts';
import type {Proof} from '../step.ts';

/** The light system as a tool: by the medium that this run mounted, and by the start that it runs since. */
export function lightTool(mounted: Proof | undefined, bootId: string): Tool {
  const [iso, base] = [mounted?.data['iso'], mounted?.data['base']];
  return {
    name: 'rebuild light system',
    version: `base ${typeof base === 'string' ? base : 'unknown'}, boot ${bootId}`,
    sha256: (typeof iso === 'string' ? sha256(iso) : undefined) ?? null,
  };
}
