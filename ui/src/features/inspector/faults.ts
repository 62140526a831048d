/** What is wrong with a payload, in words. */
import type { Fault, FaultCode } from '$src/bindings/engine';
import { m } from '$src/i18n';
import type { Formats } from '$src/lib/format';

const WORDS: Record<FaultCode, () => string> = {
  not_utf8: m.inspector_fault_not_utf8,
  empty: m.inspector_fault_empty,
  byte_order_mark: m.inspector_fault_byte_order_mark,
  unexpected_end: m.inspector_fault_unexpected_end,
  value_expected: m.inspector_fault_value_expected,
  key_expected: m.inspector_fault_key_expected,
  colon_expected: m.inspector_fault_colon_expected,
  comma_expected: m.inspector_fault_comma_expected,
  trailing: m.inspector_fault_trailing,
  bad_word: m.inspector_fault_bad_word,
  bad_number: m.inspector_fault_bad_number,
  control_character: m.inspector_fault_control_character,
  bad_escape: m.inspector_fault_bad_escape,
};

/** The fault and its place: `line 3, column 5 (byte 40): a colon must stand here`. */
export function faultText(fault: Fault, format: Formats): string {
  return m.inspector_fault({
    line: format.count(fault.line),
    column: format.count(fault.column),
    byte: format.count(fault.byte),
    problem: WORDS[fault.code](),
  });
}
