import { defineStore } from "pinia";
import { computed, ref, watch } from "vue";

import { api, ApiFault, got, type Model } from "@/api/client";
import { stayWhile } from "@/presence";
import { useSession } from "@/session";
import { useStream } from "@/stream";

export type DeskAnswer = Model<"DeskAnswer">;
/** Exactly one of the four. */
export type Target = Partial<Model<"Target">>;
export type TalkWish = "hold" | "retrieve" | "transfer" | "consult" | "complete" | "cancel" | "conference" | "leave";

/**
 * away: not sitting at it; taken: somebody else is there, or another tab; lost: was taken over.
 */
export type Hold = "away" | "mine" | "taken" | "lost";

const KEPT_AS = "hotline.desk"; // of this tab: the key of the desk that it had

/** The key that this page had before it was loaded anew; a tab that was copied has none. */
function formerKey(): string {
  const [entry] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  return entry?.type === "reload" ? (sessionStorage.getItem(KEPT_AS) ?? "") : "";
}

/** The seat as the server has it: what it does, what it is asked to do. */
export const useDesk = defineStore("desk", () => {
  const session = useSession();
  const stream = useStream();
  const answer = ref<DeskAnswer | null>(null);
  const hold = ref<Hold>("away");
  /** When the talk in hand began, as far as this page saw it. */
  const talkSince = ref<string | null>(null);
  /** Who is there, in words of the server, when it is taken. */
  const takenBy = ref("");

  /** Names this page to the server, over a reload too. */
  const key = ref(formerKey());
  /** This tab had the desk when it was loaded anew: it sits down again by itself. */
  const wasHere = key.value !== "";

  const number = computed(() => answer.value?.seat ?? session.me?.seat ?? "");
  const state = computed(() => answer.value?.state ?? "offline");
  const isInTalk = computed(() => state.value === "talking" || state.value === "held");
  /** Rung, or in talk. */
  const isOnCall = computed(() => isInTalk.value || state.value === "reserved" || state.value === "ringing");

  // Who waits for calls touches nothing; who does not answer them is set not ready.
  stayWhile(() => hold.value === "mine" && state.value !== "not_ready" && state.value !== "offline");

  // The log-in may end in a talk and the lawyer come back to it; somebody else has another desk.
  let sitting = "";
  watch(() => session.me?.name, (name) => {
    if (hold.value !== "mine" || !name || name === sitting) return;
    hold.value = "away";
    answer.value = null;
    forget();
  });

  stream.on<DeskAnswer>("desk", (told) => {
    if (hold.value === "mine" && told.desk === key.value) take(told);
  });
  stream.on<{ desk: string }>("desk_lost", ({ desk }) => {
    if (desk === key.value) lose();
  });
  stream.on<{ seat: string; reason: string }>("logged_out", ({ reason }) => session.putOut(reason));
  stream.on("snapshot", () => {
    if (hold.value === "mine") void confirm();
  });

  /** Only a claim tells how the phone registers: it is kept. */
  function take(told: DeskAnswer): void {
    if (told.call_id !== answer.value?.call_id) talkSince.value = null;
    if (told.state === "talking" || told.state === "held") talkSince.value ??= told.since;
    answer.value = { ...told, phone: told.phone ?? answer.value?.phone ?? null };
  }

  /**
   * Is the desk still this page's? A server that was started anew knows nobody: sit down again.
   * Not reached: nothing is known, the next snapshot asks again.
   */
  async function confirm(): Promise<void> {
    try {
      const told = await got(api.GET("/api/v1/desk"));
      if (told.desk === key.value) take(told);
      else if (told.person === null) await claim();
      else lose();
    } catch (fault) {
      if (!(fault instanceof ApiFault)) throw fault;
    }
  }

  /** Sit down at one's seat; false when somebody else is there and `takeOver` was not said. */
  async function claim(takeOver = false): Promise<boolean> {
    try {
      take(await got(api.POST("/api/v1/desk/claim", { body: { take_over: takeOver, desk: key.value, seat: null } })));
    } catch (fault) {
      if (!(fault instanceof ApiFault) || fault.error !== "desk_taken") throw fault;
      takenBy.value = fault.message;
      hold.value = "taken";
      return false;
    }
    key.value = answer.value?.desk ?? "";
    sitting = session.me?.name ?? "";
    hold.value = "mine";
    sessionStorage.setItem(KEPT_AS, key.value);
    return true;
  }

  /** Another page has the desk now: its telephone line told so. */
  function lose(): void {
    if (hold.value !== "mine") return;
    hold.value = "lost";
    forget();
  }

  async function leave(): Promise<void> {
    await api.POST("/api/v1/desk/leave");
    hold.value = "away";
    forget();
  }

  function forget(): void {
    key.value = "";
    sessionStorage.removeItem(KEPT_AS);
  }

  async function become(wanted: "ready" | "not_ready", reason = "other"): Promise<void> {
    take(await got(api.POST("/api/v1/desk/state", { body: { state: wanted, reason, when: "now" } })));
  }

  /** Not ready for this reason when the call in hand is over; null: ready after it, as usual. */
  async function restNext(reason: string | null): Promise<void> {
    const state = reason ? "not_ready" : "ready";
    take(await got(api.POST("/api/v1/desk/state", { body: { state, reason: reason ?? "other", when: "after_call" } })));
  }

  async function talk(what: TalkWish, to: Target | null = null): Promise<void> {
    const path = { number: number.value, what };
    await api.POST("/api/v1/seats/{number}/talk/{what}", { params: { path }, body: { to: to as Model<"Target"> | null } });
  }

  async function callOut(to: string, reason: string): Promise<void> {
    await api.POST("/api/v1/desk/call", { body: { number: to, call_id: null, reason } });
  }

  return { answer, hold, key, talkSince, takenBy, wasHere, number, state, isInTalk, isOnCall, confirm, claim, lose, leave, become, restNext, talk, callOut };
});
