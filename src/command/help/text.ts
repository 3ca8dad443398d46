import type {Command} from 'commander';
import {wrap} from '../../view/escape.ts';
import {topics, type Block, type Topic} from './topic.ts';

/**
 * `rebuild help`: everything there is help for. `rebuild help NAME`: a topic, a command, or where both have that name,
 * the one above the other. Undefined where neither has.
 */
export function helpText(program: Command, name: string | undefined): string | undefined {
  if (name === undefined) return program.helpInformation() + list();
  const topic = topics.find((one) => one.name === name);
  const command = program.commands.find((one) => one.name() === name);
  if (!topic && !command) return undefined;
  return [...(topic ? [topicText(topic)] : []), ...(command ? [command.helpInformation()] : [])].join('\n');
}

const columns = 79;

const list = (): string =>
  `\nTopics (rebuild help TOPIC):\n${topics.map(({name, title}) => `  ${name.padEnd(12)} ${title}\n`).join('')}`;

const topicText = ({title, body}: Topic): string => `${title}\n\n${body.map(blockText).join('\n')}`;

function blockText(block: Block): string {
  if (typeof block === 'string') return `${wrap(block, columns).join('\n')}\n`;
  // Terms and what they mean stand beside each other where the longest term leaves room for a sentence.
  const widest = Math.max(...block.terms.map(([term]) => term.length));
  const beside = widest <= 32;
  const lines = block.terms.flatMap(([term, says]) => {
    const at = beside ? widest + 6 : 8;
    const said = wrap(says, columns - at).map((line) => ' '.repeat(at) + line);
    return beside
      ? [`    ${term}`.padEnd(at) + (said[0] ?? '').trimStart(), ...said.slice(1)]
      : [`    ${term}`, ...said];
  });
  return `${lines.join('\n')}\n`;
}
