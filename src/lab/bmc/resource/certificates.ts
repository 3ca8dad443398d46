import {X509Certificate} from 'node:crypto';
import type {JsonObject} from '../../../json.ts';
import {at} from '../paths.ts';
import {collection, healthy, link, resource} from './collection.ts';

export const networkProtocol: JsonObject = resource(
  at.network,
  'ManagerNetworkProtocol.v1_9_0.ManagerNetworkProtocol',
  'NetworkProtocol',
  'Manager Network Protocol',
  {
    Status: healthy,
    HTTP: {ProtocolEnabled: false, Port: 80},
    HTTPS: {ProtocolEnabled: true, Port: 443, Certificates: link(at.certificates)},
    IPMI: {ProtocolEnabled: false, Port: 623},
  },
);

export const certificateCollection: JsonObject = collection(at.certificates, 'Certificate', 'HTTPS Certificates', [
  link(at.certificate),
]);

export function certificateResource(pem: string): JsonObject {
  const {validFromDate, validToDate, fingerprint256} = new X509Certificate(pem);
  return resource(at.certificate, 'Certificate.v1_8_0.Certificate', '1', 'HTTPS Certificate', {
    CertificateString: pem,
    CertificateType: 'PEM',
    CertificateUsageTypes: ['Web'],
    Fingerprint: fingerprint256,
    FingerprintHashAlgorithm: 'TPM_ALG_SHA256',
    ValidNotBefore: validFromDate.toISOString(),
    ValidNotAfter: validToDate.toISOString(),
  });
}

export const certificateService: JsonObject = resource(
  at.certificateService,
  'CertificateService.v1_0_4.CertificateService',
  'CertificateService',
  'Certificate Service',
  {CertificateLocations: link(at.certificateLocations)},
);

export const certificateLocations: JsonObject = resource(
  at.certificateLocations,
  'CertificateLocations.v1_0_3.CertificateLocations',
  'CertificateLocations',
  'Certificate Locations',
  {Links: {Certificates: [link(at.certificate)]}},
);
