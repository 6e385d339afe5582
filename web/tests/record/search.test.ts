import { match } from "pinyin-pro";
import { describe, expect, it } from "vitest";

import { likely, search, toTaxonomy } from "@/areas/desk/record/taxonomy";

const LIST = toTaxonomy({
  categories: [
    { code: "06", name: "劳动合同", items: [{ code: "0601", name: "未签书面合同", queue: "劳动" }, { code: "0603", name: "试用期", queue: "劳动" }] },
    { code: "07", name: "劳动报酬与社保福利", items: [{ code: "0701", name: "拖欠工资", queue: "劳动" }, { code: "0702", name: "农民工欠薪", queue: "劳动" }] },
    { code: "09", name: "劳务与新就业形态", items: [{ code: "0903", name: "平台用工(骑手/网约车)", queue: "劳动" }] },
    { code: "25", name: "金融保险", items: [{ code: "2501", name: "银行贷款", queue: "合同" }] },
  ],
  groups: { labour: ["06", "07"], contract: ["25"] },
});
const codes = (query: string, limit?: number): string[] => search(LIST, query, limit, match).map((item) => item.code);

describe("search for a category", () => {
  it.each([
    ["0702", "0702"],
    ["欠薪", "0702"],
    ["tqgz", "0701"],
    ["tuoqiangongzi", "0701"],
    ["TuoQian", "0701"],
    ["拖欠gz", "0701"],
    ["syq", "0603"],
    ["yhdk", "2501"],
    ["yinhang", "2501"],
    ["qishou", "0903"],
  ])("by %s finds the item first", (query, code) => {
    expect(codes(query)[0]).toBe(code);
  });

  it("finds the items of a category by its name", () => {
    expect(codes("金融")).toEqual(["2501"]);
    expect(codes("ldht")).toEqual(["0601", "0603"]);
  });

  it("puts neighbouring characters before scattered ones", () => {
    expect(codes("gz")).toEqual(["0701"]);
    expect(codes("yg")[0]).toBe("0903");
  });

  it("finds nothing for what does not fit, or for nothing", () => {
    expect(codes("zzzz")).toEqual([]);
    expect(codes("  ")).toEqual([]);
    expect(codes("劳动", 2)).toHaveLength(2);
  });
});

it("offers what callers of the group ask about; of no group everything", () => {
  expect(likely(LIST, "contract").map((item) => item.code)).toEqual(["2501"]);
  expect(likely(LIST, null)).toHaveLength(LIST.items.length);
});
