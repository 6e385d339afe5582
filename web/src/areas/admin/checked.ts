import { ref, watch, type WatchSource } from "vue";

import type { Model } from "@/api/client";
import { i18n } from "@/i18n";

export type FieldFault = Model<"FieldFault">;

const CHECK_AFTER_MS = 250;

/** What the server finds wrong with a draft, and what it would change: asked as somebody types. */
export function useChecked(draft: WatchSource[], isDirty: () => boolean, check: () => Promise<Model<"Checked">>) {
  const faults = ref<FieldFault[]>([]);
  const changes = ref<string[]>([]);
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let asked = 0;

  function clear(): void {
    asked += 1; // an answer that is still under way is about another draft
    faults.value = [];
    changes.value = [];
  }

  async function ask(): Promise<void> {
    const mine = ++asked;
    const checked = await check();
    if (mine !== asked) return;
    faults.value = checked.faults;
    changes.value = checked.changes;
  }

  // What the server words is asked for anew in the language that was chosen.
  watch(
    [...draft, i18n.global.locale],
    () => {
      clearTimeout(waiting);
      if (isDirty()) waiting = setTimeout(() => void ask(), CHECK_AFTER_MS);
      else clear();
    },
    { deep: true },
  );

  return { faults, changes, clear };
}
