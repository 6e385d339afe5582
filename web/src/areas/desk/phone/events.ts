import type { Quality } from "./quality";

/** How a phone registers; `socket` may be a path of this server, e.g. "/api/v1/sip". */
export interface PhoneAccount {
  uri: string;
  user: string;
  secret: string;
  socket: string;
  realm: string;
  /** STUN and TURN servers; none where the browser's own addresses are enough. */
  ice: { urls: string; username: string; credential: string }[];
  /** Sound goes by a TURN server and no other way. */
  is_relayed: boolean;
}

/**
 * off: not wanted; up: registered, calls can come; refused: the server does not take this phone;
 * taken: another page has this phone now.
 */
export type LineState = "off" | "connecting" | "up" | "down" | "refused" | "taken";

/**
 * microphone_…: it was denied, is not there, is used by another program, was pulled out in a talk,
 * or was pulled out and another one has its place.
 */
export type PhoneFault =
  | "microphone_denied"
  | "microphone_missing"
  | "microphone_busy"
  | "microphone_lost"
  | "microphone_changed"
  | "answer_failed";

/** One call of this phone, while it rings and after. */
export interface PhoneCall {
  id: string;
  /** User part of the address that calls; a server that masks numbers has masked this one. */
  from: string;
  isOutgoing: boolean;
  /** A talk that was lost (reload, network) goes on: it is answered without asking. */
  isResumed: boolean;
}

/** By whom a call ended; missed: it stopped ringing. */
export type EndedBy = "here" | "there" | "missed" | "declined" | "lost" | "replaced";

/** What a phone tells its owner. */
export interface PhoneListener {
  line(state: LineState): void;
  rings(call: PhoneCall): void;
  /** The call was answered. */
  talks(call: PhoneCall): void;
  /** Sound arrived, so many ms after the answer was asked for. */
  heard(ms: number): void;
  ended(call: PhoneCall, by: EndedBy): void;
  /** Once a second in a talk. */
  measured(quality: Quality): void;
  /** No sound has come in for 5 s, or it comes again. */
  silent(isSilent: boolean): void;
  /** What keeps the phone from working; null: nothing does any more. */
  fault(fault: PhoneFault | null): void;
}
