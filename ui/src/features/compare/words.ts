/** Why two payloads cannot be compared as JSON, in words. */
import type { NotCompared } from '$src/bindings/engine';
import { faultText } from '$src/features/inspector/faults';
import { m } from '$src/i18n';
import type { Formats } from '$src/lib/format';

export function reasonText(reason: NotCompared, format: Formats): string {
  const isFirst = reason.side === 'before';
  switch (reason.kind) {
    case 'not_json': {
      const words = isFirst ? m.compare_first_not_json : m.compare_second_not_json;
      return words({ problem: faultText(reason.fault, format) });
    }
    case 'too_large':
      return isFirst ? m.compare_first_too_large() : m.compare_second_too_large();
    case 'too_deep':
      return isFirst ? m.compare_first_too_deep() : m.compare_second_too_deep();
  }
}
