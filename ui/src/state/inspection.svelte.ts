/**
 * What the inspector shows of the chosen message: its facts and one view of its payload.
 *
 * What is shown stays until the next message's answers are there, so that stepping through rows does not flicker. The view
 * that a person chose stays for all messages; before that, JSON is shown as JSON, other text as text, the rest as hex.
 */
import { call, toUserError } from '$src/backend';
import type {
  MessageDetail,
  MessageId,
  ProfileId,
  UserError,
  ViewKind,
} from '$src/bindings/engine';

import { PayloadPieces } from './pieces.svelte';

export class Inspection {
  readonly profile: ProfileId;
  detail = $state.raw<MessageDetail | null>(null);
  view = $state.raw<PayloadPieces | null>(null);
  error = $state.raw<UserError | null>(null);
  /** What the person chose; null while the payload decides. */
  #chosen = $state<ViewKind | null>(null);
  /** The message that was asked for last; answers about others come too late. */
  #wanted: MessageId | null = null;

  constructor(profile: ProfileId) {
    this.profile = profile;
  }

  get kind(): ViewKind {
    return this.view?.kind ?? this.#chosen ?? 'json';
  }

  /** Shows a message, or none. */
  async show(id: MessageId | null): Promise<void> {
    this.#wanted = id;
    if (id === null) {
      this.detail = null;
      this.view = null;
      this.error = null;
      return;
    }
    try {
      const [detail, view] = await Promise.all([this.#detail(id), this.#open(id)]);
      if (this.#wanted !== id) return;
      this.detail = detail;
      this.view = view;
      this.error = null;
    } catch (error) {
      if (this.#wanted === id) this.error = toUserError(error);
    }
  }

  /** Reads the facts again: an outcome may have come. */
  async refresh(): Promise<void> {
    const id = this.#wanted;
    if (id === null || this.detail?.row.outcome?.state !== 'pending') return;
    try {
      const detail = await this.#detail(id);
      if (this.#wanted === id) this.detail = detail;
    } catch (error) {
      if (this.#wanted === id) this.error = toUserError(error);
    }
  }

  /** Shows the payload in another way, from now on. */
  async choose(kind: ViewKind): Promise<void> {
    this.#chosen = kind;
    const id = this.#wanted;
    if (id === null) return;
    const view = await this.#load(id, kind);
    if (this.#wanted === id && this.#chosen === kind) this.view = view;
  }

  #detail(id: MessageId): Promise<MessageDetail> {
    return call('history_message', { profile: this.profile, id });
  }

  async #open(id: MessageId): Promise<PayloadPieces> {
    if (this.#chosen !== null) return this.#load(id, this.#chosen);
    const json = await this.#load(id, 'json');
    if (!json.fault) return json;
    if (json.fault.code === 'not_utf8') return this.#load(id, 'hex');
    // What begins like JSON was probably meant as JSON: then its fault is what the person looks for.
    return /^\s*[{[]/.test(json.pieces[0]?.text ?? '') ? json : this.#load(id, 'text');
  }

  async #load(id: MessageId, kind: ViewKind): Promise<PayloadPieces> {
    const view = new PayloadPieces(this.profile, id, kind);
    await view.more();
    return view;
  }
}
