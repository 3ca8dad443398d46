import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  Parser,
  parseDocument,
  type CST,
  type Node,
  type Pair,
} from 'yaml';
import type {Json} from '../json.ts';
import type {Finding, Path} from './finding.ts';
import type {Span} from './source.ts';
import {syntax} from './yaml-syntax.ts';

/** Where a value stands in the text, and the key that names it (none for the document itself and for list items). */
export interface Spot {
  readonly value: Span;
  readonly key?: Span;
}

export interface Document {
  readonly value: Json;
  /** By `pointer` of the path. */
  readonly spots: ReadonlyMap<string, Spot>;
  readonly findings: readonly Finding[];
}

export const pointer = (path: Path): string => path.map((part) => `/${String(part).replaceAll('/', '~1')}`).join('');

// A runbook nests five deep. The library resolves values by recursion, so the depth is held against the tokens first.
const deepest = 32;

/**
 * YAML 1.2 (core schema) as plain JSON values, and where each stands. The file must mean what its lines show, so it
 * cannot have aliases, anchors, merge keys or tags; that also ends every expansion bomb.
 */
export function readYaml(text: string): Document | {readonly value?: never; readonly findings: readonly Finding[]} {
  const refused = refuseTokens(text);
  if (refused) return {findings: [refused]};
  const document = parseDocument(text, {
    lineCounter: new LineCounter(),
    prettyErrors: false,
    uniqueKeys: false,
    merge: false,
    schema: 'core',
    // At 'silent' the library no longer reports a second document.
    logLevel: 'error',
  });
  const wrong = [...document.errors, ...document.warnings].filter(({code}) => code !== 'TAG_RESOLVE_FAILED');
  if (wrong.length > 0)
    return {findings: wrong.filter(isFirstOfItsKind).map(({code, pos}) => on(span(pos), syntax[code]))};
  if (document.contents === null) return {findings: [on({start: 0, end: 1}, 'the file holds no runbook')]};
  const reader = new Reader();
  const value = reader.read(document.contents, []);
  return {value, spots: reader.spots, findings: reader.findings};
}

/** After one mistake the rest of a block may be read out of place, and every token of it is then unexpected. */
const isFirstOfItsKind = ({code}: {code: string}, index: number): boolean => index === 0 || code !== 'UNEXPECTED_TOKEN';

const span = ([start, end]: readonly [number, number]): Span => ({start, end});
const on = (span: Span, says: string): Finding => ({at: {on: 'span', span}, says});

class Reader {
  readonly spots = new Map<string, Spot>();
  readonly findings: Finding[] = [];

  read(node: Node | null, path: Path, key?: Span): Json {
    const [start, end] = node?.range ?? [0, 0];
    // What is left empty has no place of its own.
    const value = start === end && key ? key : {start, end};
    this.spots.set(pointer(path), key ? {value, key} : {value});
    if (node === null) return null;
    if (isAlias(node))
      return this.#refuse(value, 'an alias (*name) is not permitted: write the value where it is used');
    if (node.anchor !== undefined)
      this.#refuse(value, 'an anchor (&name) is not permitted: write each value where it is used');
    if (node.tag !== undefined) this.#refuse(value, syntax.TAG_RESOLVE_FAILED);
    if (isMap(node)) return this.#map(node.items, path);
    if (isSeq(node)) return node.items.map((item, index) => this.read(item as Node | null, [...path, index]));
    return isScalar(node) ? this.#scalar(node.value, value) : null;
  }

  #map(pairs: readonly Pair[], path: Path): Json {
    // No prototype: a key of the file can never be taken for one of ours.
    const object = Object.create(null) as Record<string, Json>;
    for (const {key, value} of pairs) {
      const name = isScalar(key) && typeof key.value === 'string' ? key.value : undefined;
      const span = rangeOf(key);
      if (name === undefined) this.#refuse(span, 'a key must be plain text; quote it');
      else if (name === '<<')
        this.#refuse(span, 'a merge key (<<) is not permitted: write each value where it is used');
      else if (Object.hasOwn(object, name)) this.#refuse(span, 'the same key is given twice here');
      else object[name] = this.read(value as Node | null, [...path, name], span);
    }
    return object;
  }

  #scalar(value: unknown, span: Span): Json {
    if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
    // Above 2^53 a number is no longer the one that was written.
    if (typeof value === 'number' && Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value;
    return this.#refuse(span, 'a number that cannot be held exactly; quote it if it is a name');
  }

  #refuse(span: Span, says: string): null {
    this.findings.push(on(span, says));
    return null;
  }
}

function rangeOf(key: unknown): Span {
  const range = (key as Node | null)?.range;
  return range ? {start: range[0], end: range[1]} : {start: 0, end: 0};
}

/** What is refused before the library makes values of it: too deep a nest, and directives (`%YAML 1.1` changes `yes`). */
function refuseTokens(text: string): Finding | undefined {
  const open: {readonly token: CST.Token; readonly depth: number}[] = [];
  for (const token of new Parser().parse(text)) open.push({token, depth: 0});
  for (let next = open.pop(); next; next = open.pop()) {
    const {token, depth} = next;
    const here = span([token.offset, token.offset + 1]);
    if (depth > deepest) return on(here, syntax.RESOURCE_EXHAUSTION);
    if (token.type === 'directive') return on(here, syntax.BAD_DIRECTIVE);
    if (token.type === 'document' && token.value) open.push({token: token.value, depth});
    if (!('items' in token)) continue;
    for (const {key, value} of token.items)
      for (const inner of [key, value]) if (inner) open.push({token: inner, depth: depth + 1});
  }
  return undefined;
}
