import { computed, ref, shallowRef } from "vue";

import { api, got, type Model } from "@/api/client";

import { useChecked } from "../checked";
import { isSame } from "../seats/roster";

export type Hours = Model<"HoursRow">;
export type Night = Model<"NightRow">;
export type Closure = Model<"ClosureRow">;
export type Year = Model<"YearRow">;
type Answer = Model<"CalendarAnswer">;
type Draft = Pick<Answer, "hours" | "nights" | "closures" | "years">;

function copy<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}

/** The calendar with changes that are not in force yet, checked by the server as they are made. */
export function useCalendar() {
  const answer = shallowRef<Answer | null>(null);
  const draft = ref<Draft>({ hours: [], nights: [], closures: [], years: [] });

  const yearsChanged = computed(() =>
    draft.value.years.filter((year) => !answer.value?.years.some((one) => isSame(one, year))),
  );

  function wish(): Model<"CalendarChange"> {
    const { hours, nights, closures } = draft.value;
    const held = answer.value;
    return {
      revision: held?.revision ?? "",
      hours: isSame(hours, held?.hours) ? null : hours,
      nights: isSame(nights, held?.nights) ? null : nights,
      closures: isSame(closures, held?.closures) ? null : closures,
      years: yearsChanged.value,
    };
  }

  const isDirty = computed(() => {
    if (!answer.value) return false;
    const { hours, nights, closures, years } = wish();
    return Boolean(hours || nights || closures || years?.length);
  });

  const check = () => got(api.POST("/api/v1/province/calendar/check", { body: wish() }));
  const { faults, changes, clear } = useChecked([draft], () => isDirty.value, check);

  function discard(): void {
    const held = answer.value;
    if (held) draft.value = copy({ hours: held.hours, nights: held.nights, closures: held.closures, years: held.years });
    clear();
  }

  async function look(): Promise<void> {
    answer.value = await got(api.GET("/api/v1/province/calendar"));
    discard();
  }

  async function save(reason: string): Promise<Model<"Saved">> {
    const saved = await got(api.POST("/api/v1/province/calendar", { body: { ...wish(), reason } }));
    await look();
    return saved;
  }

  const faultOf = (at: string, field: string) =>
    faults.value.find((one) => one.at === at && (one.field === field || one.field.startsWith(`${field}.`)))?.message ?? "";

  const edits = computed(() => (isDirty.value ? Math.max(1, changes.value.length) : 0));

  return { answer, draft, faults, changes, edits, look, discard, save, faultOf };
}

export type CalendarDraft = ReturnType<typeof useCalendar>;
