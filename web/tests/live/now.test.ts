import { describe, expect, it } from "vitest";

import { setServerTime, shanghaiNow } from "@/now";

describe("the time in Shanghai", () => {
  it("is a day ahead of Greenwich from four in its afternoon", () => {
    setServerTime("2026-12-31T16:00:00Z");
    expect(shanghaiNow()).toMatch(/^2027-01-01T00:00:0\d$/);
  });
});
