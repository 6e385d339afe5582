import { draftOf, EMPTY, type Draft } from "./draft";

/**
 * What the server does not have yet, on this machine, so that neither a reload nor a server that is
 * away costs a word. It holds what people said: it is taken away as soon as the server has it.
 */
interface Kept {
  /** What the draft was made from. */
  base: Draft;
  draft: Draft;
}

const PREFIX = "hotline.record.";

export function keep(callId: string, kept: Kept): void {
  try {
    localStorage.setItem(PREFIX + callId, JSON.stringify(kept));
  } catch {
    // A full or forbidden storage: the server is told within seconds anyway.
  }
}

export function forget(callId: string): void {
  localStorage.removeItem(PREFIX + callId);
}

/** Calls of which something is kept here. */
export function keptCalls(): string[] {
  return Object.keys(localStorage)
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => name.slice(PREFIX.length));
}

export function find(callId: string): Kept | null {
  try {
    const found = JSON.parse(localStorage.getItem(PREFIX + callId) ?? "null") as Kept | null;
    if (!found) return null;
    return { base: draftOf({ ...EMPTY, ...found.base }), draft: draftOf({ ...EMPTY, ...found.draft }) };
  } catch {
    return null;
  }
}
