import { i18n } from "@/i18n";
import type { Model } from "@/api/client";

type Shift = Model<"ShiftRow">;
export const WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export const KINDS = ["workday", "weekend", "holiday"] as const;
export type Day = (typeof WEEK)[number] | (typeof KINDS)[number];

/** The name of a day of the week, or of what a day counts as. */
export function dayName(day: string): string {
  const { t } = i18n.global;
  return t((WEEK as readonly string[]).includes(day) ? `admin.seats.week.${day}` : `admin.seats.kinds.${day}`);
}

export function timesText(shift: { start: string; end: string }): string {
  const { t } = i18n.global;
  if (shift.start === "00:00" && shift.end === "24:00") return t("admin.seats.everyShift");
  const isOvernight = shift.end <= shift.start;
  return `${shift.start}–${isOvernight ? `${t("admin.seats.overnight")} ` : ""}${shift.end}`;
}

export function shiftText(shift: Shift): string {
  const gap = i18n.global.locale.value === "en" ? ", " : "、";
  return `${shift.days.map(dayName).join(gap)} ${timesText(shift)}`;
}

export function shiftsText(shifts: readonly Shift[]): string {
  return shifts.length ? shifts.map(shiftText).join("；") : i18n.global.t("admin.seats.always");
}
