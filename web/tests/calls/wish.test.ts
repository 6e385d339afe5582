import { expect, test } from "vitest";

import { asAddress, asQuery, emptyWish, wishOf } from "@/areas/calls/wish";

test("an address that says nothing asks for the last seven days, its first page", () => {
  expect(wishOf({})).toEqual(emptyWish());
  expect(Object.keys(asAddress(emptyWish()))).toEqual(["first", "last"]);
});

test("the address keeps a search whole", () => {
  const wish = { ...emptyWish(), number: "0123", outcome: "answered", rated: 5, words: "拖欠 工资", page: 3 };
  expect(wishOf(asAddress(wish))).toEqual(wish);
});

test.each(["0431-8555 0123", "（0431）85550123", "０４３１８５５５０１２３"])("a number may be written %s", (number) => {
  expect(asQuery({ ...emptyWish(), number }).number).toBe("043185550123");
});

test("a number that is none goes to the server, which refuses it", () => {
  expect(asQuery({ ...emptyWish(), number: "老王" }).number).toBe("老王");
});

test.each(["0", "-2", "1.5", "x"])("page %s of an address is the first", (page) => {
  expect(wishOf({ page }).page).toBe(1);
});
