import type { Year } from "./calendar";

export type DayKind = "off" | "worked" | "normal";

/** 2026-01-04 and so on, in the calendar's own days: no clock, no time zone. */
export function dayText(date: Date): string {
  const two = (n: number) => String(n).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export function dateOf(day: string): Date {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return new Date(year, month - 1, date);
}

export function addDays(day: string, n: number): string {
  const date = dateOf(day);
  date.setDate(date.getDate() + n);
  return dayText(date);
}

/** Each day off with its holiday's name. */
export function daysOff(year: Year): Map<string, string> {
  const found = new Map<string, string>();
  for (const { name, first, last } of year.holidays)
    for (let day = first; day <= last && found.size < 400; day = addDays(day, 1)) found.set(day, name);
  return found;
}

/** The year with one day counted otherwise; days off that follow one another under one name stay one line. */
export function withDay(year: Year, day: string, kind: DayKind, name: string): Year {
  const off = daysOff(year);
  off.delete(day);
  if (kind === "off") off.set(day, name);
  const workdays = year.workdays.filter((one) => one !== day);
  if (kind === "worked") workdays.push(day);
  const holidays: Year["holidays"] = [];
  for (const one of [...off.keys()].sort()) {
    const last = holidays.at(-1);
    const called = off.get(one) ?? "";
    if (last && last.name === called && addDays(last.last, 1) === one) last.last = one;
    else holidays.push({ name: called, first: one, last: one });
  }
  return { ...year, holidays, workdays: workdays.sort() };
}

/** The days of a month as weeks that begin on Monday; null before its first and behind its last. */
export function weeksOf(year: number, month: number): (string | null)[][] {
  const first = new Date(year, month - 1, 1);
  const count = new Date(year, month, 0).getDate();
  const before = (first.getDay() + 6) % 7;
  const cells: (string | null)[] = Array.from({ length: before }, () => null);
  for (let date = 1; date <= count; date += 1) cells.push(dayText(new Date(year, month - 1, date)));
  while (cells.length % 7) cells.push(null);
  return Array.from({ length: cells.length / 7 }, (_, n) => cells.slice(n * 7, n * 7 + 7));
}
