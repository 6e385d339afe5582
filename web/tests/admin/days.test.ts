import { describe, expect, it } from "vitest";

import { addDays, daysOff, weeksOf, withDay } from "@/areas/admin/calendar/days";

const YEAR = {
  year: 2026,
  source: "通知",
  holidays: [{ name: "元旦", first: "2026-01-01", last: "2026-01-03" }],
  workdays: ["2026-01-04"],
};

describe("a year of holidays", () => {
  it("names each day off", () => {
    expect([...daysOff(YEAR)]).toEqual([
      ["2026-01-01", "元旦"],
      ["2026-01-02", "元旦"],
      ["2026-01-03", "元旦"],
    ]);
  });

  it("parts a holiday in two when a day in its middle is none any more, and joins it again", () => {
    const parted = withDay(YEAR, "2026-01-02", "normal", "");
    expect(parted.holidays.map(({ first, last }) => [first, last])).toEqual([
      ["2026-01-01", "2026-01-01"],
      ["2026-01-03", "2026-01-03"],
    ]);
    expect(withDay(parted, "2026-01-02", "off", "元旦")).toEqual(YEAR);
  });

  it("keeps holidays of two names apart though they follow one another", () => {
    const more = withDay(YEAR, "2026-01-04", "off", "补休");
    expect(more.holidays.map((one) => one.name)).toEqual(["元旦", "补休"]);
    expect(more.workdays).toEqual([]);
  });

  it("counts a weekend day as worked in the order of the year", () => {
    const more = withDay(withDay(YEAR, "2026-10-10", "worked", ""), "2026-02-14", "worked", "");
    expect(more.workdays).toEqual(["2026-01-04", "2026-02-14", "2026-10-10"]);
  });
});

describe("the picture of a month", () => {
  it("has weeks that begin on Monday", () => {
    const weeks = weeksOf(2026, 2); // 1 February 2026 is a Sunday
    expect(weeks[0]).toEqual([null, null, null, null, null, null, "2026-02-01"]);
    expect(weeks.at(-1)?.slice(0, 7)).toEqual([
      "2026-02-23",
      "2026-02-24",
      "2026-02-25",
      "2026-02-26",
      "2026-02-27",
      "2026-02-28",
      null,
    ]);
  });

  it("knows leap days and the turn of the year", () => {
    expect(weeksOf(2028, 2).flat().filter(Boolean)).toHaveLength(29);
    expect(addDays("2026-12-31", 1)).toBe("2027-01-01");
    expect(addDays("2026-03-01", -1)).toBe("2026-02-28");
  });
});
