import {z} from 'zod';
import {gathered, indicatorOf, type Indicator, type Indicators, type Unsupported} from './indicator.ts';

const bundle = z.object({type: z.literal('bundle'), objects: z.array(z.looseObject({type: z.string()})).default([])});
const indicator = z.object({
  type: z.literal('indicator'),
  pattern: z.string(),
  pattern_type: z.string().default('stix'),
  revoked: z.boolean().default(false),
});

/** Observables beside the indicators that refer to nothing by themselves: who wrote them, how they relate. */
const aside = new Set([
  'identity',
  'relationship',
  'marking-definition',
  'report',
  'malware',
  'threat-actor',
  'campaign',
]);

/**
 * A STIX 2.1 bundle. Of its patterns those are understood that compare one property for equality, and such joined by
 * OR; the rest is named. Undefined where the text is no bundle.
 */
export function readStix(text: string): Indicators | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = bundle.safeParse(value);
  if (!parsed.success) return undefined;
  return gathered(
    parsed.data.objects.flatMap((object): readonly (Indicator | Unsupported)[] => {
      const found = indicator.safeParse(object);
      if (!found.success) return aside.has(object.type) ? [] : [{text: object.type, because: 'it is no indicator'}];
      const {pattern, pattern_type: language, revoked} = found.data;
      if (revoked) return [{text: pattern, because: 'its author has revoked it'}];
      return language === 'stix'
        ? patternOf(pattern)
        : [{text: pattern, because: `patterns of ${language} are not read`}];
    }),
  );
}

/** The comparisons of a pattern, any one of which is a sighting; the whole pattern as unsupported where it is more. */
export function patternOf(pattern: string): readonly (Indicator | Unsupported)[] {
  const comparisons = disjuncts(pattern);
  if (comparisons === undefined) return [{text: pattern, because: 'only = and OR are understood'}];
  return comparisons.map(({object, property, value}) => {
    const type = typeOf(object, property);
    return type === undefined
      ? {text: pattern, because: `${object}:${property} is not looked for`}
      : named(indicatorOf(type, value), pattern);
  });
}

const named = (found: Indicator | Unsupported, text: string): Indicator | Unsupported =>
  'kind' in found ? found : {...found, text};

interface Comparison {
  readonly object: string;
  readonly property: string;
  readonly value: string;
}

const token =
  /\s*(?:(\[)|(\])|(OR)\b|([a-z0-9-]+):([a-z_]+(?:\.(?:[A-Za-z0-9_-]+|'[^']*'))*)\s*=\s*'((?:[^'\\]|\\.)*)')/y;

/** Undefined where there is anything else than brackets, OR and comparisons for equality, in their order. */
function disjuncts(pattern: string): readonly Comparison[] | undefined {
  const comparisons: Comparison[] = [];
  let depth = 0;
  let wants: 'comparison' | 'joint' = 'comparison';
  token.lastIndex = 0;
  for (let at = 0; at < pattern.trimEnd().length; at = token.lastIndex) {
    token.lastIndex = at;
    const [whole, open, close, or, object, property, value] = token.exec(pattern) ?? [];
    if (whole === undefined) return undefined;
    if (open !== undefined) {
      if (depth++ > 0 || wants !== 'comparison') return undefined;
    } else if (close !== undefined) {
      if (--depth !== 0 || wants !== 'joint') return undefined;
    } else if (or !== undefined) {
      if (wants !== 'joint') return undefined;
      wants = 'comparison';
    } else if (object !== undefined && property !== undefined && value !== undefined) {
      if (depth !== 1 || wants !== 'comparison') return undefined;
      comparisons.push({object, property, value: value.replaceAll(/\\(.)/g, '$1')});
      wants = 'joint';
    }
  }
  return depth === 0 && wants === 'joint' ? comparisons : undefined;
}

function typeOf(object: string, property: string): string | undefined {
  const hash = /^hashes\.'?([A-Za-z0-9-]+)'?$/.exec(property)?.[1];
  if (object === 'file' && hash !== undefined) return hash;
  if ((object === 'file' || object === 'process') && property === 'name') return 'name';
  if (property === 'value') return object;
  if (object === 'network-traffic' && (property === 'dst_ref.value' || property === 'src_ref.value')) return 'address';
  return object === 'windows-registry-key' ? object : undefined;
}
