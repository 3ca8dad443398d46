import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {Results, Row} from './result.ts';
import {figure} from './table.ts';

/** What README shows of a bench, in its order: a measure in words, its section, and the names of its rows. */
const shown: readonly (readonly [measure: string, section: string, rows: readonly string[]])[] = [
  ['cuts, pulled from a web server: BBR, CUBIC', 'transfer', both('cut: rebuild, pull')],
  ['the same over the fastest peer', 'transfer', both('cut: rebuild, pull over the fastest peer')],
  ['cuts, pushed by SSH', 'transfer', both('cut: rebuild, push')],
  ['pushed, over the fastest peer', 'transfer', both('cut: rebuild, push over the fastest peer')],
  ...['aria2c', 'curl', 'bmaptool', 'rsync', 'sftp'].map(
    (peer) => [`cuts, by ${peer}`, 'transfer', both(`cut: ${peer}`)] as const,
  ),
  ['no cuts, 110 MB, pulled', 'transfer', both('uncut: rebuild, pull')],
  ['no cuts, 110 MB, pushed', 'transfer', both('uncut: rebuild, push')],
  ['no cuts, 805 MB, pulled', 'bulk', both('uncut, bulk: rebuild, pull')],
  ['no cuts, 805 MB, by aria2c', 'bulk', both('uncut, bulk: aria2c')],
  ['sent twice per cut, pulled', 'transfer', each('rebuild, pull: sent twice per cut')],
  ['sent twice per cut, pushed', 'transfer', each('rebuild, push: sent twice per cut')],
  [
    'verified and sent again',
    'transfer',
    ['pull', 'push'].flatMap((way) => each(`rebuild, ${way}: verified and sent again`)),
  ],
  ['167 kB/s, a cut every 30 s: pull, push', 'slow', ['pull', 'push'].map((way) => `cubic, cut: rebuild, ${way}`)],
  ['the same by curl, aria2c', 'slow', ['curl', 'aria2c'].map((peer) => `cubic, cut: ${peer}`)],
  ['memory on the target: pull, push', 'memory', ['pull', 'push'].map((way) => `rebuild, ${way}: peak`)],
  ['SIGKILL to the next chunk on the disk', 'resume', ['rebuild resume to the next chunk']],
  ['checkpoints in the install', 'whole', ['checkpoints in the install']],
  ['whole rebuild over a plain script', 'whole', ['rebuild over a plain script']],
  ['light ISO to SSH over its kernel’s start', 'whole', ['light system: SSH answers over PID 1']],
  ['`--help`, `status` over `node -e 0`', 'start-up', ['rebuild --help', 'rebuild status']],
];

function both(rest: string): readonly string[] {
  return [`bbr, ${rest}`, `cubic, ${rest}`];
}

function each(rest: string): readonly string[] {
  return [`bbr: ${rest}`, `cubic: ${rest}`];
}

/** The table of README's figures, as `oxfmt` lays it out. A row that is missing or was not measured is an error. */
export function readmeTable({sections}: Results): string {
  const rows = shown.map(([measure, section, names]): readonly [string, string, string, string] => {
    const found = names.map((name) => rowOf(sections[section]?.rows, section, name));
    return [
      measure,
      found.map(({median, unit, atLeast}) => `${atLeast ? '> ' : ''}${figure(median ?? NaN, unit)}`).join(', '),
      wantedOf(found),
      `\`${section}\`${found.every(({met}) => met !== false) ? '' : ', missed'}`,
    ];
  });
  const all = [['measure', 'median', 'wanted', 'section'] as const, ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |\n`;
  const [head, ...body] = all.map(line);
  return `${head}${line(widths.map((width) => '-'.repeat(width)))}${body.join('')}`;
}

/** Each row's own target; one for all where they are the same. */
function wantedOf(rows: readonly Row[]): string {
  const texts = rows.map(({target, unit}) =>
    target ? ('atMost' in target ? `≤ ${figure(target.atMost, unit)}` : `< ${figure(target.below, unit)}`) : '',
  );
  return new Set(texts).size === 1 ? texts[0]! : texts.map((text) => text || 'none').join(', ');
}

function rowOf(rows: readonly Row[] | undefined, section: string, name: string): Row {
  const row = rows?.find((one) => one.name === name);
  if (row?.median === null || row === undefined) throw new Error(`no figure of ${section}: ${name}`);
  return row;
}

if (import.meta.main)
  process.stdout.write(
    readmeTable(JSON.parse(await readFile(join(import.meta.dirname, 'result/bench.json'), 'utf8')) as Results),
  );
