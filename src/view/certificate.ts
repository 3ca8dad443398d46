import type {Certificate} from '../certificate/certificate.ts';
import {bytes} from './bytes.ts';
import {escape, wrap} from './escape.ts';
import {code} from './markdown.ts';
import {screenColumns} from './row.ts';

/** A certificate in Markdown, readable as it is. */
export function certificateText(certificate: Certificate): readonly string[] {
  const {serial, name, medium, category, standard, techniques, host, run, verification, validation, journal} =
    certificate;
  const {manufacturer, model, firmware, wwn, bus, type, sizeBytes, nativeBytes} = medium;
  const hidden = nativeBytes !== null && nativeBytes > sizeBytes;
  return [
    category === 'none'
      ? `# Disk ${escape(serial)}: not sanitized`
      : `# Certificate of sanitization: ${escape(serial)}`,
    '',
    ...(certificate.lab ? ['A virtual disk of the lab.', ''] : []),
    ...(category === 'none'
      ? [
          ...wrap(
            `Tables, signatures and both ends were taken off; content is still on the disk. ${standard} has no word for that.`,
            screenColumns - 1,
          ),
          '',
        ]
      : []),
    '## Medium',
    '',
    ...item(`serial ${code(serial)}, named ${code(name)} in the runbook`),
    ...item(
      `${code([manufacturer, model].filter(Boolean).join(' ') || 'unknown model')}, firmware ${code(firmware || 'unknown')}`,
    ),
    ...item(
      `${bus}, ${type}, ${bytes(sizeBytes)} (${sizeBytes} bytes)${hidden ? `, of ${nativeBytes} on the medium` : ''}`,
    ),
    ...item(`world wide name ${code(wwn || 'none told')}`),
    ...item(
      `in ${code(host.name)}: ${code([host.vendor, host.model].filter(Boolean).join(' ') || 'unknown machine')}, serial ${code(host.serial ?? 'unknown')}`,
    ),
    '',
    '## Sanitization',
    '',
    ...item(category === 'none' ? `${standard}: none` : `${standard}: **${category}**; technique as in ${techniques}`),
    ...item(`${escape(certificate.technique)} (${code(certificate.method)})`),
    ...item(
      certificate.command === null
        ? 'command: not on record, the light system was restarted'
        : `command ${code(certificate.command)}`,
    ),
    ...(certificate.tool === null ? [] : item(`by ${code(certificate.tool)}`)),
    ...item(`from ${certificate.began} to ${certificate.ended}, attempt ${certificate.attempts}`),
    ...item(`evidence before: ${code(certificate.evidence)}`),
    '',
    '## Verification: did the technique end as intended',
    '',
    ...item(`**${verification.result}**: ${outcomeOf(verification)}`),
    ...(verification.result === 'passed' ? [] : item(`checked instead: ${escape(verification.instead)}`)),
    ...item(readingOf(verification)),
    ...item(drawingOf(verification)),
    ...(verification.deviation === null ? [] : item(`less than SP 800-88r1 4.7: ${escape(verification.deviation)}`)),
    ...(verification.seen.length ? item(`seen of the disk’s own erase: ${verification.seen.join(', ')}`) : []),
    '',
    '## Validation: is it what was asked for',
    '',
    ...item(`**${validation.decision}**: ${code(validation.asked)}, by plan ${code(validation.plan)}`),
    ...item(`agreed to by ${validation.by.map(code).join(', ')}`),
    ...item('whether that level suits the data and where the disk goes is for its owner to say'),
    '',
    '## Record',
    '',
    ...item(`operator ${code(certificate.operator)}, run ${code(run)}, rebuild ${escape(certificate.rebuild)}`),
    ...item(
      `journal entry ${journal.entry}, hash ${code(journal.hash)}${journal.holds ? '' : '; **ITS HASH CHAIN DOES NOT HOLD**'}`,
    ),
  ];
}

type Verification = Certificate['verification'];

function outcomeOf({result, expected, pattern, places, compared}: Verification): string {
  if (result === 'nothing to compare') return `all ${places} places that were read before the erase were blank`;
  switch (expected) {
    case 'zero':
      return 'every place that was read is zero';
    case 'fixed':
      return `every place that was read is ${pattern === 'ones' ? 'ones' : 'zeroes'} throughout, which the technique may leave`;
    case 'ends':
      return 'both ends, and both borders of every old partition, are zero';
    case 'changed':
      return `all ${compared} places that held something before the erase read differently after it${places > compared ? `; ${places - compared} more were blank before and say nothing` : ''}`;
    default:
      return expected satisfies never;
  }
}

const readingOf = ({expected, places, compared, bytes: count, percent}: Verification): string =>
  `${expected === 'changed' ? `${places} places read before, ${compared} after` : `${places} places`}: ${bytes(count)}, ${percent} % of the disk, read past every cache of the host`;

const drawingOf = ({seed, sections, expected}: Verification): string => {
  if (seed !== null)
    return `two places in each of ${sections} sections, drawn from seed ${code(seed)}; both ends, old borders and superblocks beside; places show gross failure only`;
  return expected === 'ends'
    ? 'no place was drawn: what lies between was not read'
    : 'no place was drawn: the disk is so small that it was read whole';
};

const item = (text: string): readonly string[] =>
  wrap(text, screenColumns - 3).map((line, index) => (index === 0 ? `- ${line}` : `  ${line}`));
