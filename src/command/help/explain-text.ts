import {escape, wrap} from '../../view/escape.ts';
import type {Explanation, Field} from './explain.ts';

const again = {
  safe: 'The same may simply be tried once more.',
  look: 'Look at the machine first, then decide.',
  never: 'Trying again changes nothing until the cause is gone.',
} as const;

/** An explanation for a person, with a line end, at most `columns` wide. */
export function renderExplanation(explanation: Explanation, columns = 80): string {
  return `${body(explanation, columns).join('\n')}\n`;
}

function body(explanation: Explanation, columns: number): readonly string[] {
  switch (explanation.topic) {
    case 'step': {
      const {name, says, irreversible, fields, example} = explanation;
      return [
        name,
        ...indented(says, 2, columns),
        ...indented(irreversible ? 'Cannot be undone.' : 'Can be undone, or changes nothing that lasts.', 2, columns),
        '',
        ...(fields.length > 0 ? fields.flatMap((field) => describe(field, columns)) : ['  It has no params.']),
        ...(example === undefined ? [] : ['', '  Example:', '', ...example.split('\n').map((line) => `    ${line}`)]),
      ];
    }
    case 'key': {
      const {name, says, value, fields} = explanation;
      return [
        `${name}: ${facts(value)}`,
        ...indented(says, 2, columns),
        ...(fields.length > 0 ? ['', ...fields.flatMap((field) => describe(field, columns))] : []),
      ];
    }
    case 'fault': {
      const {name, says, next, exit} = explanation;
      return [
        name,
        ...indented(says, 2, columns),
        ...indented(again[explanation.again], 2, columns),
        `  exit  ${exit}  (rebuild explain exit)`,
        ...indented(`next  ${next}`, 2, columns),
      ];
    }
    case 'exit':
      return explanation.codes.flatMap(({code, name, means}) =>
        rows(`${String(code).padStart(3)}  ${name}`, 18, means, columns),
      );
    case 'list': {
      const wide = Math.max(...explanation.entries.map(({name}) => name.length)) + 4;
      return [
        explanation.name,
        '',
        ...explanation.entries.flatMap(({name, says}) => rows(`  ${name}`, wide, says, columns)),
      ];
    }
    case 'unknown':
      return [
        `nothing is called "${escape(explanation.name)}"${explanation.hint === undefined ? '' : `; ${explanation.hint}`}`,
        'next: rebuild explain',
      ];
    default:
      return explanation satisfies never;
  }
}

const describe = (field: Field, columns: number): readonly string[] => [
  ...wrap(`${field.name}: ${facts(field)}`, columns - 4).map((line, index) =>
    index === 0 ? `  ${line}` : `    ${line}`,
  ),
  ...indented(field.says, 6, columns),
];

const facts = ({type, required, default: value}: Pick<Field, 'type' | 'required' | 'default'>): string =>
  `${type}${value !== undefined ? `, by default ${value}` : required ? '' : ', may be left out'}`;

const indented = (text: string, by: number, columns: number): readonly string[] =>
  wrap(text, columns - by).map((line) => ' '.repeat(by) + line);

/** A name and, beside it from column `at`, what it means. */
const rows = (name: string, at: number, text: string, columns: number): readonly string[] =>
  wrap(text, columns - at).map((line, index) => (index === 0 ? name : '').padEnd(at) + line);
