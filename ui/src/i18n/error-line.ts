/** An error in one line: for places with room for no more. */
import type { UserError } from '$src/bindings/engine';

import { errorWords } from './errors';

export function errorLine(error: UserError): string {
  const { title, hint } = errorWords(error);
  return [title, hint].filter(Boolean).join(' · ');
}
