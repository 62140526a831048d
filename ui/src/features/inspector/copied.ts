/** Copies a text, and tells what to say of it. */
import { copyText, toUserError } from '$src/backend';
import { m } from '$src/i18n';
import { errorLine } from '$src/i18n/error-line';

/** Answers `done`, or why it could not be copied. */
export async function copied(text: string | Promise<string>, done: string): Promise<string> {
  try {
    await copyText(typeof text === 'string' ? text : await text);
    return done;
  } catch (error) {
    return m.inspector_copy_failed({ message: errorLine(toUserError(error)) });
  }
}
