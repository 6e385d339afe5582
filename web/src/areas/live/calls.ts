import type { Model } from "@/api/client";

type Call = Model<"CallAnswer">;

const ORDER: string[] = ["queue", "ringing", "talking", "transfer", "recording", "survey", "ivr"];

/** Who waits stands first, the longest wait above; then talks, then the rest. */
export function inOrder(calls: Call[]): Call[] {
  const rank = (call: Call): number => ORDER.indexOf(call.stage);
  const began = (call: Call): string => call.asked_at ?? call.since;
  return [...calls].sort((one, other) => rank(one) - rank(other) || began(one).localeCompare(began(other)));
}
