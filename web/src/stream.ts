import { defineStore } from "pinia";
import { computed, ref, watch } from "vue";

import type { Model } from "./api/client";
import { now, setServerTime } from "./now";
import { useSession } from "./session";

type Live = Model<"LiveAnswer">;

/** What happened since the snapshot: one list of things that changed and of ids that went. */
interface Changed<Item> {
  changed: Item[];
  gone: string[];
}

/** Kinds that change the snapshot itself, with their data; see callcenter/web/events.py. */
interface LiveChanges {
  calls: Changed<Model<"CallAnswer">>;
  seats: Changed<Model<"SeatAnswer">>;
  line: Pick<Live, "line" | "waiting" | "waiting_since" | "longest_wait_s">;
  alarms: Live["alarms"];
  callbacks: Live["callbacks"];
  today: Live["today"];
  health: Live["health"];
}

type Heard = (data: unknown) => void;

const FRESH_MS = 3000; // three beats
const HIDDEN_MS = 30_000;
const RETRY_MS = 2000;

function merge<Item>(kept: Item[], change: Changed<Item>, idOf: (item: Item) => string): Item[] {
  const changed = new Map(change.changed.map((item) => [idOf(item), item]));
  const gone = new Set(change.gone);
  const still = kept.filter((item) => !gone.has(idOf(item)));
  const after = still.map((item) => changed.get(idOf(item)) ?? item);
  const known = new Set(still.map(idOf));
  return [...after, ...change.changed.filter((item) => !known.has(idOf(item)))];
}

/** The snapshot after one change; a kind that does not belong to it leaves it as it is. */
export function withChange(live: Live, kind: string, data: unknown): Live {
  const as = <Kind extends keyof LiveChanges>(): LiveChanges[Kind] => data as LiveChanges[Kind];
  switch (kind) {
    case "calls":
      return { ...live, calls: merge(live.calls, as<"calls">(), (call) => call.call_id) };
    case "seats":
      return { ...live, seats: merge(live.seats, as<"seats">(), (seat) => seat.number) };
    case "line":
      return { ...live, ...as<"line">() };
    case "alarms":
    case "callbacks":
    case "today":
    case "health":
      return { ...live, [kind]: data };
    default:
      return live;
  }
}

/**
 * The server's one event stream: `live` is the state of the hotline as far as the person may see it,
 * `on(kind, heard)` hears of the rest. Open while somebody is fully logged in; after a break it goes on
 * where it stopped (the server replays, or sends the snapshot anew).
 */
export const useStream = defineStore("stream", () => {
  const session = useSession();
  const live = ref<Live | null>(null);
  const heardAt = ref(0);
  const tick = computed(() => (void now.value, Date.now()));
  const isFresh = computed(() => tick.value - heardAt.value < FRESH_MS);
  const listeners = new Map<string, Set<Heard>>();
  let source: EventSource | null = null;
  let lastId = "";
  let later = 0;

  function heard(event: MessageEvent<string>): unknown {
    heardAt.value = Date.now();
    if (event.lastEventId) lastId = event.lastEventId;
    return JSON.parse(event.data) as unknown;
  }

  function tell(kind: string, data: unknown): void {
    listeners.get(kind)?.forEach((one) => one(data));
  }

  function open(): void {
    close();
    source = new EventSource(`/api/v1/events${lastId ? `?after=${encodeURIComponent(lastId)}` : ""}`);
    source.addEventListener("snapshot", (event) => {
      live.value = heard(event) as Live;
      setServerTime(live.value.at);
      tell("snapshot", live.value);
    });
    source.addEventListener("change", (event) => {
      const { kind, data } = heard(event) as { kind: string; data: unknown };
      if (live.value) live.value = withChange(live.value, kind, data);
      tell(kind, data);
    });
    source.addEventListener("beat", (event) => setServerTime((heard(event) as { at: string }).at));
    source.addEventListener("error", () => void broken());
  }

  async function broken(): Promise<void> {
    // While it is merely interrupted, the browser tries again by itself.
    if (source?.readyState !== EventSource.CLOSED) return;
    close();
    await session.look();
    if (who.value) later = window.setTimeout(open, RETRY_MS);
  }

  function close(): void {
    clearTimeout(later);
    source?.close();
    source = null;
  }

  // A browser has six connections to one server for all its tabs: one that nobody looks at and
  // that rings nobody gives its own back.
  document.addEventListener("visibilitychange", () => {
    clearTimeout(later);
    if (!who.value) return;
    if (!document.hidden) {
      if (!source) open();
    } else if (listeners.size === 0) {
      later = window.setTimeout(close, HIDDEN_MS);
    }
  });

  const who = computed(() => (session.me && !session.isUnfinished ? session.me.name : ""));
  watch(
    who,
    (name) => {
      close();
      live.value = null;
      lastId = "";
      if (name) open();
    },
    { immediate: true },
  );

  /** Hear of each change of this kind, e.g. "pop"; returns how to stop. */
  function on<Data>(kind: string, listener: (data: Data) => void): () => void {
    const all = listeners.get(kind) ?? new Set<Heard>();
    listeners.set(kind, all.add(listener as Heard));
    return () => {
      all.delete(listener as Heard);
      if (all.size === 0) listeners.delete(kind);
    };
  }

  return { live, isFresh, on };
});
