/** What a certificate says of itself, in the order in which people read it. */
import type { CertificateFacts } from '$src/bindings/engine';
import { m } from '$src/i18n';

import { fact, ours, present, seen, type Fact } from './blocks';
import { dayWord } from './words';

/** Whose it is, by its place in the chain. */
export function certificateRole(
  certificate: CertificateFacts,
  index: number,
  own: boolean,
): string {
  if (own) return m.diagnosis_certificate_role_client();
  if (index === 0) return m.diagnosis_certificate_role_broker();
  return certificate.self_issued
    ? m.diagnosis_certificate_role_root()
    : m.diagnosis_certificate_role_intermediate();
}

export function certificateFacts(certificate: CertificateFacts): Fact[] {
  const { names, issuer, serial, version, not_before_s, not_after_s, signature } = certificate;
  const leaf = !certificate.is_ca;
  return present([
    fact(m.diagnosis_certificate_subject(), seen(certificate.subject)),
    names.length > 0
      ? fact(m.diagnosis_certificate_names(), seen(names.join(', ')))
      : leaf && fact(m.diagnosis_certificate_names(), ours(m.diagnosis_none(), 'warn')),
    fact(m.diagnosis_certificate_issuer(), seen(issuer)),
    fact(
      m.diagnosis_certificate_validity(),
      ours(
        m.diagnosis_certificate_from_to({ from: dayWord(not_before_s), to: dayWord(not_after_s) }),
      ),
    ),
    fact(m.diagnosis_certificate_key(), seen(keyText(certificate))),
    fact(m.diagnosis_certificate_signature(), seen(signature)),
    version > 0 &&
      version < 3 &&
      fact(m.diagnosis_certificate_version(), { ...seen(`X.509 v${version}`), tone: 'warn' }),
    fact(m.diagnosis_certificate_serial(), seen(serial)),
    fact('SHA-256', seen(certificate.sha256)),
  ]);
}

/** The kind of key and, where its kind does not say it already, its size. */
export function keyText({ key, key_bits }: CertificateFacts): string {
  return key_bits > 0 && !key.includes(String(key_bits)) ? `${key} ${key_bits}` : key;
}
