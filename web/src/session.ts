import { defineStore } from "pinia";
import { computed, ref } from "vue";

import { api, got, type Model } from "./api/client";

/** Who is logged in, and what that person may do. */
export const useSession = defineStore("session", () => {
  const me = ref<Model<"Me"> | null>(null);
  const isIn = computed(() => me.value !== null);

  async function look(): Promise<void> {
    me.value = await got(api.GET("/api/v1/me")).catch(() => null);
  }

  function may(right: string | undefined): boolean {
    return right === undefined || (me.value?.rights.includes(right) ?? false);
  }

  return { me, isIn, look, may };
});
