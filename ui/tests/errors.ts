import type { ErrorCode, UserError } from '$src/bindings/engine';

export function userError(code: ErrorCode, message = '', details = {}): UserError {
  return { code, message, hint: '', details };
}
