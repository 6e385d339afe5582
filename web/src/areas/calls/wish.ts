import type { LocationQuery } from "vue-router";

import type { paths } from "@/api/schema";

import { dayText } from "./time";

export type CallsQuery = NonNullable<paths["/api/v1/calls"]["get"]["parameters"]["query"]>;

/** What calls are looked for; empty fields are no wish. */
export interface CallsWish {
  days: [string, string] | null;
  number: string;
  seat: string;
  city: string;
  group: string;
  category: string;
  outcome: string;
  record: string;
  rated: number | null;
  words: string;
  page: number;
  size: number;
}

export function emptyWish(): CallsWish {
  return {
    days: [dayText(6), dayText()],
    number: "",
    seat: "",
    city: "",
    group: "",
    category: "",
    outcome: "",
    record: "",
    rated: null,
    words: "",
    page: 1,
    size: 20,
  };
}

/** The wish that the address of the page holds. */
export function wishOf(query: LocationQuery): CallsWish {
  const wish = emptyWish();
  const text = (name: string): string => (typeof query[name] === "string" ? (query[name] as string) : "");
  for (const name of ["number", "seat", "city", "group", "category", "outcome", "record", "words"] as const) wish[name] = text(name);
  if (text("first") && text("last")) wish.days = [text("first"), text("last")];
  if (text("rated")) wish.rated = Number(text("rated"));
  wish.page = Math.max(1, Math.trunc(Number(text("page"))) || 1);
  return wish;
}

/** As people write numbers: 0431-8555 0123, (0431)85550123, +86 139…; what else it is, the server refuses. */
const digits = (typed: string): string => typed.normalize("NFKC").replace(/[\s+().-]/g, "");

/** The wish as the API takes it: only what is wished for. */
export function asQuery(wish: CallsWish): CallsQuery {
  const { days, rated, number, seat, ...texts } = wish;
  const whole = { ...texts, number: digits(number), seat: digits(seat), first: days?.[0], last: days?.[1], rated };
  return Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== "" && value != null)) as CallsQuery;
}

/** The wish as the page's address holds it: the first page and its size go without saying. */
export function asAddress(wish: CallsWish): Record<string, string> {
  const said = Object.entries(asQuery(wish)).filter(([name, value]) => name !== "size" && !(name === "page" && value === 1));
  return Object.fromEntries(said.map(([name, value]) => [name, String(value)]));
}
