import { computed, ref, shallowRef, type Ref } from "vue";

import type { Model } from "@/api/client";

import { useChecked } from "../admin/checked";
import { isSame } from "../admin/seats/roster";

/** How a list is asked for, checked and saved: always whole. */
interface Ways<Answer, Row> {
  kind: "lines" | "services" | "phones";
  look: () => Promise<Answer>;
  rows: (answer: Answer) => Row[];
  check: (rows: Row[], revision: string) => Promise<Model<"Checked">>;
  save: (rows: Row[], revision: string, reason: string) => Promise<Model<"Saved">>;
}

function copy<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}

/** A list with changes that are not in force yet, checked by the server as they are made. */
export function useWhole<Answer extends { revision: string }, Row>(ways: Ways<Answer, Row>) {
  const answer = shallowRef<Answer | null>(null);
  const rows = ref([]) as Ref<Row[]>;

  const told = computed(() => (answer.value ? ways.rows(answer.value) : []));
  const revision = () => answer.value?.revision ?? "";
  const isDirty = () => answer.value !== null && !isSame(rows.value, told.value);
  const check = () => ways.check(rows.value, revision());
  const { faults, changes, clear } = useChecked([rows], isDirty, check);
  const edits = computed(() => (isDirty() ? Math.max(1, changes.value.length) : 0));

  function discard(): void {
    rows.value = copy(told.value);
    clear();
  }

  async function look(): Promise<void> {
    answer.value = await ways.look();
    discard();
  }

  async function save(reason: string): Promise<Model<"Saved">> {
    const saved = await ways.save(rows.value, revision(), reason);
    await look();
    return saved;
  }

  const faultOf = (n: number, field: string) =>
    faults.value.find((one) => one.at === `${ways.kind}.${n}` && one.field === field)?.message ?? "";

  return { answer, rows, told, faults, changes, edits, look, discard, save, faultOf };
}

export type Whole<Answer extends { revision: string }, Row> = ReturnType<typeof useWhole<Answer, Row>>;
