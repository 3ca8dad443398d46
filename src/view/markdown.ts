import {escape} from './escape.ts';

/**
 * Foreign text as a code span. Inside one, Markdown knows no markup: no link, no image that calls home, no HTML. The
 * delimiter is longer than any run of backticks within (CommonMark 6.1).
 */
export function code(text: string): string {
  const safe = escape(text);
  const longest = Math.max(0, ...[...safe.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const padding = safe.startsWith('`') || safe.endsWith('`') ? ' ' : '';
  return `${fence}${padding}${safe}${padding}${fence}`;
}

/** Safe lines as a code block. A line of backticks inside cannot close it: the fence is longer than any of them. */
export function codeBlock(lines: readonly string[]): readonly string[] {
  const longest = Math.max(2, ...lines.flatMap((line) => [...line.matchAll(/`+/g)].map(([run]) => run.length)));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}text`, ...lines, fence];
}
