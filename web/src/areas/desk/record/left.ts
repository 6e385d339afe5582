import { api, ApiFault, got } from "@/api/client";

import { draftOf, isEqual, merged } from "./draft";
import { find, forget, keptCalls } from "./kept";

const BACKGROUND = { "X-Hotline-Background": "1" }; // sent by the page of its own accord

/**
 * Sends what earlier calls left on this machine: the server was away, and the next call came before
 * it was back. `but`: the call in hand, whose record sees to itself.
 */
export async function sendLeft(but: string): Promise<void> {
  for (const id of keptCalls()) {
    if (id === but) continue;
    try {
      await send(id);
    } catch (fault) {
      // Another lawyer's on this machine, or of no known call: it stays until its own writer comes.
      if (!(fault instanceof ApiFault) || fault.status === 0 || fault.status >= 500) return;
    }
  }
}

async function send(id: string): Promise<void> {
  const kept = find(id);
  if (!kept) return;
  const asked = { params: { path: { call_id: id } }, headers: BACKGROUND };
  const theirs = await got(api.GET("/api/v1/calls/{call_id}/record", asked));
  const draft = merged(kept.base, kept.draft, draftOf(theirs));
  if (!isEqual(draft, draftOf(theirs))) {
    if (!theirs.can_write || theirs.filed_at) return;
    await got(api.PUT("/api/v1/calls/{call_id}/record", { ...asked, body: { ...draft, revision: theirs.revision } }));
  }
  if (JSON.stringify(find(id)) === JSON.stringify(kept)) forget(id); // unless it was opened and written at since
}
