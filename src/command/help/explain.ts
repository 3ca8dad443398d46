import {z} from 'zod';
import {exit} from '../../exit.ts';
import {catalogue, type FaultCode} from '../../fault-catalogue.ts';
import type {Path} from '../../runbook/finding.ts';
import {bare, description, schemaAt} from '../../runbook/schema-at.ts';
import {runbookSchema} from '../../runbook/schema.ts';
import type {StepKinds} from '../../runbook/steps.ts';
import {didYouMean} from '../../runbook/suggest.ts';
import {exitMeaning} from './exit-meaning.ts';
import {valueType, type ValueType} from './param-type.ts';
import {stepExample} from './step-example.ts';

export interface Field extends ValueType {
  readonly name: string;
  readonly says: string;
}

export interface ExitCodeMeaning {
  readonly code: number;
  readonly name: string;
  readonly means: string;
}

/** What `rebuild explain NAME` knows, one variant for each kind of name. */
export type Explanation =
  | {
      readonly topic: 'step';
      readonly name: string;
      readonly says: string;
      readonly irreversible: boolean;
      readonly fields: readonly Field[];
      /** YAML, one step. */
      readonly example: string | undefined;
    }
  | {
      readonly topic: 'key';
      readonly name: string;
      readonly says: string;
      readonly value: ValueType;
      readonly fields: readonly Field[];
    }
  | {
      readonly topic: 'fault';
      readonly name: FaultCode;
      readonly says: string;
      readonly again: 'safe' | 'look' | 'never';
      readonly next: string;
      readonly exit: number;
    }
  | {readonly topic: 'exit'; readonly codes: readonly ExitCodeMeaning[]}
  | {
      readonly topic: 'list';
      readonly name: string;
      readonly entries: readonly {readonly name: string; readonly says: string}[];
    }
  | {readonly topic: 'unknown'; readonly name: string; readonly hint: string | undefined};

export interface Explained {
  readonly kinds: StepKinds;
  /** Texts of runbooks that examples are taken from, the first that has one. */
  readonly examples: readonly string[];
}

/**
 * Explains a step kind, a runbook key (`bmc.certificate`), a fault code, an exit code (`exit`, `3`, `refused`), or lists
 * `steps`, `faults`, the keys of the `runbook`. Without a name: what can be explained.
 */
export function explain(name: string, known: Explained): Explanation {
  return (
    list(name, known) ??
    step(name, known) ??
    fault(name) ??
    exitCode(name) ??
    key(name) ?? {topic: 'unknown', name, hint: didYouMean(name, names(known))}
  );
}

/** Everything that `explain` knows by name; also what a shell completes. */
export const names = ({kinds}: Pick<Explained, 'kinds'>): readonly string[] => [
  ...Object.keys(topics),
  'exit',
  ...kinds.keys(),
  ...Object.keys(catalogue),
  ...Object.keys(exit),
  ...keyNames(),
];

const topics = {
  steps: 'every step kind',
  runbook: 'the keys of a runbook',
  faults: 'every fault code',
} as const;

function list(name: string, {kinds}: Explained): Explanation | undefined {
  switch (name) {
    case '':
      return {
        topic: 'list',
        name: 'what can be explained',
        entries: [
          ...Object.entries(topics).map(([name, says]) => ({name, says})),
          {name: 'exit', says: 'every exit code'},
          {name: 'NAME', says: 'one of them: disk.wipe, bmc.certificate, media.lost, 3'},
        ],
      };
    case 'steps':
      return {
        topic: 'list',
        name: 'step kinds',
        entries: [...kinds.values()].map(({kind, summary}) => ({name: kind, says: summary})),
      };
    case 'faults':
      return {
        topic: 'list',
        name: 'fault codes',
        entries: Object.entries(catalogue).map(([name, {means}]) => ({name, says: means})),
      };
    default:
      return undefined;
  }
}

function step(name: string, {kinds, examples}: Explained): Explanation | undefined {
  const kind = kinds.get(name);
  if (!kind) return undefined;
  const {summary, irreversible, params} = kind;
  return {
    topic: 'step',
    name,
    says: summary,
    irreversible,
    fields: fieldsOf(params),
    example: examples.map((text) => stepExample(name, text, kinds)).find((found) => found !== undefined),
  };
}

function fault(name: string): Explanation | undefined {
  if (!Object.hasOwn(catalogue, name)) return undefined;
  const code = name as FaultCode;
  const {means, again, next, exit: code_ = exit.failed} = catalogue[code];
  return {topic: 'fault', name: code, says: means, again, next, exit: code_};
}

function exitCode(name: string): Explanation | undefined {
  const all = Object.entries(exit).map(([name, code]) => ({code, name, means: exitMeaning[name as keyof typeof exit]}));
  const codes = name === 'exit' ? all : all.filter(({code, name: called}) => String(code) === name || called === name);
  return codes.length > 0 ? {topic: 'exit', codes} : undefined;
}

function key(name: string): Explanation | undefined {
  const path: Path = name === 'runbook' ? [] : name.split('.');
  const schema = schemaAt(runbookSchema, path);
  if (!schema) return undefined;
  return {topic: 'key', name, says: description(schema) ?? '', value: valueType(schema), fields: fieldsOf(schema)};
}

/** The keys of a mapping, or of each entry in a mapping of names or a list. */
function fieldsOf(schema: z.core.$ZodType): readonly Field[] {
  const here = bare(schema);
  if (here instanceof z.ZodRecord) return fieldsOf(here.valueType);
  if (here instanceof z.ZodArray) return fieldsOf(here.element);
  if (!(here instanceof z.ZodObject)) return [];
  return Object.entries(here.shape as Readonly<Record<string, z.core.$ZodType>>).map(([name, field]) => ({
    name,
    says: description(field) ?? '',
    ...valueType(field),
  }));
}

const keyNames = (): readonly string[] =>
  Object.entries(runbookSchema.shape).flatMap(([name, schema]) => [
    ...(name in topics ? [] : [name]),
    ...(bare(schema) instanceof z.ZodObject ? fieldsOf(schema).map((field) => `${name}.${field.name}`) : []),
  ]);
