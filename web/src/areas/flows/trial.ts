import { computed, ref, shallowRef } from "vue";

import { api, ApiFault, got, type Model } from "@/api/client";
import { shanghaiNow } from "@/now";

/** A trial call: talked through on the server from its beginning each time, nothing is kept. */
export function useTrial(flow: () => string, text: () => string) {
  const when = ref(shanghaiNow());
  const caller = ref("04315550123");
  const waiting = ref(0);
  const city = ref("");
  const said = ref<string[]>([]);
  const tried = shallowRef<Model<"FlowTried"> | null>(null);
  const refused = ref("");
  const isBusy = ref(false);

  /** Steps of this flow that the call passed, in order. */
  const walked = computed(() =>
    (tried.value?.turns ?? [])
      .flatMap((turn) => turn.path)
      .filter((one) => one.startsWith(`${flow()}.`))
      .map((one) => one.slice(flow().length + 1)),
  );

  async function play(next: string[]): Promise<void> {
    isBusy.value = true;
    refused.value = "";
    const body: Model<"FlowTry"> = {
      flow: flow(),
      text: text(),
      now: `${when.value}+08:00`,
      caller: caller.value.trim() || "anonymous",
      city: city.value || null,
      waiting: waiting.value,
      facts: {},
      said: next,
    };
    try {
      tried.value = await got(api.POST("/api/v1/flows/try", { body }));
      said.value = next;
    } catch (fault) {
      refused.value = fault instanceof ApiFault ? fault.message : String(fault);
    } finally {
      isBusy.value = false;
    }
  }

  const start = () => play([]);
  const say = (word: string) => play([...said.value, word]);
  const back = () => play(said.value.slice(0, -1));
  const end = () => {
    tried.value = null;
    said.value = [];
    refused.value = "";
  };
  return { when, caller, waiting, city, said, tried, refused, isBusy, walked, start, say, back, end };
}

export type Trial = ReturnType<typeof useTrial>;
