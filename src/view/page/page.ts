import {createHash} from 'node:crypto';
import type {Account, Unreadable} from '../account.ts';
import {breachFacts, breakText, type BrokenChain} from '../breach.ts';
import {count} from '../count.ts';
import {duration, minute} from '../duration.ts';
import {figureTexts} from '../figures-text.ts';
import {titles} from '../report.ts';
import {drawing, promiseDrawing} from './drawing.ts';
import {html, Markup, type Content} from './markup.ts';
import {
  approvals,
  deviations,
  digests,
  disks,
  interruptions,
  prompts,
  proofs,
  timelineTable,
  unproved,
} from './sections.ts';
import {style} from './style.ts';

/**
 * The post-mortem as one page that stands alone: no script, nothing fetched, and a policy that forbids both. It is sent
 * to users and auditors, opened from a mail, printed.
 */
export function pageText(account: Account | Unreadable): string {
  const {chain} = account;
  const [run, inside] =
    account.type === 'run.report' ? [account.summary.run, body(account)] : [account.run, bare(account)];
  const text = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <meta name="robots" content="noindex" />
        <title>${run}: report</title>
        ${sheet}
      </head>
      <body>
        ${chain.holds ? undefined : alert(chain)} ${inside}
      </body>
    </html> `;
  return text.toString();
}

// A style's text is no markup, and this one is ours alone.
const sheet = new Markup(`<style>${style}</style>`);

/** Nothing is loaded, framed, sent or run; the one style is the one with this digest. */
const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'`;

function alert(chain: BrokenChain): Markup {
  return html`<div class="alert" role="alert">
    <p><strong>${breakText(chain)}</strong></p>
    ${
      chain.where
        ? html`<dl class="facts">
            ${breachFacts(chain.where).map(
              ([name, value]) =>
                html`<dt>${name}</dt>
                  <dd class="mono">${value}</dd>`,
            )}
          </dl>`
        : undefined
    }
    <p>
      What follows is an account of the entries before that place alone. An entry was changed or removed after it was
      written: nothing from there on proves anything. Keep the file as it is.
    </p>
  </div>`;
}

const section = (title: string, ...inside: readonly Content[]): Markup =>
  html`<section>
    <h2>${title}</h2>
    ${inside}
  </section> `;

const bare = ({run, unproved: rows}: Unreadable): Markup =>
  html`<h1>${run}: not proved</h1>
    ${section('What stands in the file and is not proved', unproved(rows))}`;

function body(account: Account): Markup {
  const {summary, chain, events, gate, figures} = account;
  return html`<header>
      <h1>${summary.host}: ${chain.holds ? titles[summary.result] : 'not proved'}</h1>
      <p>
        ${minute(summary.begun)} to ${minute(summary.ended)}, ${duration(summary.seconds)}
        <span class="verdict ${chain.holds ? 'good' : 'bad'}"
          >${chain.holds ? `${count(events.length, 'event')}, chain ok` : 'chain broken'}</span
        >
      </p>
      ${facts(account)}
    </header>
    ${section(
      'Numbers',
      html`<dl class="numbers">
        ${figureTexts(figures).map(
          ({name, value, says}) =>
            html`<div>
              <dt>${name}</dt>
              <dd class="value">${value}</dd>
              <dd class="says">${says}</dd>
            </div>`,
        )}
      </dl>`,
    )}
    ${section('What happened', drawing(account), promiseDrawing(account))} ${section('Proofs', proofs(account))}
    ${section('What each interruption cost', interruptions(account))}
    ${gate ? section('Approvals', approvals(gate, account)) : undefined} ${section('Disks', disks(account))}
    ${section('Deviations', deviations(account))}
    ${section(
      'Not done',
      html`<ul class="plain">
        ${account.notDone.map((text) => html`<li>${text}</li>`)}
      </ul>`,
    )}
    ${section('For people to write', prompts(account))} ${section('Timeline', timelineTable(events))}
    ${account.unproved.length ? section('What stands in the file and is not proved', unproved(account.unproved)) : undefined}
    ${section('Digests and keys', digests(account))}
    <p class="soft">
      Made by rebuild ${account.rebuild} from the journal of ${summary.run}.
      <code>rebuild report ${summary.run}${summary.lab ? ' --lab' : ''}</code> makes it again; with
      <code>--json</code> it has every event and hash.
    </p>`;
}

const words = (...parts: readonly unknown[]): string => parts.filter((part) => typeof part === 'string').join(' ');

function facts({summary, facts: known}: Account): Markup {
  const machine = known['machine'];
  const {vendor, model, serial} =
    typeof machine === 'object' && machine !== null ? (machine as Record<string, unknown>) : {};
  const rows: readonly (readonly [string, Content])[] = [
    ['run', html`<code>${summary.run}</code>${summary.lab ? ', in the lab' : ''}`],
    ['by', [...new Set(summary.by)].join(', ')],
    ['machine', words(vendor, model) || 'unknown'],
    ['serial', html`<code>${words(serial) || 'unknown'}</code>`],
    ['plan', html`<code>${summary.plan.slice(0, 8)}</code>`],
    ['runbook', html`<code>${summary.runbook.slice(0, 8)}</code>`],
  ];
  return html`<dl class="facts">
    ${rows.map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd>${value}</dd>`,
    )}
  </dl>`;
}
