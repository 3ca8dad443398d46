import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {certificateSchemaText} from '../../certificate/certificate.ts';
import type {Globals} from '../../cli.ts';
import {exit, type ExitCode} from '../../exit.ts';
import {kinds} from '../../step/registry.ts';
import {checkExit, checkRunbooks, renderChecks} from '../check.ts';
import {explain as explainName} from '../help/explain.ts';
import {renderExplanation} from '../help/explain-text.ts';
import {packagedRunbooks, runbookPlaces} from '../runbook-file.ts';
import {comparedSchemaText, planSchemaText, reportSchemaText, schemaText} from '../help/schema.ts';

export async function check(names: readonly string[], {json}: Globals): Promise<ExitCode> {
  const checks = await checkRunbooks(names, runbookPlaces(), kinds);
  process.stdout.write(json ? `${JSON.stringify(checks, null, 2)}\n` : renderChecks(checks, process.stdout.columns));
  return checkExit(checks);
}

export async function explain(name: string, {json}: Globals): Promise<ExitCode> {
  const examples = ['marruuk.yaml', 'mpex.yaml', 'saturn.yaml', 'tessa.yaml'].map((file) =>
    readFileSync(join(packagedRunbooks, file), 'utf8'),
  );
  const explanation = explainName(name, {kinds, examples});
  process.stdout.write(json ? `${JSON.stringify(explanation, null, 2)}\n` : renderExplanation(explanation));
  return explanation.topic === 'unknown' ? exit.usage : exit.done;
}

export type SchemaOf = 'runbook' | 'plan' | 'compared' | 'report' | 'certificate';

export async function schema(what: SchemaOf): Promise<ExitCode> {
  const texts = {
    runbook: () => schemaText(kinds),
    plan: planSchemaText,
    compared: comparedSchemaText,
    report: reportSchemaText,
    certificate: certificateSchemaText,
  };
  process.stdout.write(texts[what]());
  return exit.done;
}
