import { computed, ref, shallowRef } from "vue";

import { api, got, type Model } from "@/api/client";

import { type FieldFault, useChecked } from "../checked";

/** As the server tells it: each field is there. */
export type Seat = Required<Model<"SeatRow">>;
export type Group = { name: string; title: string; flows: string[] };

/** Seats and groups with changes that are not in force yet, checked by the server as they are made. */
export function useRoster() {
  const answer = shallowRef<Model<"SeatsAnswer"> | null>(null);
  const put = ref(new Map<string, Seat>());
  const gone = ref(new Set<string>());
  const groupsChanged = ref<Group[] | null>(null);

  const groups = computed<Group[]>(() => groupsChanged.value ?? answer.value?.groups ?? []);
  const told = computed(() => (answer.value?.seats ?? []) as Seat[]);
  const known = computed(() => new Map(told.value.map((seat) => [seat.number, seat])));
  const seats = computed<Seat[]>(() => {
    const kept = told.value.map((seat) => put.value.get(seat.number) ?? seat);
    return [...kept, ...[...put.value.values()].filter((seat) => !known.value.has(seat.number))];
  });
  const isDirty = computed(() => put.value.size > 0 || gone.value.size > 0 || groupsChanged.value !== null);
  const edits = computed(() => put.value.size + gone.value.size + (groupsChanged.value ? 1 : 0));

  function wish(more?: Seat): Model<"SeatsChange"> {
    const changed = new Map(put.value);
    if (more) changed.set(more.number, more);
    return {
      revision: answer.value?.revision ?? "",
      put: [...changed.values()],
      remove: [...gone.value],
      groups: groupsChanged.value?.map(({ name, title }) => ({ name, title })) ?? null,
    };
  }

  /** What is wrong with the draft, and with one more row in it. */
  async function check(more?: Seat): Promise<Model<"Checked">> {
    return await got(api.POST("/api/v1/province/seats/check", { body: wish(more) }));
  }

  const { faults, changes, clear } = useChecked([put, gone, groupsChanged], () => isDirty.value, check);

  async function look(): Promise<void> {
    answer.value = await got(api.GET("/api/v1/province/seats"));
  }

  function discard(): void {
    put.value = new Map();
    gone.value = new Set();
    groupsChanged.value = null;
    clear();
  }

  function set(seat: Seat): void {
    const draft = new Map(put.value);
    if (isSame(known.value.get(seat.number), seat)) draft.delete(seat.number);
    else draft.set(seat.number, seat);
    put.value = draft;
  }

  function remove(number: string): void {
    const draft = new Map(put.value);
    draft.delete(number);
    put.value = draft;
    if (known.value.has(number)) gone.value = new Set([...gone.value, number]);
  }

  function undo(number: string): void {
    const draft = new Map(put.value);
    draft.delete(number);
    put.value = draft;
    gone.value = new Set([...gone.value].filter((one) => one !== number));
  }

  function setGroups(wanted: Group[]): void {
    groupsChanged.value = isSame(answer.value?.groups, wanted) ? null : wanted;
  }

  async function save(reason: string): Promise<Model<"Saved">> {
    const saved = await got(api.POST("/api/v1/province/seats", { body: { ...wish(), reason } }));
    discard();
    await look();
    return saved;
  }

  function stateOf(number: string): "new" | "changed" | "removed" | null {
    if (gone.value.has(number)) return "removed";
    if (!put.value.has(number)) return null;
    return known.value.has(number) ? "changed" : "new";
  }

  function faultsOf(at: string): FieldFault[] {
    return faults.value.filter((fault) => fault.at === at);
  }

  return {
    ...{ answer, seats, groups, faults, changes, edits, isDirty },
    ...{ look, set, remove, undo, setGroups, discard, save, check, stateOf, faultsOf },
  };
}

export type Roster = ReturnType<typeof useRoster>;

export function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

export function emptySeat(): Seat {
  return { number: "", name: "", level: "municipal", city: null, skills: [], languages: ["zh-CN"], weight: 1, shifts: [] };
}
