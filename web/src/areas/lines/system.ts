import { computed, onScopeDispose, ref, shallowRef } from "vue";

import { api, got, type Model } from "@/api/client";

export type System = Model<"SystemAnswer">;
export type Trunk = Model<"TrunkAnswer">;
export type Node = Model<"NodeStateAnswer">;
export type Part = Model<"PartAnswer">;
export type Look = "good" | "warning" | "bad" | "absent";

const EVERY_MS = 3_000;
const BACKGROUND = { "X-Hotline-Background": "1" };

const REACHES: Record<Trunk["reach"], Look> = {
  answers: "good",
  silent: "warning",
  refused: "bad",
  unknown_host: "bad",
  inbound_only: "good",
  not_known: "absent",
};

export const trunkLook = (one: Trunk): Look => REACHES[one.reach];

/** Something that is not as it should be: what it is, and the words that say what to do. */
export interface Trouble {
  key: string;
  look: Look;
  since: string;
  title: string;
  named: Record<string, string>;
}

function troublesOf(now: System): Trouble[] {
  const found: Trouble[] = [];
  for (const one of now.trunks) {
    const look = trunkLook(one);
    if (look === "bad" || look === "warning")
      found.push({ key: `trunk ${one.name}`, look, since: one.since, title: `reach.${one.reach}`, named: { name: one.name, at: one.outbound ?? "" } });
  }
  for (const one of now.nodes) {
    if (!one.asterisk) found.push({ key: `asterisk ${one.name}`, look: "bad", since: one.asterisk_since, title: "asterisk", named: { name: one.name } });
    if (!one.controller) found.push({ key: `controller ${one.name}`, look: "bad", since: one.controller_since, title: "controller", named: { name: one.name } });
  }
  for (const one of now.parts) {
    if (one.state === "bad" || one.state === "warning")
      found.push({ key: one.name, look: one.state, since: one.since, title: `part.${one.name}`, named: { left: size(one.figure), of: size(one.of) } });
  }
  return found;
}

/** 12_300_000_000 -> "12.3 GB". */
export function size(bytes: number | null): string {
  if (bytes === null) return "";
  const units = ["B", "KB", "MB", "GB", "TB"];
  const at = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** at;
  return `${at === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[at]}`;
}

/** Trunks, nodes and what they need, looked at again and again. */
export function useSystem() {
  const system = shallowRef<System | null>(null);
  const isAway = ref(false);

  async function look(): Promise<void> {
    try {
      system.value = await got(api.GET("/api/v1/system", { headers: BACKGROUND }));
      isAway.value = false;
    } catch {
      isAway.value = true;
    }
  }

  void look();
  const timer = setInterval(() => void look(), EVERY_MS);
  onScopeDispose(() => clearInterval(timer));
  const troubles = computed(() => (system.value ? troublesOf(system.value) : []));
  return { system, isAway, troubles };
}
