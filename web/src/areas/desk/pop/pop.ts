import { defineStore } from "pinia";
import { ref, watch } from "vue";

import { api, ApiFault, got, type Model } from "@/api/client";

import { useRecord } from "../record/record";

type Pop = Model<"PopAnswer">;
type Suggestions = Model<"SuggestionsAnswer">;

const AGAIN_MS = 2000;
const SETTLED_MS = 250; // a category just clicked may be changed at once

/** What is known of the caller in hand, and what may help to answer. */
export const usePop = defineStore("pop", () => {
  const record = useRecord();
  const callId = ref("");
  const pop = ref<Pop | null>(null);
  const suggestions = ref<Suggestions | null>(null);
  const isAway = ref(false);
  /** Nobody called: the lawyer calls out, or the call is not his. */
  const isNobody = ref(false);
  let again: ReturnType<typeof setTimeout> | undefined;
  let settled: ReturnType<typeof setTimeout> | undefined;

  async function open(id: string): Promise<void> {
    if (id === callId.value) return;
    callId.value = id;
    pop.value = suggestions.value = null;
    isAway.value = isNobody.value = false;
    await read(id);
  }

  async function read(id: string): Promise<void> {
    clearTimeout(again);
    try {
      take(await got(api.GET("/api/v1/calls/{call_id}/pop", { params: { path: { call_id: id } } })), id);
    } catch (fault) {
      if (id !== callId.value || !(fault instanceof ApiFault)) return;
      isAway.value = fault.status !== 404;
      isNobody.value = !isAway.value;
      if (isAway.value) again = setTimeout(() => void read(id), AGAIN_MS);
    }
  }

  function take(answer: Pop, id: string): void {
    if (id !== callId.value) return;
    pop.value = answer;
    isAway.value = false;
    suggestions.value ??= answer.suggestions;
    // Its history was not to be had: the database may be back soon.
    if (answer.earlier === null) again = setTimeout(() => void read(id), AGAIN_MS);
  }

  /** The lawyer has asked who calls; throws ApiFault. */
  async function confirmIdentity(): Promise<void> {
    const id = callId.value;
    const path = { call_id: id };
    take(await got(api.POST("/api/v1/calls/{call_id}/identity", { params: { path }, body: { confirmed: true } })), id);
  }

  async function suggest(code: string[]): Promise<void> {
    const id = callId.value;
    const asked = api.GET("/api/v1/calls/{call_id}/suggestions", { params: { path: { call_id: id }, query: { code } } });
    const answer = await got(asked).catch(() => null);
    if (answer && id === callId.value) suggestions.value = answer;
  }

  watch(() => [callId.value, ...record.codes].join(), (now, before) => {
    clearTimeout(settled);
    if (!record.codes.length || record.callId !== callId.value || now === before) return;
    settled = setTimeout(() => void suggest(record.codes), SETTLED_MS);
  });

  return { callId, pop, suggestions, isAway, isNobody, open, confirmIdentity };
});
