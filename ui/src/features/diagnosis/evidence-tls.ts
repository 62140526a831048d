/** What was seen of TLS: what was offered and chosen, the chain and what it was held against. */
import type { TlsFacts } from '$src/bindings/engine';
import { m } from '$src/i18n';

import { fact, ours, present, seen, yesNo, type Block, type Cell } from './blocks';
import { checkWord, trustWord } from './words';

const listed = (list: readonly string[]): Cell =>
  list.length > 0 ? seen(list.join(', ')) : ours(m.diagnosis_none());
const chosen = (value: string | null): Cell =>
  value === null ? ours(m.diagnosis_none()) : seen(value);

export function tlsBlocks(tls: TlsFacts): Block[] {
  const { rejected } = tls;
  const facts = present([
    fact(
      m.diagnosis_tls_server_name(),
      tls.server_name === null ? ours(m.diagnosis_tls_no_sni()) : seen(tls.server_name),
    ),
    fact(m.diagnosis_tls_expected(), seen(tls.expected_name)),
    fact(m.diagnosis_tls_offered_versions(), listed(tls.offered_versions)),
    fact(m.diagnosis_tls_version(), chosen(tls.version)),
    fact(m.diagnosis_tls_cipher(), chosen(tls.cipher)),
    fact(m.diagnosis_tls_offered_alpn(), listed(tls.offered_alpn)),
    tls.offered_alpn.length > 0 && fact(m.diagnosis_tls_alpn(), chosen(tls.alpn)),
    fact(
      m.diagnosis_tls_trust(),
      ours(trustWord(tls.trust), tls.trust === 'nothing' ? 'bad' : undefined),
    ),
    rejected && fact(m.diagnosis_tls_check(), ours(checkWord(rejected.check), 'bad')),
    rejected !== null &&
      rejected.reason !== '' &&
      fact(m.diagnosis_tls_reason(), seen(rejected.reason)),
    tls.alert !== null && fact(m.diagnosis_tls_alert(), { ...seen(tls.alert), tone: 'bad' }),
    fact(m.diagnosis_tls_client_asked(), ours(yesNo(tls.client_certificate_asked))),
    tls.client_certificate_asked &&
      fact(
        m.diagnosis_tls_client_authorities(),
        tls.client_authorities.length > 0
          ? seen(tls.client_authorities.join('\n'))
          : ours(m.diagnosis_tls_any_authority()),
      ),
    tls.client_certificate_asked &&
      fact(m.diagnosis_tls_client_sent(), ours(yesNo(tls.client_certificate !== null))),
    rejected !== null &&
      tls.completed &&
      fact(m.diagnosis_tls_inspected(), ours(m.diagnosis_tls_inspected_text())),
  ]);
  const blocks: Block[] = [{ kind: 'facts', title: '', facts }];
  if (tls.chain.length > 0) {
    const title = m.diagnosis_certificates();
    blocks.push({ kind: 'certificates', title, certificates: tls.chain, own: false });
  }
  if (tls.client_certificate) {
    const title = m.diagnosis_certificate_own();
    blocks.push({ kind: 'certificates', title, certificates: [tls.client_certificate], own: true });
  }
  return blocks;
}
