import {X509Certificate} from 'node:crypto';
import type {Sha256} from '../../brand.ts';
import {ok, type Result} from '../../result.ts';
import type {Client} from './client.ts';
import {membersOf} from './members.ts';
import {link, text} from './tree.ts';

const mostCertificates = 16;

/** Fingerprints of the certificates that the BMC lists for its web server; Dell lists none in full. */
export async function readCertificates(
  client: Client,
  manager: string | undefined,
): Promise<Result<readonly Sha256[]>> {
  const about = manager === undefined ? ok(undefined) : await client.get(manager);
  if (!about.ok) return about;
  const at = link(about.value?.body, 'NetworkProtocol');
  const protocol = at === undefined ? ok(undefined) : await client.find(at);
  if (!protocol.ok) return protocol;
  const members = await membersOf(client, link(protocol.value?.body, 'HTTPS', 'Certificates'), mostCertificates);
  if (!members.ok) return members;
  return ok(members.value.flatMap(({body}) => fingerprint(text(body, 'CertificateString')) ?? []));
}

function fingerprint(pem: string | undefined): Sha256 | undefined {
  if (pem === undefined) return undefined;
  try {
    return new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase() as Sha256;
  } catch {
    return undefined;
  }
}
