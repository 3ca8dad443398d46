import {fault} from '../../fault.ts';
import {namespace} from '../../gate/statement.ts';
import {failed, ok, type Result} from '../../result.ts';
import {complaint, sshKeygen, withFiles} from './keygen.ts';
import type {Signers} from './signers.ts';

export interface Signer {
  readonly principal: string;
  /** `SHA256:` and the key's fingerprint. */
  readonly key: string;
}

const verifyMs = 20_000;

/**
 * Whose signature it is, by the list of allowed signers as it holds now (namespaces, days and authorities included).
 * Faults: `gate.signature-bad`, `gate.signer-refused`.
 */
export async function verify(text: string, signature: string, signers: Signers): Promise<Result<Signer>> {
  return withFiles({signature, signers: signers.text}, async (path) => {
    const ask = (...argv: readonly string[]) =>
      sshKeygen(['-Y', ...argv, '-s', path('signature')], text, {waitMs: verifyMs});
    const fits = await ask('check-novalidate', '-n', namespace);
    const key = / key (SHA256:[A-Za-z0-9+/]{43})\s*$/.exec(fits.stdout)?.[1];
    if (fits.code !== 0 || key === undefined)
      return failed(
        fault(
          'gate.signature-bad',
          fits.stderr.includes('namespace does not match')
            ? 'the signature was made for another purpose'
            : complaint(fits.stderr) || 'the signature does not fit',
        ),
      );
    const refused = (says: string) => failed(fault('gate.signer-refused', `${key} ${says} ${signers.file}`));
    const found = await ask('find-principals', '-f', path('signers'));
    const principals = [...new Set(found.stdout.split('\n').filter(Boolean))];
    const [principal] = principals;
    if (found.code !== 0 || principal === undefined) return refused('is not on');
    if (principals.length > 1 || /[*?!]/.test(principal))
      return refused(`stands for several people (${principals.join(', ')}) in`);
    const allowed = await ask('verify', '-n', namespace, '-I', principal, '-f', path('signers'));
    return allowed.code === 0 ? ok({principal, key}) : refused(`(${principal}) may not sign this, by`);
  });
}
