import type { Model } from "@/api/client";

export type CallRecord = Model<"RecordAnswer">;
/** What a lawyer writes of a call. */
export type Draft = Required<Omit<Model<"RecordSave">, "revision">>;

export const EMPTY: Draft = {
  name: "",
  sex: "",
  caller_group: "",
  main: null,
  secondary: [],
  question: "",
  reply: "",
  outcome: null,
  litigation: false,
  petition: false,
  follow_up: null,
};
const FIELDS = Object.keys(EMPTY) as (keyof Draft)[];
const NO_MATTER = "3214"; // harassment and wrong numbers: nobody asked anything

export function draftOf(record: Draft): Draft {
  const draft = {} as Record<string, unknown>;
  for (const field of FIELDS) draft[field] = structuredClone(toPlain(record[field]));
  return draft as unknown as Draft;
}

function toPlain<Value>(value: Value): Value {
  return Array.isArray(value) ? ([...value] as Value) : value;
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

export function isEqual(one: Draft, other: Draft): boolean {
  return FIELDS.every((field) => isSame(one[field], other[field]));
}

/** Field by field: what I changed since `base` stays mine, the rest is theirs. */
export function merged(base: Draft, mine: Draft, theirs: Draft): Draft {
  const draft = draftOf(theirs);
  for (const field of FIELDS) {
    if (!isSame(mine[field], base[field])) Object.assign(draft, { [field]: toPlain(mine[field]) });
  }
  return draft;
}

/** Fields without which the server files no record, in the order of the form. */
export function missingOf(draft: Draft): ("main" | "question" | "reply" | "outcome")[] {
  const needed: ("main" | "question" | "reply" | "outcome")[] = ["main"];
  if (draft.main !== NO_MATTER) {
    needed.push("question");
    if (draft.outcome === "answered") needed.push("reply");
    needed.push("outcome");
  }
  return needed.filter((field) => !(draft[field] ?? "").trim());
}
