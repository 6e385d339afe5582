import { computed, onScopeDispose, shallowRef } from "vue";

import { api, got, type Model } from "@/api/client";

const EVERY_MS = 2000;

/** Where calls are in a flow now, and how many took which way today; asked anew all the time. */
export function useTraffic(flow: () => string, version: () => number | null) {
  const traffic = shallowRef<Model<"FlowTraffic"> | null>(null);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;

  async function look(): Promise<void> {
    if (!document.hidden) {
      traffic.value = await got(api.GET("/api/v1/flows/traffic")).catch(() => traffic.value);
    }
    if (!isOver) timer = setTimeout(() => void look(), EVERY_MS);
  }
  void look();
  onScopeDispose(() => {
    isOver = true;
    clearTimeout(timer);
  });

  const isHere = (one: { flow: string; version: number }) =>
    one.flow === flow() && (version() === null || one.version === version());

  /** Calls now by step. */
  const standing = computed(() => {
    const found = new Map<string, number>();
    for (const one of traffic.value?.standing ?? []) {
      if (isHere(one)) found.set(one.step, (found.get(one.step) ?? 0) + one.calls);
    }
    return found;
  });
  /** Calls today by `step>way`. */
  const passed = computed(() => {
    const found = new Map<string, number>();
    for (const one of traffic.value?.passed ?? []) {
      if (!isHere(one)) continue;
      const key = `${one.step}>${one.way}`;
      found.set(key, (found.get(key) ?? 0) + one.calls);
    }
    return found;
  });
  return { traffic, standing, passed };
}
