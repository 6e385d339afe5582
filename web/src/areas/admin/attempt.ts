import { ref } from "vue";

import { ApiFault } from "@/api/client";

/** Work that a dialog waits for: whether it goes on, and in the server's words why it was refused. */
export function useAttempt() {
  const busy = ref(false);
  const fault = ref("");

  async function attempt<Value>(work: () => Promise<Value>): Promise<Value | null> {
    busy.value = true;
    fault.value = "";
    try {
      return await work();
    } catch (refused) {
      fault.value = refused instanceof ApiFault ? refused.message : String(refused);
      return null;
    } finally {
      busy.value = false;
    }
  }

  return { busy, fault, attempt };
}
