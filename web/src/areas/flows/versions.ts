import { computed, ref, shallowRef } from "vue";

import { api, got, type Model } from "@/api/client";

/** One flow (or the policy) with its versions, and the text of the one that is shown. */
export function useVersions(flow: () => string) {
  const list = shallowRef<Model<"FlowList"> | null>(null);
  const shown = shallowRef<Model<"FlowText"> | null>(null);
  const isLoading = ref(true);
  const summary = computed(() => list.value?.flows.find((one) => one.flow === flow()) ?? null);

  async function show(version: number): Promise<void> {
    const params = { path: { flow: flow(), version } };
    shown.value = await got(api.GET("/api/v1/flows/{flow}/versions/{version}", { params }));
  }

  /** Ask anew; `version`: the one to show, else the one in force, else the newest. */
  async function load(version?: number): Promise<void> {
    isLoading.value = true;
    try {
      list.value = await got(api.GET("/api/v1/flows"));
      // The policy has a version 0: that of the province folder.
      const newest = flow() === "routing" ? 0 : summary.value?.versions[0]?.version;
      const wanted = version ?? summary.value?.in_force ?? newest;
      if (wanted !== undefined && wanted !== null) await show(wanted);
    } finally {
      isLoading.value = false;
    }
  }
  return { list, shown, summary, isLoading, show, load };
}

export type Versions = ReturnType<typeof useVersions>;
