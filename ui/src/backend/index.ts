import type {
  Commands,
  ErrorCode,
  EventBatch,
  MessageId,
  ProfileId,
  UserError,
} from '$src/bindings/engine';

import type { Backend, FileDrag, FileQuestion, SaveQuestion } from './door';
import { tauri } from './tauri';

export type { Backend, FileDrag, FileQuestion, SaveQuestion } from './door';

let door: Backend = tauri;

/** Puts another engine behind the door: tests and the preview use an in-memory one. */
export function useBackend(other: Backend): void {
  door = other;
}

/** Calls a command of the engine. Rejects with a `UserError`, never with anything else. */
export async function call<K extends keyof Commands>(
  name: K,
  args: Commands[K]['args'],
): Promise<Commands[K]['result']> {
  try {
    return await door.call(name, args);
  } catch (error) {
    throw toUserError(error);
  }
}

/** A message's payload, byte for byte. */
export async function payload(profile: ProfileId, id: MessageId): Promise<ArrayBuffer> {
  try {
    return await door.payload(profile, id);
  } catch (error) {
    throw toUserError(error);
  }
}

/** Starts the event channel. There is one for the whole window. */
export function listen(handler: (batch: EventBatch) => void): Promise<void> {
  return door.listen(handler);
}

/** Asks for a file with the system's dialog; null when the dialog was closed. */
export function pickFile(question: FileQuestion): Promise<string | null> {
  return door.pickFile(question);
}

/** Asks where to write a file; null when the dialog was closed. */
export function saveFile(question: SaveQuestion): Promise<string | null> {
  return door.saveFile(question);
}

/** Tells of files that are dragged over the window. There is one handler for the whole window. */
export function watchFiles(handler: (drag: FileDrag) => void): Promise<void> {
  return door.watchFiles(handler);
}

export function copyText(text: string): Promise<void> {
  return door.copyText(text);
}

/** Whether a value has the shape of the engine's errors. */
export function isUserError(value: unknown): value is UserError {
  return typeof value === 'object' && value !== null && 'code' in value && 'message' in value;
}

/** What was thrown, as a `UserError`; anything else is a defect and gets the code `internal`. */
export function toUserError(value: unknown): UserError {
  if (isUserError(value)) return value;
  const message = value instanceof Error ? value.message : String(value);
  return { code: 'internal' satisfies ErrorCode, message, hint: '', details: {} };
}
