import { defineStore } from "pinia";
import { computed, ref } from "vue";

import { api, got, type Model } from "./api/client";

/** Who is logged in, and what that person may do. */
export const useSession = defineStore("session", () => {
  const me = ref<Model<"Me"> | null>(null);
  /** Why a supervisor has logged this person out; null: nobody has. */
  const putOutWhy = ref<string | null>(null);
  const isIn = computed(() => me.value !== null);
  /** The password or the second factor must be seen to before anything else is open. */
  const isUnfinished = computed(() => Boolean(me.value?.must_change_password || me.value?.must_add_second_factor));

  async function look(): Promise<void> {
    me.value = await got(api.GET("/api/v1/me")).catch(() => null);
  }

  /** Name, password and code, or the access key. Throws ApiFault. */
  async function logIn(given: Model<"LogIn">): Promise<void> {
    me.value = await got(api.POST("/api/v1/login", { body: given }));
    putOutWhy.value = null;
  }

  async function logOut(): Promise<void> {
    await api.POST("/api/v1/logout").catch(() => undefined);
    me.value = null;
  }

  function forget(): void {
    me.value = null;
  }

  function putOut(why: string): void {
    putOutWhy.value = why;
  }

  function may(right: string | undefined): boolean {
    return right === undefined || (me.value?.rights.includes(right) ?? false);
  }

  return { me, isIn, isUnfinished, putOutWhy, look, logIn, logOut, forget, putOut, may };
});
