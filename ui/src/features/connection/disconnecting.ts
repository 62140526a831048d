/** What a client's DISCONNECT can say (MQTT 5.0, 3.14). */
import type { DisconnectOptions, ReasonCode } from '$src/bindings/engine';
import { reasonText } from '$src/features/messages/words';
import { m } from '$src/i18n';

export const NORMAL: ReasonCode = 0x00;
export const WITH_WILL: ReasonCode = 0x04;

/** The codes that a client may send (table 3-10). */
const CODES: readonly ReasonCode[] = [
  NORMAL,
  WITH_WILL,
  0x80,
  0x81,
  0x82,
  0x83,
  0x90,
  0x93,
  0x94,
  0x95,
  0x96,
  0x97,
  0x98,
  0x99,
];

/** The choices of a Reason Code. 0x00 is called otherwise here than in acknowledgements. */
export function reasonOptions(): { value: ReasonCode; label: string }[] {
  return CODES.map((value) => ({
    value,
    label: value === NORMAL ? m.disconnect_normal() : reasonText(value),
  }));
}

/** A DISCONNECT that says nothing. */
export function plainly(): DisconnectOptions {
  return { reason: NORMAL, session_expiry: null, reason_string: '', user_properties: [] };
}

/** The seconds of a Session Expiry Interval as typed; null is left as it is, undefined is none. */
export function readExpiry(text: string): number | null | undefined {
  const plain = text.trim();
  if (plain === '') return null;
  if (!/^\d{1,10}$/.test(plain)) return undefined;
  const seconds = Number(plain);
  return seconds <= 0xffff_ffff ? seconds : undefined;
}
