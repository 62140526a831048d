import type { Commands, EventBatch, MessageId, ProfileId } from '$src/bindings/engine';

/** What a file dialog asks for. */
export interface FileQuestion {
  title: string;
  /** Endings without the dot; empty means any file. */
  extensions: string[];
}

/** What a dialog for a file that is to be written asks for. */
export interface SaveQuestion extends FileQuestion {
  /** The name, or the whole path, that it begins with. */
  name: string;
}

/** Files that are dragged over the window; the place is in pixels of the page. */
export type FileDrag =
  | { at: 'over'; x: number; y: number }
  | { at: 'left' }
  | { at: 'dropped'; paths: string[]; x: number; y: number };

/** The one way from the window to the engine. Commands reject with a `UserError`. */
export interface Backend {
  call<K extends keyof Commands>(
    name: K,
    args: Commands[K]['args'],
  ): Promise<Commands[K]['result']>;
  /** A message's payload, byte for byte. */
  payload(profile: ProfileId, id: MessageId): Promise<ArrayBuffer>;
  /** Starts the event channel. There is one for the whole window. */
  listen(handler: (batch: EventBatch) => void): Promise<void>;
  /** Asks for a file with the system's dialog; null when the dialog was closed. */
  pickFile(question: FileQuestion): Promise<string | null>;
  /** Asks where to write a file; null when the dialog was closed. */
  saveFile(question: SaveQuestion): Promise<string | null>;
  /** Tells of files that are dragged over the window. There is one handler for the whole window. */
  watchFiles(handler: (drag: FileDrag) => void): Promise<void>;
  copyText(text: string): Promise<void>;
}
