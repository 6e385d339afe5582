import { computed, ref, shallowRef, watch } from "vue";

import { api, ApiFault, got, type Model } from "@/api/client";
import { useSession } from "@/session";

export interface Edit {
  path: string[];
  value?: unknown;
  name?: string;
}

interface Kept {
  text: string;
  base: number;
}

const AFTER_MS = 450;

/** Several people may sit at one machine: each has drafts of his own. */
const placeOf = (flow: string): string => `hotline.flow.${useSession().me?.name}.${flow}`;

/** A text in the making: kept in this browser until it is submitted, checked as it is typed. */
export function useDraft(flow: string) {
  const storage = placeOf(flow);
  const base = ref(0);
  const text = ref("");
  const isOpen = ref(false);
  const isChecking = ref(false);
  const found = shallowRef<Model<"FlowDrafted"> | null>(null);
  const earlier = ref<string[]>([]);
  let asked = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const faults = computed(() => found.value?.faults ?? []);
  const wrong = computed(() => faults.value.filter((one) => !one.is_warning).length);
  const isSound = computed(() => isOpen.value && !isChecking.value && found.value !== null && wrong.value === 0);

  function kept(): Kept | null {
    const saved = localStorage.getItem(storage);
    try {
      return saved ? (JSON.parse(saved) as Kept) : null;
    } catch {
      return null;
    }
  }

  watch([text, isOpen], () => {
    if (isOpen.value) localStorage.setItem(storage, JSON.stringify({ text: text.value, base: base.value }));
  });

  async function ask(edits: Edit[]): Promise<void> {
    clearTimeout(timer);
    const number = ++asked;
    isChecking.value = true;
    const before = text.value;
    try {
      const body = { flow, text: before, edits, base: base.value } as Model<"FlowDraft">;
      const answer = await got(api.POST("/api/v1/flows/draft", { body }));
      if (number !== asked) return;
      found.value = answer;
      if (edits.length && answer.text !== before) {
        earlier.value.push(before);
        text.value = answer.text;
      }
    } finally {
      if (number === asked) isChecking.value = false;
    }
  }

  /** Begin from a version, or go on where this browser left off. */
  async function open(from: { text: string; version: number }): Promise<void> {
    const saved = kept();
    base.value = saved?.base ?? from.version;
    text.value = saved?.text ?? from.text;
    earlier.value = [];
    isOpen.value = true;
    await ask([]);
    const next = found.value?.next_version;
    if (!saved && next) await ask([{ path: ["version"], value: next }]);
    earlier.value = [];
  }

  /** Change values by form; refused changes throw ApiFault. */
  async function edit(...edits: Edit[]): Promise<void> {
    await ask(edits);
  }

  /** The text as it is typed: checked once the fingers rest. */
  function type(typed: string): void {
    if (typed === text.value) return;
    if (earlier.value.at(-1) !== text.value) earlier.value.push(text.value);
    text.value = typed;
    isChecking.value = true;
    clearTimeout(timer);
    timer = setTimeout(() => void ask([]).catch((fault: unknown) => fault instanceof ApiFault), AFTER_MS);
  }

  async function undo(): Promise<void> {
    const before = earlier.value.pop();
    if (before === undefined) return;
    text.value = before;
    await ask([]);
  }

  /** Look at it again: others may have submitted a version meanwhile. */
  const check = (): Promise<void> => ask([]);

  function discard(): void {
    asked += 1;
    clearTimeout(timer);
    isOpen.value = false;
    isChecking.value = false;
    found.value = null;
    localStorage.removeItem(storage);
  }

  return { base, text, isOpen, isChecking, found, faults, wrong, isSound, earlier, kept, open, edit, type, undo, check, discard };
}

export type Draft = ReturnType<typeof useDraft>;

/** Whether this browser keeps changes of a flow that were not submitted. */
export function hasDraft(flow: string): boolean {
  return localStorage.getItem(placeOf(flow)) !== null;
}

/** Begin a flow that nobody has submitted yet: it is in this browser alone. */
export function keepDraft(flow: string, text: string): void {
  localStorage.setItem(placeOf(flow), JSON.stringify({ text, base: 0 } satisfies Kept));
}
